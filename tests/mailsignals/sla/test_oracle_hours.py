"""The oracle of business time itself, against values worked out by hand."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest

from tests.mailsignals.sla.oracle_hours import Hours, Interval, begins_at, due, in_force, is_open, open_time

HOUR = dt.timedelta(hours=1)
TICK = dt.timedelta(microseconds=1)
BERLIN, LORD_HOWE, APIA, HAVANA = "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "America/Havana"


def at(local: str, timezone: str = BERLIN, *, fold: int = 0) -> dt.datetime:
    """The instant of a local time, such as ``2026-03-02 09:00``; ``fold`` 1 is the second of two."""
    return dt.datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(timezone), fold=fold).astimezone(dt.UTC)


def utc(text: str) -> dt.datetime:
    """The instant of a time in UTC."""
    return at(text, "UTC")


def daily(*open_hours: tuple[float, float], timezone: str = BERLIN, days: Sequence[int] = range(7)) -> Hours:
    """Open at these hours of these days of the week, 0 for Monday."""
    intervals: tuple[Interval, ...] = tuple(
        (round(opens * 60), round(closes * 60)) for opens, closes in open_hours
    )
    return Hours(timezone=timezone, week=tuple(intervals if day in days else () for day in range(7)))


OFFICE = [daily((9, 12), (13, 17), days=range(5))]
"""Monday to Friday, 9 to 17 with an hour for lunch, in Berlin; 2026-03-02 is a Monday."""


def test_open_hours_are_half_open() -> None:
    """The office is open from the opening minute to just before the closing one, by the local clock."""
    assert is_open(utc("2026-03-02 08:00"), OFFICE)
    assert not is_open(utc("2026-03-02 08:00") - TICK, OFFICE)
    assert is_open(at("2026-03-02 12:00") - TICK, OFFICE)
    assert not is_open(at("2026-03-02 12:00"), OFFICE)
    assert not is_open(at("2026-03-07 10:00"), OFFICE)


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-03-02 11:30", "2026-03-02 13:15", 0.75),  # over lunch
        ("2026-03-02 12:05", "2026-03-02 12:55", 0),  # during lunch
        ("2026-03-02 20:00", "2026-03-03 09:30", 0.5),  # over night
        ("2026-03-06 16:00", "2026-03-09 10:00", 2),  # over the weekend
        ("2026-03-02 00:00", "2026-03-09 00:00", 35),  # a week
        ("2026-03-02 10:00", "2026-03-02 10:00", 0),
    ],
)
def test_closed_time_does_not_count(since: str, until: str, hours: float) -> None:
    """Lunch, nights and weekends pass without business time."""
    assert open_time(at(since), at(until), OFFICE) == hours * HOUR


def test_business_time_is_exact() -> None:
    """The first and the last minute count as far as they are between the instants, to the microsecond."""
    seconds = dt.timedelta(seconds=1)
    since, until = at("2026-03-02 11:59") + 30 * seconds + TICK, at("2026-03-02 13:00") + 7 * seconds + TICK
    assert open_time(since, until, OFFICE) == 37 * seconds
    assert due(since, 37 * seconds, OFFICE) == until
    assert open_time(at("2026-03-02 10:00"), at("2026-03-02 10:00") + TICK, OFFICE) == TICK


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("2026-03-06 15:00", 2, "2026-03-06 17:00"),  # used up at closing time: not on Monday
        ("2026-03-06 15:00", 2.5, "2026-03-09 09:30"),
        ("2026-03-02 11:00", 1, "2026-03-02 12:00"),  # used up at lunch
        ("2026-03-02 11:00", 2, "2026-03-02 14:00"),
        ("2026-03-02 12:30", 1, "2026-03-02 14:00"),  # starts at lunch
        ("2026-03-07 11:00", 1, "2026-03-09 10:00"),  # starts on a Saturday
        ("2026-03-02 09:00", 7, "2026-03-02 17:00"),
        ("2026-03-02 09:00", 35, "2026-03-06 17:00"),
        ("2026-03-07 11:00", 0, "2026-03-07 11:00"),  # nothing is due at once, even when closed
    ],
)
def test_due_is_the_first_instant_at_which_the_time_is_used_up(
    start: str, hours: float, expected: str
) -> None:
    """Time that is used up at closing time is due then; a microsecond more is due after the next opening."""
    assert due(at(start), hours * HOUR, OFFICE) == at(expected)


def test_a_microsecond_more_than_the_day_has_is_due_on_the_next() -> None:
    """What does not fit before the weekend is due on Monday."""
    assert due(at("2026-03-06 15:00"), 2 * HOUR + TICK, OFFICE) == at("2026-03-09 09:00") + TICK


def test_a_skipped_hour_does_not_count() -> None:
    """On 2026-03-29 clocks in Berlin go from 2:00 to 3:00, so 1:30 to 3:30 is one hour, and the day has 23."""
    assert open_time(utc("2026-03-29 00:00"), utc("2026-03-29 02:00"), [daily((1.5, 3.5))]) == HOUR
    assert open_time(utc("2026-03-28 12:00"), utc("2026-03-29 12:00"), [daily((2, 3))]) == 0 * HOUR
    assert open_time(at("2026-03-29 00:00"), at("2026-03-30 00:00"), [daily((0, 24))]) == 23 * HOUR
    assert due(utc("2026-03-29 00:30"), 1.5 * HOUR, [daily((1.5, 4))]) == at("2026-03-29 04:00")


def test_a_repeated_hour_counts_twice() -> None:
    """On 2026-10-25 clocks in Berlin go from 3:00 back to 2:00, so 2:00 to 3:00 is two hours, and the day has 25."""
    early = [daily((2, 3))]
    assert open_time(at("2026-10-25 00:00"), at("2026-10-26 00:00"), early) == 2 * HOUR
    assert open_time(at("2026-10-25 00:00"), at("2026-10-26 00:00"), [daily((0, 24))]) == 25 * HOUR
    assert due(utc("2026-10-25 00:00"), 1.5 * HOUR, early) == at("2026-10-25 02:30", fold=1)
    # 2:15 to 2:45 comes twice, with half an hour between.
    assert due(utc("2026-10-25 00:00"), 0.75 * HOUR, [daily((2.25, 2.75))]) == utc("2026-10-25 01:30")


def test_half_an_hour_may_be_skipped_or_repeated() -> None:
    """Lord Howe's clocks repeat 1:30 to 2:00 on 2026-04-05, and skip 2:00 to 2:30 on 2026-10-04."""
    since, until = at("2026-04-05 00:00", LORD_HOWE), at("2026-04-05 05:00", LORD_HOWE)
    assert until - since == 5.5 * HOUR
    assert open_time(since, until, [daily((1, 2), timezone=LORD_HOWE)]) == 1.5 * HOUR
    since, until = at("2026-10-04 00:00", LORD_HOWE), at("2026-10-04 05:00", LORD_HOWE)
    assert until - since == 4.5 * HOUR
    assert open_time(since, until, [daily((2, 3), timezone=LORD_HOWE)]) == 0.5 * HOUR
    # 10:00 by the summer clock, 11 hours ahead of UTC.
    assert is_open(utc("2026-10-03 23:00"), [daily((10, 11), timezone=LORD_HOWE)])


