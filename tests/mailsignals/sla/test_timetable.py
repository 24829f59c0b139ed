"""Open time and due times as two look-ups, against a look at every minute."""

import datetime as dt
from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsignals.schema import INSTANT
from mailsignals.sla.calendars import LAST, Hours, OpenHours, stretches
from mailsignals.sla.holidays import holidays_of, problem_with
from mailsignals.sla.timetable import Timetable
from tests.mailsignals.sla import oracle_hours
from tests.mailsignals.sla.calendars import CHANGES, calendars, local, moments
from tests.mailsignals.sla.engine import hours_of

US = dt.timedelta(microseconds=1)
NINE_TO_FIVE = (OpenHours(540, 1020),)
OFFICE = [Hours(timezone="Europe/Berlin", week=(*(NINE_TO_FIVE,) * 5, (), ()))]


def open_time(
    found: Sequence[Sequence[Hours]], rows: Sequence[tuple[int, dt.datetime, dt.datetime]]
) -> list[int]:
    """The open microseconds of each row: a calendar's number and two instants."""
    table = Timetable.of(found)
    frame = pl.DataFrame(
        rows, schema={"calendar": pl.UInt32, "since": INSTANT, "until": INSTANT}, orient="row"
    )
    number = pl.col("calendar")
    return (
        frame.select(table.passed(number, pl.col("until")) - table.passed(number, pl.col("since")))
        .to_series()
        .to_list()
    )


def due(
    found: Sequence[Sequence[Hours]], rows: Sequence[tuple[int, dt.datetime, int]]
) -> list[dt.datetime | None]:
    """When so many open microseconds have passed since an instant, in each row's calendar."""
    table = Timetable.of(found)
    frame = pl.DataFrame(
        rows, schema={"calendar": pl.UInt32, "since": INSTANT, "amount": pl.Int64}, orient="row"
    )
    number = pl.col("calendar")
    return (
        frame.select(table.reached(number, table.passed(number, pl.col("since")) + pl.col("amount")))
        .to_series()
        .to_list()
    )


@pytest.mark.slow
@settings(deadline=None, max_examples=120)
@given(st.data())
def test_open_time_is_that_of_a_look_at_every_minute(data: st.DataObject) -> None:
    """Exact to the microsecond, with several calendars at once, over clock changes, holidays and new versions."""
    near = data.draw(st.sampled_from(CHANGES))
    found = data.draw(st.lists(calendars(near), min_size=1, max_size=3))
    rows = []
    for number in range(len(found)):
        since, until = sorted(data.draw(st.tuples(moments(near), moments(near))))
        rows.append((number, since, until))
    expected = [oracle_hours.open_time(since, until, found[number]) // US for number, since, until in rows]
    assert open_time([hours_of(one) for one in found], rows) == expected


@pytest.mark.slow
@settings(deadline=None, max_examples=120)
@given(st.data())
def test_due_is_the_first_instant_by_which_so_much_open_time_has_passed(data: st.DataObject) -> None:
    """The same instant that a search minute by minute finds; at closing time if the target is used up there."""
    near = data.draw(st.sampled_from(CHANGES))
    found = data.draw(st.lists(calendars(near), min_size=1, max_size=3))
    hours = st.sampled_from((0.5, 1.0, 2.0, 3.0, 4.0, 8.0, 24.0, 1 / 3_600_000_000))
    rows = [
        (number, data.draw(moments(near)), round(data.draw(hours) * 3_600_000_000))
        for number in range(len(found))
    ]
    expected = [
        oracle_hours.due(since, amount * US, found[number], days=400) for number, since, amount in rows
    ]
    got = due([hours_of(one) for one in found], rows)
    near_enough = [
        moment if moment and moment - row[1] < 390 * dt.timedelta(days=1) else None
        for moment, row in zip(got, rows, strict=True)
    ]
    assert near_enough == [
        moment if moment and moment - row[1] < 390 * dt.timedelta(days=1) else None
        for moment, row in zip(expected, rows, strict=True)
    ]


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-03-02 08:30", "2026-03-02 09:30", 0.5),  # before opening
        ("2026-03-02 20:00", "2026-03-03 09:30", 0.5),  # over night
        ("2026-03-06 16:00", "2026-03-09 10:00", 2.0),  # over a weekend
        ("2026-03-07 10:00", "2026-03-08 18:00", 0.0),  # within a weekend
        ("2025-12-31 16:00", "2026-01-02 09:00", 9.0),  # no holidays were given
        ("2026-03-02 09:00:00.000001", "2026-03-02 09:00:00.000002", 1 / 3.6e9),
    ],
)
def test_open_time_by_hand(since: str, until: str, hours: float) -> None:
    """Nine to five in Berlin."""
    berlin = "Europe/Berlin"
    (got,) = open_time([OFFICE], [(0, local(since, berlin), local(until, berlin))])
    assert got == round(hours * 3_600_000_000)


