"""Durations in hours and days, with digits that don't depend on the number of rows.

Polars divides a column with one row differently from a longer one, so durations are multiplied instead.
"""

import polars as pl

_HOURS_A_MICROSECOND, _DAYS_A_MICROSECOND = 1 / 3.6e9, 1 / 8.64e10


def hours(duration: pl.Expr) -> pl.Expr:
    """Return a duration as a number of hours."""
    return hours_of(duration.dt.total_microseconds())


def hours_of(microseconds: pl.Expr) -> pl.Expr:
    """Return microseconds as a number of hours."""
    return microseconds * _HOURS_A_MICROSECOND


def days(duration: pl.Expr) -> pl.Expr:
    """Return a duration as a number of days of 24 hours."""
    return duration.dt.total_microseconds() * _DAYS_A_MICROSECOND


def in_steps(figure: pl.Expr) -> pl.Expr:
    """Return a figure rounded to multiples of 2**-34, so that sums up to 2**19 are exact in any order.

    An engine that distributes rows to threads adds them in a different order each time.
    """
    return (figure * 2.0**34).round() / 2.0**34