def test_a_day_may_be_missing() -> None:
    """Apia had no 2011-12-30: Thursday's midnight was Saturday's, so a Friday's hours never came."""
    since, until = at("2011-12-29 09:00", APIA), at("2011-12-31 17:00", APIA)
    assert (since, until) == (utc("2011-12-29 19:00"), utc("2011-12-31 03:00"))
    assert open_time(since, until, [daily((9, 17), timezone=APIA)]) == 16 * HOUR
    friday = [daily((9, 17), timezone=APIA, days=[4])]
    assert open_time(since, until, friday) == 0 * HOUR
    assert due(since, HOUR, friday) == at("2012-01-06 10:00", APIA)


def test_a_holiday_is_a_local_date() -> None:
    """A holiday is closed from local midnight to local midnight, whatever the date is in UTC."""
    auckland = dataclasses.replace(
        daily((0, 24), timezone="Pacific/Auckland"), holidays=frozenset({dt.date(2026, 2, 6)})
    )
    # Auckland is 13 hours ahead of UTC in February.
    since, until = utc("2026-02-05 00:00"), utc("2026-02-07 00:00")
    assert open_time(since, until, [auckland]) == 24 * HOUR
    assert due(since, 11 * HOUR, [auckland]) == utc("2026-02-05 11:00")
    assert due(since, 12 * HOUR, [auckland]) == utc("2026-02-06 12:00")


def test_a_half_day_has_hours_of_its_own() -> None:
    """They stand in the place of the weekday's; a holiday stays closed, and other days stay as they are."""
    half = frozenset({(dt.date(2026, 3, 3), ((540, 660),)), (dt.date(2026, 3, 4), ((540, 660),))})
    calendar = [
        dataclasses.replace(OFFICE[0], half_days=half, holidays=frozenset({dt.date(2026, 3, 4)})),
    ]
    assert open_time(at("2026-03-03 00:00"), at("2026-03-04 00:00"), calendar) == 2 * HOUR
    assert open_time(at("2026-03-02 00:00"), at("2026-03-09 00:00"), calendar) == (35 - 5 - 7) * HOUR
    assert due(at("2026-03-03 10:00"), 2 * HOUR, calendar) == at("2026-03-05 10:00")


