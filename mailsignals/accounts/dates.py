"""Dates with the year, the day or the month first, with or without a time."""

import datetime as dt
import re

from mailsignals.accounts.agreement import Format, Kind

_TIME = r"(?:[T ,]+\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.]) ?(\d{{1,2}})\2 ?(\d{{1,2}})\.?{_TIME}", re.ASCII)
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.]) ?(\d{{1,2}})\2 ?(\d{{4}}){_TIME}", re.ASCII)
_DAY_AND_NAME = re.compile(rf"(\d{{1,2}})[ .-]+([A-Za-z]{{3,9}})[ .,-]+(\d{{4}}){_TIME}", re.ASCII)
_NAME_AND_DAY = re.compile(rf"([A-Za-z]{{3,9}})[ .]+(\d{{1,2}})[ ,]+(\d{{4}}){_TIME}", re.ASCII)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


def _in_any_order(text: str) -> dt.date | None:
    """A date in an unambiguous format."""
    if found := _YEAR_FIRST.fullmatch(text):
        return _day(found[1], int(found[3]), found[4])
    if found := _DAY_AND_NAME.fullmatch(text):
        return _day(found[3], _month(found[2]), found[1])
    if found := _NAME_AND_DAY.fullmatch(text):
        return _day(found[3], _month(found[1]), found[2])
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _day_first(text: str) -> dt.date | None:
    if found := _YEAR_LAST.fullmatch(text):
        return _day(found[4], int(found[3]), found[1])
    return _in_any_order(text)


def _month_first(text: str) -> dt.date | None:
    """A date with the month first, which is never written with full stops."""
    if found := _YEAR_LAST.fullmatch(text):
        return None if found[2] == "." else _day(found[4], int(found[1]), found[3])
    return _in_any_order(text)


def _day(year: str, month: int, day: str) -> dt.date | None:
    try:
        return dt.date(int(year), month, int(day))
    except ValueError:
        return None


def _month(name: str) -> int:
    """The number of an English month, also if abbreviated to three letters or ``Sept``; 0 for none."""
    found = (number for number, month in enumerate(_MONTHS, start=1) if month.startswith(name.lower()))
    return next(found, 0)


DATES: Kind[dt.date] = Kind(
    key="date_format",
    wanted="is not a date; use the form 2026-03-31",
    readings=(
        Format(setting="dd/mm/yyyy", name="the day first", read=_day_first),
        Format(setting="mm/dd/yyyy", name="the month first", read=_month_first),
    ),
)
"""Dates; a time of day after a date is ignored, without changing the date."""
