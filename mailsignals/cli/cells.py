"""Figures in the cells of a table; what is not known is a dash, never a zero."""

UNKNOWN = "-"


def number(value: float | None) -> str:
    """A whole number with thousands separated."""
    return UNKNOWN if value is None else f"{value:,.0f}"


def percentage(value: float | None) -> str:
    """A share as a percentage."""
    return UNKNOWN if value is None else f"{100 * value:.0f}%"


def duration(value: float | None) -> str:
    """A duration given in hours, in the unit that suits it."""
    if value is None:
        return UNKNOWN
    if value < 1:
        return f"{60 * value:.0f} min"
    if value < 48:
        return f"{value:.1f} h"
    return f"{value / 24:.1f} d"


def open_hours(value: float | None) -> str:
    """A duration in open hours, which make no days of 24."""
    return UNKNOWN if value is None else duration(value) if value < 1 else f"{value:,.1f} h"


def span(seconds: float) -> str:
    """Return a duration of so many seconds in the unit that suits it: ``40 s``, ``12 min``, ``5.6 h``."""
    return f"{seconds:.0f} s" if seconds < 60 else duration(seconds / 3600)


def full_days(value: float | None) -> str:
    """Full days that have passed."""
    return UNKNOWN if value is None else f"{int(value):,} d"
