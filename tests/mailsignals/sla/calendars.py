"""Random calendars in zones whose clocks do odd things, as the oracle has them, and instants near their changes."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.mailsignals.sla.oracle_hours import Hours

ZONES = (
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/St_Johns",
    "UTC",
)
CHANGES = (
    dt.datetime(2026, 3, 29, 1, tzinfo=dt.UTC),  # Berlin, forward
    dt.datetime(2026, 10, 25, 1, tzinfo=dt.UTC),  # Berlin, back
    dt.datetime(2018, 11, 4, 3, tzinfo=dt.UTC),  # São Paulo, forward at midnight
    dt.datetime(2018, 2, 18, 2, tzinfo=dt.UTC),  # São Paulo, back at midnight
    dt.datetime(2026, 4, 4, 15, tzinfo=dt.UTC),  # Lord Howe, back by half an hour
    dt.datetime(2026, 10, 3, 15, 30, tzinfo=dt.UTC),  # Lord Howe, forward
    dt.datetime(2011, 12, 30, 10, tzinfo=dt.UTC),  # Apia leaves out a day
    dt.datetime(2011, 4, 2, 14, tzinfo=dt.UTC),  # Apia, back
    dt.datetime(2010, 3, 14, 3, 31, tzinfo=dt.UTC),  # St John's, one minute after midnight
    dt.datetime(2024, 2, 28, 12, tzinfo=dt.UTC),  # nothing
)
_MINUTES = (0, 1, 60, 119, 120, 150, 180, 540, 547, 720, 780, 1050, 1380, 1439, 1440)


def days() -> st.SearchStrategy[tuple[tuple[int, int], ...]]:
    """The open stretches of a day, in order; some touch each other."""
    marks = st.lists(st.sampled_from(_MINUTES), max_size=6, unique=True).map(sorted)
    return st.one_of(
        marks.map(lambda found: tuple(zip(found[::2], found[1::2], strict=False))),
        st.sampled_from(((), ((0, 1440),), ((540, 720), (720, 1050)))),
    )


@st.composite
def hours(draw: st.DrawFn, near: dt.datetime, *, since: dt.date | None = None) -> Hours:
    """A week's open hours with some holidays and half days near an instant; a day may be both."""
    week = tuple(draw(days()) for _ in range(7))
    if not any(week):
        week = (((540, 720),), *week[1:])
    closed = st.integers(-5, 5).map(lambda ago: near.date() + dt.timedelta(days=ago))
    return Hours(
        timezone=draw(st.sampled_from(ZONES)),
        week=week,
        holidays=frozenset(draw(st.lists(closed, max_size=3))),
        half_days=frozenset(draw(st.dictionaries(closed, days(), max_size=3)).items()),
        since=since,
    )


@st.composite
def calendars(draw: st.DrawFn, near: dt.datetime) -> Sequence[Hours]:
    """One version, or two or three of which some begin near an instant; or none, which is round the clock."""
    begins = st.integers(-4, 4).map(lambda ago: near.date() + dt.timedelta(days=ago))
    later = sorted(draw(st.sets(begins, max_size=2)))
    if draw(st.integers(0, 9)) == 0:
        return ()
    first = draw(hours(near))
    return (first, *(draw(hours(near, since=day)) for day in later))


def moments(near: dt.datetime) -> st.SearchStrategy[dt.datetime]:
    """Instants within some days of one, to the microsecond; whole and half hours among them."""
    day = 86_400_000_000
    exact = st.integers(-6 * day, 6 * day).map(lambda ago: near + dt.timedelta(microseconds=ago))
    round_ones = st.integers(-12 * 24, 12 * 24).map(lambda ago: near + dt.timedelta(minutes=30 * ago))
    return st.one_of(exact, round_ones)


def local(text: str, timezone: str) -> dt.datetime:
    """The instant of a local time."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone)).astimezone(dt.UTC)
