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
        "churn_seen_at": None,
        "silent": None,
        "churned": False,
    }
    instant = pl.Datetime("us", "UTC")
    schema = {
        "account": pl.UInt32(),
        "as_of": instant,
        "started_on": pl.Date(),
        "churned_on": pl.Date(),
        "churn_seen_at": instant,
        "silent": pl.Boolean(),
        "churned": pl.Boolean(),
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
    """Silence is known when its 90 days are over; who churned within them fell silent for a reason of their own."""
    end = S + HORIZON_DAYS * DAY
    assert silent(snapshot(silent=True), end) is True
    assert silent(snapshot(silent=False), end) is False
    assert silent(snapshot(), end) is None  # the last hours are still to come
    assert silent(snapshot(), end - DAY) is None
    assert silent(snapshot(silent=True, churned=True), end) == "out"


def test_a_churn_date_counts_from_when_it_was_seen() -> None:
    """A date that was entered late is known from then on; until then the account stayed, as far as anybody knew."""
    late = snapshot(churned_on=(S + 30 * DAY).date(), churn_seen_at=S + 100 * DAY)
    assert event(late, S + 30 * DAY) is None
    assert event(late, S + 95 * DAY) is False
    assert event(late, S + 100 * DAY) is True
    early = snapshot(churned_on=(S + 30 * DAY).date(), churn_seen_at=S - 10 * DAY)
    assert event(early, S + 29 * DAY) is None
    assert event(early, S + 30 * DAY) is True
    without = snapshot(churned_on=(S + 30 * DAY).date()).drop("churn_seen_at")
    assert event(without, S + 30 * DAY) is True