def test_hours_may_go_on_over_midnight() -> None:
    """A day that closes at 24:00 goes over into one that opens at 0:00; intervals that overlap count once."""
    assert open_time(at("2026-03-02 23:00"), at("2026-03-03 01:00"), [daily((0, 1), (23, 24))]) == 2 * HOUR
    assert open_time(at("2026-03-02 00:00"), at("2026-03-03 00:00"), [daily((9, 12), (11, 14))]) == 5 * HOUR


def test_each_day_has_the_hours_of_its_version() -> None:
    """A version holds from its first day's local midnight; the earliest one holds before it too."""
    long = dataclasses.replace(daily((8, 18)), since=dt.date(2026, 3, 1))
    short = dataclasses.replace(daily((10, 12)), since=dt.date(2026, 3, 4))
    calendar = [short, long]
    assert open_time(at("2026-02-27 00:00"), at("2026-02-28 00:00"), calendar) == 10 * HOUR
    assert open_time(at("2026-03-03 00:00"), at("2026-03-05 00:00"), calendar) == 12 * HOUR
    assert due(at("2026-03-03 17:00"), 2 * HOUR, calendar) == at("2026-03-04 11:00")
    assert in_force(at("2026-03-04 00:00") - TICK, calendar) == long
    assert in_force(at("2026-03-04 00:00"), calendar) == short


def test_a_version_begins_in_its_own_time_zone() -> None:
    """Who moves to Tokyo on March 4 keeps Berlin's hours until midnight in Tokyo, 16:00 of March 3 in Berlin."""
    tokyo = dataclasses.replace(daily((0, 24), timezone="Asia/Tokyo"), since=dt.date(2026, 3, 4))
    calendar = [daily((9, 17)), tokyo]
    assert begins_at(tokyo) == utc("2026-03-03 15:00")
    # 9:00 to 16:00 by Berlin's hours, then 8 hours around the clock.
    assert open_time(at("2026-03-03 00:00"), at("2026-03-04 00:00"), calendar) == 15 * HOUR


@pytest.mark.parametrize(
    ("timezone", "day", "begins"),
    [
        (BERLIN, "2026-03-29", "2026-03-28 23:00"),
        (HAVANA, "2026-03-08", "2026-03-08 05:00"),  # midnight is skipped: the day begins at 1:00
        (HAVANA, "2026-11-01", "2026-11-01 04:00"),  # midnight comes twice: the first counts
        (APIA, "2011-12-30", "2011-12-30 10:00"),  # the day is missing: the next one counts
        (APIA, "2011-12-31", "2011-12-30 10:00"),
    ],
)
def test_a_version_begins_with_its_first_day(timezone: str, day: str, begins: str) -> None:
    """Where midnight is skipped or repeated, a day begins at its first instant."""
    hours = dataclasses.replace(daily(timezone=timezone), since=dt.date.fromisoformat(day))
    assert begins_at(hours) == utc(begins)


def test_without_a_calendar_the_clock_runs_on() -> None:
    """A calendar without versions is round the clock."""
    since = at("2026-03-28 12:00")
    assert open_time(since, at("2026-03-30 12:00"), []) == 47 * HOUR
    assert due(since, 47 * HOUR, []) == at("2026-03-30 12:00")
    assert open_time(since, since + 1000 * HOUR, [daily((0, 24))]) == 1000 * HOUR


@pytest.mark.slow
def test_what_is_never_open_is_never_due() -> None:
    """The search for a due time ends after so many days, and finds what is due at its very end."""
    start = at("2026-03-02 10:00")
    assert due(start, HOUR, [daily()]) is None
    assert due(start, 48 * HOUR, [daily((0, 24))], days=2) == start + 48 * HOUR
    assert due(start, 48 * HOUR + TICK, [daily((0, 24))], days=2) is None


@pytest.mark.slow
def test_a_due_time_is_where_business_time_reaches_the_amount() -> None:
    """Up to the due time the amount has passed, and a microsecond before it has not."""
    calendar = [dataclasses.replace(OFFICE[0], holidays=frozenset({dt.date(2026, 3, 5)}))]
    for minutes in range(0, 6 * 1440, 487):
        start = at("2026-03-02 00:00") + minutes * HOUR / 60 + 7 * TICK
        for amount in (TICK, HOUR, 7 * HOUR, 10 * HOUR + TICK):
            due_at = due(start, amount, calendar)
            assert due_at is not None
            assert open_time(start, due_at, calendar) == amount
            assert open_time(start, due_at - TICK, calendar) == amount - TICK