def test_a_clock_change_within_open_hours_changes_their_length() -> None:
    """A night shift of Berlin has three hours on the day that loses one, and five on the day that gains one."""
    night = [Hours(timezone="Europe/Berlin", week=((OpenHours(0, 240),),) * 7)]
    nights = [("2026-03-28", 4), ("2026-03-29", 3), ("2026-10-25", 5), ("2026-10-26", 4)]
    rows = [
        (0, local(f"{day} 00:00", "Europe/Berlin"), local(f"{day} 12:00", "Europe/Berlin"))
        for day, _ in nights
    ]
    assert [got // 3_600_000_000 for got in open_time([night], rows)] == [hours for _, hours in nights]


def test_a_day_that_a_zone_leaves_out_has_no_hours() -> None:
    """Apia went from 29 to 31 December 2011: the Friday between never was."""
    apia = [Hours(timezone="Pacific/Apia", week=(NINE_TO_FIVE,) * 7)]
    since, until = local("2011-12-29 12:00", "Pacific/Apia"), local("2011-12-31 12:00", "Pacific/Apia")
    assert until - since == dt.timedelta(days=1)
    assert open_time([apia], [(0, since, until)]) == [8 * 3_600_000_000]


def test_a_calendar_that_never_opens_again_is_never_due() -> None:
    """There is no endless search: a target that no open time is left for has no due time."""
    closed = Hours(timezone="UTC", week=((),) * 7, since=dt.date(2026, 1, 1))
    before = Hours(timezone="UTC", week=(NINE_TO_FIVE,) * 7)
    start = dt.datetime(2025, 12, 31, 16, tzinfo=dt.UTC)
    hour = 3_600_000_000
    got = due([[before, closed], OFFICE], [(0, start, hour), (0, start, hour + 1), (1, start, hour)])
    assert got[:2] == [start + dt.timedelta(hours=1), None]
    assert got[2] is not None


def test_instants_outside_of_the_calendars_are_their_ends() -> None:
    """Whatever a file says of the year 1800 or 2500, nothing breaks."""
    rows = [(0, dt.datetime(1800, 1, 1, tzinfo=dt.UTC), dt.datetime(2500, 1, 1, tzinfo=dt.UTC))]
    (got,) = open_time([()], rows)
    assert got == stretches(()).closes[0] - stretches(()).opens[0]
    assert due([()], [(0, dt.datetime(LAST.year, 6, 1, tzinfo=dt.UTC), 1)]) == [None]


def test_holidays_are_those_of_the_country_and_of_its_part() -> None:
    """Women's Day is a holiday in Berlin and not in Bavaria; Thanksgiving moves with the year."""
    womens_day = dt.date(2026, 3, 8)
    assert womens_day in holidays_of("DE-BE")
    assert womens_day not in holidays_of("DE-BY")
    assert dt.date(2021, 11, 25) in holidays_of("US")
    assert dt.date(2022, 11, 25) not in holidays_of("US")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("DE", None),
        ("DE-BE", None),
        ("de", "'de' is not a country"),
        ("XX", "'XX' is not a country"),
        ("DE-XX", "DE has no part 'XX'. Use DE-BB"),
    ],
)
def test_places_without_holidays_are_named(place: str, said: str | None) -> None:
    """What is wrong with a place, and what there is instead."""
    found = problem_with(place)
    assert found is None if said is None else said in (found or "")
