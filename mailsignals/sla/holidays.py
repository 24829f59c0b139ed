"""The public holidays of countries and their parts, by the ``holidays`` package."""

import datetime as dt
import functools
import warnings

from mailsignals.sla.calendars import FIRST, LAST


def problem_with(place: str) -> str | None:
    """Return why a country (``DE``) or a part of one (``DE-BE``) has no known holidays; None if it has."""
    import holidays  # noqa: PLC0415  # only who names a country should pay for it

    country, _, part = place.partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        return f"{country!r} is no country whose holidays are known; write its ISO code, such as DE, or a list of dates"
    if part and part not in known[country]:
        parts = ", ".join(f"{country}-{each}" for each in known[country]) or f"{country} alone"
        return f"{country} has no part {part!r}; there is {parts}"
    return None


@functools.cache
def holidays_of(place: str) -> frozenset[dt.date]:
    """The holidays of a country or a part of one, as far as they are known."""
    import holidays  # noqa: PLC0415  # as above

    country, _, part = place.partition("-")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that some countries' are known for some years only
        found = holidays.country_holidays(country, subdiv=part or None, years=range(FIRST.year, LAST.year))
    return frozenset(found)
