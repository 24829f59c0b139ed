"""The clock by which reply times are counted: Monday to Friday, 9 to 17."""

import datetime as dt
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from mailsignals.signals.history import _office_hours
from tests.mailsignals.histories import BERLIN, DAY


def engine_hours(pairs: Sequence[tuple[dt.datetime, dt.datetime]], timezone: str) -> list[float]:
    """The same by the engine."""
    frame = pl.DataFrame(pairs, schema=["since", "until"], orient="row")
    difference = _office_hours(pl.col("until"), timezone) - _office_hours(pl.col("since"), timezone)
    return frame.select(difference).to_series().to_list()


def minutes_in_office(moments: Iterable[dt.datetime], timezone: str) -> int:
    """Of the minutes that begin at these instants, those that begin within office hours by the local clock."""
    local = (moment.astimezone(ZoneInfo(timezone)) for moment in moments)
    return sum(moment.weekday() < 5 and 9 <= moment.hour < 17 for moment in local)


@pytest.mark.parametrize(
    "timezone", [BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]
)
@pytest.mark.parametrize("month", [3, 4, 10, 11])
def test_the_office_clock_counts_minutes(timezone: str, month: int) -> None:
    """The clock advances by as many minutes as are counted one by one, over weekends and over changes of the clock."""
    begin = dt.datetime(2026, month, 1, 3, 17, tzinfo=dt.UTC) + month * DAY
    moments = [begin + dt.timedelta(minutes=minute) for minute in range(12 * 1440)]
    pairs = [(begin, moments[place]) for place in (0, 1, 700, 1440, 5000, 9999, 17000)]
    expected = [minutes_in_office(moments[: moments.index(until)], timezone) / 60 for _, until in pairs]
    assert engine_hours(pairs, timezone) == pytest.approx(expected, abs=1e-6)


def test_the_office_clock_stands_still_outside_office_hours() -> None:
    """From Friday evening to Monday morning no time passes; a working day has 8 hours, a week has 40."""
    friday = dt.datetime(2026, 3, 27, 16, tzinfo=dt.UTC)  # 17:00 in Berlin; the clock changes on Sunday
    monday = dt.datetime(2026, 3, 30, 7, tzinfo=dt.UTC)  # 9:00 in Berlin
    pairs = [
        (friday, monday),
        (monday, monday + dt.timedelta(hours=8)),
        (monday, monday + dt.timedelta(hours=8.5)),
        (friday, friday + 7 * DAY),
        (monday, monday + 7 * DAY),
    ]
    assert engine_hours(pairs, BERLIN) == pytest.approx([0, 8, 8, 40, 40], abs=1e-6)
