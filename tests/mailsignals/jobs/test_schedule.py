"""When jobs are due, whatever clocks do."""

import datetime as dt
import itertools
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsignals.jobs.schedule import Daily, Every, occasion

ZONES = st.sampled_from(sorted(available_timezones()))
DAYS = st.dates(dt.date(1970, 1, 3), dt.date(2100, 1, 1))
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
INSTANTS = st.integers(365, 47_000).flatmap(
    lambda day: st.timedeltas(dt.timedelta(days=day), dt.timedelta(days=day + 1)).map(
        lambda since: dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + since
    )
)
HOUR = dt.timedelta(hours=1)


def chain(rule: Daily, start: dt.datetime, count: int) -> list[dt.datetime]:
    """So many occasions, one after the other."""
    found = [start]
    for _ in range(count):
        following = rule.next_after(found[-1])
        assert following is not None
        found.append(following)
    return found[1:]


@given(zone=ZONES, day=DAYS, at=TIMES)
def test_every_day_of_every_zone_has_one_occasion(zone: str, day: dt.date, at: dt.time) -> None:
    """Over a fortnight, clock changes or not, each day that the zone has comes up once, in order."""
    rule = Daily(at=at, zones=(zone,))
    days = [day + dt.timedelta(days=number) for number in range(14)]
    expected = [found for each in days if (found := occasion(each, at, zone)) is not None]
    assert len(expected) >= 13  # a zone that changes sides of the date line has a day less
    assert all(later - earlier > 20 * HOUR for earlier, later in itertools.pairwise(expected))
    assert chain(rule, expected[0] - dt.timedelta(seconds=1), len(expected)) == expected
    lasts = [rule.last_until(found) for found in expected]
    assert lasts == expected


@given(zone=ZONES, day=DAYS, at=TIMES)
def test_an_occasion_is_at_its_time_unless_the_clock_skips_it(zone: str, day: dt.date, at: dt.time) -> None:
    """The clock on the wall shows the time, or has just jumped over it."""
    found = occasion(day, at, zone)
    if found is None:
        return
    shown = found.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    late = shown - dt.datetime.combine(day, at)
    before = (found - dt.timedelta(days=1)).astimezone(ZoneInfo(zone)).utcoffset()
    after = (found + dt.timedelta(days=1)).astimezone(ZoneInfo(zone)).utcoffset()
    assert late == dt.timedelta() or (dt.timedelta() < late <= 2 * HOUR and before != after)


@pytest.mark.slow
@given(
    at=INSTANTS, zones=st.lists(ZONES, min_size=1, max_size=3), days=st.sets(st.integers(0, 6), min_size=1)
)
def test_next_and_last_agree(at: dt.datetime, zones: list[str], days: set[int]) -> None:
    """Nothing lies between the last occasion and the next, and the next is the last once it has come."""
    rule = Daily(at=dt.time(8), zones=tuple(zones), weekdays=frozenset(days))
    last, following = rule.last_until(at), rule.next_after(at)
    assert last is not None
    assert following is not None
    assert last <= at < following
    assert rule.next_after(last) == following
    assert rule.last_until(following) == following
    assert rule.last_until(following - dt.timedelta(microseconds=1)) == last


@given(at=INSTANTS, minutes=st.integers(1, 1440))
def test_an_interval_does_not_depend_on_when_it_was_begun(at: dt.datetime, minutes: int) -> None:
    """Occasions lie on one grid for everybody."""
    rule = Every(minutes=minutes)
    last, following = rule.last_until(at), rule.next_after(at)
    assert last <= at < following == last + dt.timedelta(minutes=minutes)
    assert rule.next_after(last) == following
    assert rule.last_until(following) == following


def test_clock_changes_neither_skip_nor_double() -> None:
    """In Berlin 02:30 is skipped on 29 March 2026 and comes twice on 25 October."""
    rule = Daily(at=dt.time(2, 30), zones=("Europe/Berlin",))
    spring = chain(rule, dt.datetime(2026, 3, 27, 12, tzinfo=dt.UTC), 3)
    assert [f"{each:%d %H:%M}" for each in spring] == ["28 01:30", "29 01:30", "30 00:30"]
    autumn = chain(rule, dt.datetime(2026, 10, 23, 12, tzinfo=dt.UTC), 3)
    assert [f"{each:%d %H:%M}" for each in autumn] == ["24 00:30", "25 00:30", "26 01:30"]


def test_a_day_that_a_zone_skips_has_no_occasion() -> None:
    """Samoa had no 30 December 2011."""
    assert occasion(dt.date(2011, 12, 30), dt.time(8), "Pacific/Apia") is None
    rule = Daily(at=dt.time(8), zones=("Pacific/Apia",))
    days = chain(rule, dt.datetime(2011, 12, 28, 12, tzinfo=dt.UTC), 3)
    assert [each.astimezone(ZoneInfo("Pacific/Apia")).day for each in days] == [28, 29, 31]


def test_weekends_holidays_and_months() -> None:
    """Only its days count; a rule that has none is never due."""
    workdays = Daily(
        at=dt.time(8),
        zones=("Europe/Berlin",),
        weekdays=frozenset(range(5)),
        holidays=frozenset({dt.date(2026, 12, 25)}),
    )
    days = chain(workdays, dt.datetime(2026, 12, 23, 12, tzinfo=dt.UTC), 3)
    assert [each.day for each in days] == [24, 28, 29]
    monthly = Daily(at=dt.time(3), zones=("UTC",), first_of_month=True)
    assert [each.month for each in chain(monthly, days[0], 3)] == [1, 2, 3]
    never = Daily(at=dt.time(8), zones=("UTC",), weekdays=frozenset())
    assert (never.next_after(days[0]), never.last_until(days[0])) == (None, None)
