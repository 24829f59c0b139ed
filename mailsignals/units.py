"""Durations in hours and days, the same to the last digit however many rows stand beside them.

Polars divides a column by a number in another way where the column has one row; so they are multiplied.
"""

import polars as pl

_HOURS_A_MICROSECOND, _DAYS_A_MICROSECOND = 1 / 3.6e9, 1 / 8.64e10


def hours(duration: pl.Expr) -> pl.Expr:
    """A duration as hours."""
    return hours_of(duration.dt.total_microseconds())


def hours_of(microseconds: pl.Expr) -> pl.Expr:
    """Microseconds as hours."""
    return microseconds * _HOURS_A_MICROSECOND


def days(duration: pl.Expr) -> pl.Expr:
    """A duration as days of 24 hours."""
    return duration.dt.total_microseconds() * _DAYS_A_MICROSECOND


def in_steps(figure: pl.Expr) -> pl.Expr:
    """A figure rounded to whole multiples of 2**-34: sums up to 2**19 are exact, in whatever order they are added.

    An engine that shares rows among threads adds them in another order each time.
    """
    return (figure * 2.0**34).round() / 2.0**34
