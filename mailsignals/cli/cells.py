"""Figures in the cells of tables; an unknown one is a dash, never a zero."""

from mailsignals.wording.numbers import duration_words, number_of, percent

UNKNOWN = "-"


def number(value: float | None) -> str:
    """Return a whole number with thousands separated."""
    return UNKNOWN if value is None else f"{value:,.0f}"


def percentage(value: float | None) -> str:
    """Return a share as a percentage: ``33%``."""
    return UNKNOWN if value is None else percent(value)


def duration(value: float | None) -> str:
    """Return a duration in hours as text, in the unit that suits it: ``45 min``, ``1.2 h``, ``3 days``."""
    return UNKNOWN if value is None else duration_words(value)


def business_hours(value: float | None) -> str:
    """Return a duration in business hours as text, never in days: ``45 min``, ``52 h``."""
    return UNKNOWN if value is None else duration(value) if value < 1 else f"{number_of(value)} h"


def span(seconds: float) -> str:
    """Return a duration in seconds as text, in the unit that suits it: ``40 s``, ``12 min``, ``5.6 h``."""
    return f"{seconds:.0f} s" if seconds < 60 else duration(seconds / 3600)
