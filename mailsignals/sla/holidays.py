"""The public holidays of countries and their parts, by the ``holidays`` package, and a company's own days."""

import datetime as dt
import functools
import re
import warnings
from collections.abc import Iterable, Iterator

from mailsignals.sla.calendars import FIRST, LAST

_YEARLY = re.compile(r"(0[1-9]|1[0-2])-([0-2][0-9]|3[01])")


def days_off(named: str | Iterable[str | dt.date]) -> frozenset[dt.date]:
    """Return all days of places (``DE``), days of every year (``12-24``) and dates, given singly or as several."""
    entries = [named] if isinstance(named, str) else named
    return frozenset(day for entry in entries for day in _days(entry))


def is_yearly(text: str) -> bool:
    """Return whether a text is a day of every year, such as ``12-24``."""
    return _YEARLY.fullmatch(text) is not None and any(days_of_every_year(text))


def days_of_every_year(text: str) -> Iterator[dt.date]:
    """Yield the days of a text such as ``12-24`` in every year; ``02-29`` only in leap years."""
    for year in range(FIRST.year, LAST.year + 1):
        try:
            day = dt.date.fromisoformat(f"{year}-{text}")
        except ValueError:
            continue
        if FIRST <= day < LAST:
            yield day


def _days(entry: str | dt.date) -> Iterable[dt.date]:
    if isinstance(entry, dt.date):
        return (entry,)
    return days_of_every_year(entry) if is_yearly(entry) else holidays_of(entry)


def problem_with(place: str) -> str | None:
    """Return why a country (``DE``) or a part of one (``DE-BE``) has no known holidays; None if it has."""
    import holidays  # noqa: PLC0415  # needed only for calendars with a country

    country, _, part = place.partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        return f"{country!r} is not a country with known holidays. Use an ISO code such as DE, or a list of dates"
    if part and part not in known[country]:
        parts = ", ".join(f"{country}-{each}" for each in known[country]) or f"{country} alone"
        return f"{country} has no part {part!r}. Use {parts}"
    return None


@functools.cache
def holidays_of(place: str) -> frozenset[dt.date]:
    """Return the known holidays of a country (``DE``) or of a part of one (``DE-BE``)."""
    import holidays  # noqa: PLC0415  # as above

    country, _, part = place.partition("-")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about countries with holidays for a few years only
        found = holidays.country_holidays(country, subdiv=part or None, years=range(FIRST.year, LAST.year))
    return frozenset(found)
