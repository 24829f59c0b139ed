"""Holidays and working time."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsignals.demo.places import HOME, PLACES, easter, holidays
from mailsignals.demo.rhythm import DESK, OFFICE, Rhythms, reply_hours

ORIGIN = dt.datetime(2025, 3, 3, tzinfo=dt.UTC)
HOURS = 24.0 * 60
RHYTHMS = Rhythms.of([(place, OFFICE) for place in PLACES] + [(HOME, DESK)], ORIGIN, hours=HOURS)


@pytest.mark.parametrize(
    "sunday", [dt.date(2024, 3, 31), dt.date(2025, 4, 20), dt.date(2026, 4, 5), dt.date(2038, 4, 25)]
)
def test_easter_is_when_the_church_says(sunday: dt.date) -> None:
    """Easter Sunday is the published date, also in the year in which it is latest."""
    assert easter(sunday.year) == sunday


def test_holidays_that_move_are_found() -> None:
    """Thanksgiving is the fourth Thursday of November, Memorial Day the last Monday of May."""
    american = next(place for place in PLACES if place.zone == "America/New_York")
    assert {dt.date(2026, 11, 26), dt.date(2026, 5, 25), dt.date(2026, 7, 4)} <= set(holidays(american, 2026))


@settings(max_examples=50)
@given(st.integers(0, len(PLACES)), st.floats(0, HOURS - 1), st.floats(0, 20))
def test_working_time_and_instants_are_inverse(place: int, at: float, by: float) -> None:
    """Adding working hours and counting them gives what was added; later is never earlier."""
    row, start = np.array([place]), np.array([at])
    later = RHYTHMS.later(row, start, by=np.array([by]))
    if np.isfinite(later[0]):
        assert later[0] >= at - 1e-6
        worked = RHYTHMS.worked_at(row, later) - RHYTHMS.worked_at(row, start)
        assert worked[0] == pytest.approx(by, abs=1e-6)


def test_a_delay_in_office_hours_takes_about_as_long_by_the_clock() -> None:
    """On a Tuesday at ten, an hour of work takes about an hour; on a Friday at 22, it takes until Monday."""
    tuesday, friday = 24 + 9.0, 4 * 24 + 21.0
    until = RHYTHMS.later(np.array([0, 0]), np.array([tuesday, friday]), by=np.array([1.0, 1.0]))
    assert 0.7 < until[0] - tuesday < 1.3
    assert 7 * 24 + 6 < until[1] < 7 * 24 + 10


def test_what_is_never_worked_is_never_reached() -> None:
    """More work than the grid holds has no instant."""
    assert np.isinf(RHYTHMS.later(np.array([0]), np.array([0.0]), by=np.array([1e6])))[0]


def test_reply_delays_have_a_median_and_a_tail() -> None:
    """The median is about 47 minutes, the spread is wide, and one in fifteen takes days."""
    hours = reply_hours(40_000, np.random.default_rng(1))
    assert 44 / 60 < np.median(hours) < 60 / 60
    assert 0.06 < np.mean(hours > 8) < 0.12
    assert hours.max() <= 300
