"""Whether the risk of an account can be judged."""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from mailsignals.risk.state import JUDGED, STATES, state

AT = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
TODAY, TOMORROW = dt.date(2026, 6, 1), dt.date(2026, 6, 2)
QUARTER, TICK = dt.timedelta(days=90), dt.timedelta(microseconds=1)
CALM = {
    "churned_on": None,
    "started_on": None,
    "visibility_gap_90": 0.0,
    "first_inbound_at": AT - 300 * dt.timedelta(days=1),
    "last_inbound_at": AT - dt.timedelta(days=1),
    "usual_quiet": 0.1,
}
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "churned_on": pl.Date,
    "started_on": pl.Date,
    "visibility_gap_90": pl.Float64,
    "first_inbound_at": pl.Datetime("us", "UTC"),
    "last_inbound_at": pl.Datetime("us", "UTC"),
    "usual_quiet": pl.Float64,
}
MUTE: dict[str, Any] = {"first_inbound_at": None, "last_inbound_at": None, "usual_quiet": None}
LAPSED: dict[str, Any] = {"last_inbound_at": AT - QUARTER - TICK}
NEW: dict[str, Any] = {"first_inbound_at": AT - QUARTER + TICK}


def state_of(account: dict[str, Any], *, at: dt.datetime = AT, timezone: str = "Europe/Berlin") -> object:
    """The state of one account that is calm but for what is said of it."""
    frame = pl.DataFrame([CALM | account], schema=SCHEMA)
    return frame.select(state(at, timezone=timezone, max_visibility_gap=0.5)).item()


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ({}, "active"),
        ({"visibility_gap_90": 0.5}, "active"),
        ({"visibility_gap_90": 0.5000001}, "not_enough_sight"),
        ({"visibility_gap_90": None}, "active"),
        (MUTE, "never_heard"),
        ({"last_inbound_at": AT - QUARTER}, "active"),
        (LAPSED, "lapsed"),
        ({"first_inbound_at": AT - QUARTER}, "active"),
        (NEW, "new"),
        ({"usual_quiet": 0.4999}, "active"),
        ({"usual_quiet": 0.5}, "seldom_writes"),
        ({"usual_quiet": None}, "active"),
        ({"started_on": TODAY}, "active"),
        ({"started_on": TOMORROW}, "not_started"),
        ({"churned_on": TODAY}, "churned"),
        ({"churned_on": TOMORROW}, "active"),
        # The first that applies.
        ({"churned_on": TODAY, "started_on": TOMORROW} | MUTE, "churned"),
        ({"started_on": TOMORROW} | MUTE, "not_started"),
        (LAPSED | {"visibility_gap_90": 0.9, "usual_quiet": 0.9}, "lapsed"),
        (NEW | {"visibility_gap_90": 0.9, "usual_quiet": 0.9}, "not_enough_sight"),
        (NEW | {"usual_quiet": 0.9}, "new"),
    ],
)
def test_the_first_state_that_applies(account: dict[str, object], expected: str) -> None:
    """Unknown is a state of its own: each has its condition, up to its edge, and the first that applies holds."""
    assert state_of(account) == expected
    assert expected in STATES


def test_only_who_writes_in_sight_is_judged() -> None:
    """Risk is for accounts that wrote within 90 days and whose mail is in sight."""
    assert set(STATES) - set(JUDGED) == {
        "lapsed",
        "never_heard",
        "not_enough_sight",
        "churned",
        "not_started",
    }


@pytest.mark.parametrize(
    ("timezone", "utc_hour"), [("Europe/Berlin", 22), ("Asia/Tokyo", 15), ("America/New_York", 4)]
)
def test_a_day_begins_at_the_midnight_of_the_company(timezone: str, utc_hour: int) -> None:
    """A contract ends and begins at local midnight, to the microsecond."""
    day = TODAY if utc_hour < 12 else TOMORROW
    midnight = dt.datetime(2026, 6, 1, utc_hour, tzinfo=dt.UTC)
    before = midnight - TICK
    ends = [state_of({"churned_on": day}, at=at, timezone=timezone) for at in (before, midnight)]
    begins = [state_of({"started_on": day}, at=at, timezone=timezone) for at in (before, midnight)]
    assert ends == ["active", "churned"]
    assert begins == ["not_started", "active"]
