"""Calendars: own days beside public holidays, and half days within the hours of their weekday."""

import datetime as dt
from pathlib import Path

import pytest

from mailsignals.sla.calendars import OpenHours
from tests.mailsignals.config.test_settings import load, problems


def test_own_days_stand_beside_public_holidays(tmp_path: Path) -> None:
    """A list of holidays has countries, parts of them, days of every year and dates, which are all closed."""
    (calendar,) = load(
        tmp_path,
        "[calendars.a]\nmon = ['09:00-17:00']\nholidays = ['DE-BE', 'FR', '12-24', 2026-05-15, '02-29']\n",
    ).calendars["a"]
    closed = calendar.hours(timezone="UTC").holidays
    days = ("2026-03-08", "2026-07-14", "2026-12-24", "2031-12-24", "2026-05-15", "2028-02-29", "2026-12-25")
    assert closed.issuperset(map(dt.date.fromisoformat, days))
    assert not closed & {dt.date(2026, 12, 23), dt.date(2027, 5, 14), dt.date(2026, 2, 28)}


def test_the_more_precise_word_on_a_day_holds(tmp_path: Path) -> None:
    """A date says more than a day of every year, and that more than a country; closed weekdays stay closed."""
    (calendar,) = load(
        tmp_path,
        "[calendars.a]\nmon = ['09:00-17:00']\nthu = ['09:00-17:00']\nfri = ['09:00-17:00']\n"
        "holidays = ['DE', '12-31', 2026-12-24]\n"
        "[calendars.a.half_days]\n12-24 = ['09:00-12:00']\n12-25 = ['10:00-11:00']\n2026-12-31 = ['09:00-12:00']\n",
    ).calendars["a"]
    hours = calendar.hours(timezone="UTC")
    half = (OpenHours(540, 720),)
    found = {day: plan for day, plan in hours.half_days.items() if day.year in {2026, 2027, 2028}}
    assert found == {
        dt.date(2027, 12, 24): half,  # in 2026 the date says that it is closed, and in 2028 it is a Sunday
        dt.date(2026, 12, 25): (OpenHours(600, 660),),  # although it is a holiday; in 2027 it is a Saturday
        dt.date(2028, 12, 25): (OpenHours(600, 660),),
        dt.date(2026, 12, 31): half,
    }
    assert hours.holidays.issuperset({dt.date(2026, 12, 24), dt.date(2027, 12, 31), dt.date(2028, 1, 1)})
    assert not hours.holidays & hours.half_days.keys()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "[calendars.a]\nmon = ['09:00-17:00']\nholidays = ['DE', 'Germany']",
            ", line 6: calendars.a.holidays: 'Germany' is not a country with known holidays",
        ),
        (
            "[calendars.a]\nmon = ['09:00-17:00']\nholidays = ['02-30']",
            ", line 6: calendars.a.holidays: '02-30' is not a date; use one such as 2026-12-25.",
        ),
        (
            "[calendars.a]\nmon = ['09:00-17:00']\nhalf_days = {'2026-12-21' = ['08:00-12:00']}",
            (
                ", line 6: calendars.a.half_days.2026-12-21: "
                "has hours outside of those of its weekday, Monday; shorten them."
            ),
        ),
        (
            "[calendars.a]\nmon = ['09:00-17:00']\n[calendars.a.half_days]\n2026-12-24 = ['09:00-12:00']",
            (
                ", line 7: calendars.a.half_days.2026-12-24: is a Thursday, on which the calendar is closed; "
                "remove it, or add hours for Thursdays."
            ),
        ),
        (
            "[calendars.a]\nmon = ['09:00-17:00']\nfri = ['09:00-14:00']\nhalf_days = {12-24 = ['10:00-15:00']}",
            (
                ", line 7: calendars.a.half_days.12-24: "
                "has hours outside of those of a Friday, its weekday in some years; shorten them."
            ),
        ),
        (
            "[calendars.a]\nmon = ['09:00-17:00']\nholidays = ['12-24']\nhalf_days = {12-24 = ['09:00-12:00']}",
            (", line 7: calendars.a.half_days.12-24: is a holiday as well; remove it from one of the two."),
        ),
        (
            "[calendars.a]\nmon = ['09:00-17:00']\nhalf_days = {12-24 = []}",
            ", line 6: calendars.a.half_days.12-24: has no hours; list closed days under holidays.",
        ),
        (
            "[calendars.a]\nmon = ['09:00-17:00']\nhalf_days = {12-24 = ['9-12']}",
            ", line 6: calendars.a.half_days: 12-24: '9-12' is not a period of hours; use one such as '09:00-17:30'.",
        ),
        (
            "[calendars.a]\nmon = ['09:00-17:00']\nhalf_days = {Christmas = ['09:00-12:00']}",
            ", line 6: calendars.a.half_days: Christmas: 'Christmas' is not a date; use one such as 2026-12-25.",
        ),
        (
            "[calendars.a]\nmon = ['09:00-17:00']\nhalf_days = ['12-24']",
            ", line 6: calendars.a.half_days: must be a table of days such as",
        ),
        (
            (
                "[[calendars.a]]\nmon = ['09:00-17:00']\nhalf_days = {2026-12-28 = ['09:00-12:00']}\n"
                "[[calendars.a]]\nfrom = 2026-07-01\nmon = ['09:00-17:00']"
            ),
            (
                ", line 6: calendars.a[0].half_days.2026-12-28: these hours count before 2026-07-01 only; "
                "move it to the table for its date."
            ),
        ),
    ],
)
def test_a_wrong_day_names_line_key_and_what_is_wrong(tmp_path: Path, text: str, found: str) -> None:
    """Days that are none, and half days that the calendar cannot have."""
    (problem,) = problems(tmp_path, text)
    assert problem.startswith(found)
