"""The wall clock beside the steady one: jumps are found, sleep and slow adjustments are not jumps."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsignals.clock import ClockReading, read_clocks
from mailsignals.jobs.clock_watch import JUMP, SHOWN, ClockJump, ClockWatch

NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
GLANCE = dt.timedelta(seconds=30)
DAYS = dt.timedelta(days=200)


def reading(after: dt.timedelta, *, ahead: dt.timedelta = dt.timedelta()) -> ClockReading:
    """Both clocks some time after noon, with the wall clock ahead of the truth."""
    return ClockReading(wall=NOON + after + ahead, elapsed=dt.timedelta(hours=7) + after)


def test_both_clocks_are_read_and_the_steady_one_moves_forward() -> None:
    """The steady clock never goes back."""
    first, second = read_clocks(), read_clocks()
    assert second.elapsed >= first.elapsed
    assert first.wall.tzinfo is dt.UTC


@pytest.mark.scenario("clock-jumps")
@pytest.mark.parametrize(("by", "way"), [(DAYS, "forward by 200 days"), (-DAYS, "back by 200 days")])
def test_a_jump_is_found_once_with_its_size_and_time(by: dt.timedelta, way: str) -> None:
    """Forwards and backwards; after it the watch compares with the new time."""
    watch = ClockWatch(reading(GLANCE * 0))
    assert watch.look(reading(GLANCE)) is None
    found = watch.look(reading(2 * GLANCE, ahead=by))
    assert found == ClockJump(by=by, before=NOON + GLANCE, after=NOON + 2 * GLANCE + by)
    assert found is not None
    assert found.text == f"was set {way} at 2026-03-04 12:00 UTC"
    assert watch.look(reading(3 * GLANCE, ahead=by)) is None
    back = watch.look(reading(4 * GLANCE))
    assert back is not None
    assert back.by == -by


def test_a_jump_is_reported_for_an_hour_of_the_steady_clock() -> None:
    """The wall clock can't end or prolong the report."""
    watch = ClockWatch(reading(GLANCE * 0))
    assert watch.recent(reading(GLANCE).elapsed) is None
    found = watch.look(reading(GLANCE, ahead=DAYS))
    assert watch.recent(reading(GLANCE + SHOWN).elapsed) == found
    assert watch.recent(reading(2 * GLANCE + SHOWN).elapsed) is None


def test_sleep_is_no_jump() -> None:
    """A machine that slept for a week has both clocks a week later."""
    watch = ClockWatch(reading(GLANCE * 0))
    assert watch.look(reading(dt.timedelta(days=7))) is None


def test_small_changes_in_a_short_time_count_together() -> None:
    """Three steps of 25 seconds within two minutes are one jump."""
    watch = ClockWatch(reading(GLANCE * 0))
    step = dt.timedelta(seconds=25)
    found = [watch.look(reading(number * GLANCE, ahead=number * step)) for number in (1, 2, 3)]
    assert found[:2] == [None, None]
    assert found[2] is not None
    assert found[2].by > JUMP


@given(st.floats(-0.0009, 0.0009), st.lists(st.integers(1, 3_600), min_size=1, max_size=50))
def test_a_slow_adjustment_is_no_jump_however_long_it_takes(rate: float, pauses: list[int]) -> None:
    """Time servers adjust a clock by up to half a thousandth."""
    watch, now = ClockWatch(reading(GLANCE * 0)), dt.timedelta()
    for seconds in pauses * 5:
        now += dt.timedelta(seconds=seconds)
        assert watch.look(reading(now, ahead=now * rate)) is None
