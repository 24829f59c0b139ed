"""Whether an account can be judged."""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from mailsignals.risk.state import STATES, state

AT = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
TODAY, TOMORROW = dt.date(2026, 6, 1), dt.date(2026, 6, 2)
CALM = {"churned_on": None, "started_on": None, "visibility_gap_90": 0.0, "touches_180": 50.0}
SCHEMA = {
    "churned_on": pl.Date,
    "started_on": pl.Date,
    "visibility_gap_90": pl.Float64,
    "touches_180": pl.Float64,
}


def state_of(account: dict[str, Any], *, at: dt.datetime = AT, timezone: str = "Europe/Berlin") -> object:
    """The state of one account that is calm but for what is said of it."""
    frame = pl.DataFrame([CALM | account], schema=SCHEMA)
    return frame.select(state(at, timezone=timezone, min_touches=5, max_visibility_gap=0.5)).item()


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ({}, "scored"),
        ({"visibility_gap_90": 0.5}, "scored"),
        ({"visibility_gap_90": 0.5000001}, "not_enough_sight"),
        ({"visibility_gap_90": None}, "scored"),
        ({"touches_180": 5.0}, "scored"),
        ({"touches_180": 4.0}, "not_enough_sight"),
        ({"touches_180": None}, "not_enough_sight"),
        ({"started_on": TODAY}, "scored"),
        ({"started_on": TOMORROW}, "not_started"),
        ({"churned_on": TODAY}, "churned"),
        ({"churned_on": TOMORROW}, "scored"),
        # The first that applies.
        ({"churned_on": TODAY, "started_on": TOMORROW, "touches_180": 0.0}, "churned"),
        ({"started_on": TOMORROW, "touches_180": 0.0}, "not_started"),
        ({"churned_on": TOMORROW, "touches_180": 4.0}, "not_enough_sight"),
    ],
)
def test_the_first_state_that_applies(account: dict[str, object], expected: str) -> None:
    """Churned comes before not started, that before too little sight, and whoever is left is scored."""
    assert state_of(account) == expected
    assert expected in STATES


@pytest.mark.parametrize(
    ("timezone", "utc_hour"), [("Europe/Berlin", 22), ("Asia/Tokyo", 15), ("America/New_York", 4)]
)
def test_a_day_begins_at_the_midnight_of_the_company(timezone: str, utc_hour: int) -> None:
    """A contract ends and begins at local midnight, to the microsecond."""
    day = TODAY if utc_hour < 12 else TOMORROW
    midnight = dt.datetime(2026, 6, 1, utc_hour, tzinfo=dt.UTC)
    before = midnight - dt.timedelta(microseconds=1)
    ends = [state_of({"churned_on": day}, at=at, timezone=timezone) for at in (before, midnight)]
    begins = [state_of({"started_on": day}, at=at, timezone=timezone) for at in (before, midnight)]
    assert ends == ["scored", "churned"]
    assert begins == ["not_started", "scored"]
