"""What of a snapshot's future is known, and when."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.labels import HORIZON_DAYS, churn_labels, known_labels, silence_labels

S = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def snapshot(**own: object) -> pl.DataFrame:
    """One snapshot at ``S``."""
    plain = {
        "account": 0,
        "as_of": S,
        "started_on": None,
        "churned_on": None,
        "last_inbound_at": S - 5 * DAY,
        "next_inbound_at": None,
    }
    instant = pl.Datetime("us", "UTC")
    schema = {
        "account": pl.UInt32(),
        "as_of": instant,
        "started_on": pl.Date(),
        "churned_on": pl.Date(),
        "last_inbound_at": instant,
        "next_inbound_at": instant,
    }
    return pl.DataFrame([plain | own], schema=schema)


def event(rows: pl.DataFrame, as_of: dt.datetime) -> bool | str | None:
    """Whether the account of a snapshot left within the horizon, as known at an instant; ``out`` if it is no row."""
    found = known_labels(churn_labels(rows, as_of=as_of, timezone="UTC"))
    answer: bool | None = found["event"].item() if found.height else None
    return answer if found.height else "out"


@pytest.mark.parametrize(
    ("churned_after", "known_after", "expected"),
    [
        (90, 90, True),  # the last day of the horizon
        (91, 91, False),
        (1, 1, True),  # known as soon as it happened
        (60, 59, None),  # not yet
        (None, 89, None),
        (None, 90, False),
        (0, 90, "out"),  # gone already
    ],
)
def test_churn_within_the_horizon(
    churned_after: int | None, known_after: int, expected: bool | str | None
) -> None:
    """The churn date lies in (s, s + 90 d]; it is known once the horizon has passed or the account has left."""
    churned_on = None if churned_after is None else (S + churned_after * DAY).date()
    assert event(snapshot(churned_on=churned_on), S + known_after * DAY) == expected


def test_days_are_those_of_the_company() -> None:
    """Late on a Sunday in UTC it is Monday in Sydney, where the customer has left by then."""
    late = dt.datetime(2026, 3, 1, 20, tzinfo=dt.UTC)
    rows = snapshot(as_of=late, churned_on=dt.date(2026, 3, 2))
    assert churn_labels(rows, as_of=late + 90 * DAY, timezone="UTC").height == 1
    assert churn_labels(rows, as_of=late + 90 * DAY, timezone="Australia/Sydney").height == 0


def test_who_has_not_started_is_no_row() -> None:
    """A snapshot counts from the day on which the account starts."""
    assert event(snapshot(started_on=(S + DAY).date()), S + 90 * DAY) == "out"
    assert event(snapshot(started_on=S.date()), S + 90 * DAY) is False


@pytest.mark.slow
@settings(deadline=None)
@given(st.integers(1, 300), st.integers(0, 200), st.integers(1, 300))
def test_what_happens_later_is_not_known(churned: int, at: int, moved: int) -> None:
    """A churn after the instant at which one knows may as well be another day, or never."""
    when = S + at * DAY
    later = max(churned, at + 1)
    rows = [snapshot(churned_on=day and (S + day * DAY).date()) for day in (later, later + moved, None)]
    answers = [event(one, when) for one in rows]
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.slow
@settings(deadline=None)
@given(st.integers(1, 200), st.integers(0, 400))
def test_what_is_known_stays_known(churned: int, at: int) -> None:
    """A label never changes once there is one."""
    rows = snapshot(churned_on=(S + churned * DAY).date())
    before, after = event(rows, S + at * DAY), event(rows, S + (at + 30) * DAY)
    assert before is None or before == after


def silent(rows: pl.DataFrame, as_of: dt.datetime) -> bool | str | None:
    """Whether the account went silent."""
    found = known_labels(silence_labels(rows, as_of=as_of, timezone="UTC"))
    return found["event"].item() if found.height else "out"


def test_going_silent() -> None:
    """No mail within 90 days of the snapshot, from an account that wrote within the 90 before it."""
    end = S + HORIZON_DAYS * DAY
    assert silent(snapshot(), end) is True
    assert silent(snapshot(next_inbound_at=end), end) is False
    assert silent(snapshot(next_inbound_at=end + DAY), end) is True
    assert silent(snapshot(), end - DAY) is None
    assert silent(snapshot(last_inbound_at=S - 91 * DAY), end) == "out"
    assert silent(snapshot(churned_on=S.date()), end) == "out"
