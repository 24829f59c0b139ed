"""What a signal is."""

import dataclasses
import datetime as dt

import polars as pl

WINDOWS = (30, 60, 90)
"""Days that a window looks back from the as-of instant, which it includes."""


@dataclasses.dataclass(frozen=True)
class Signal:
    """One figure of an account at an instant."""

    name: str
    unit: str
    meaning: str
    expr: pl.Expr
    """Over the measures of the account at that instant, in that window."""


def window(days: int) -> dt.timedelta:
    """The length of a window: elapsed time, not calendar days."""
    return dt.timedelta(days=days)


def hours(duration: pl.Expr) -> pl.Expr:
    """A duration as hours."""
    return duration.dt.total_microseconds() / 3.6e9


def days(duration: pl.Expr) -> pl.Expr:
    """A duration as days of 24 hours."""
    return duration.dt.total_microseconds() / 8.64e10


def count(name: str) -> pl.Expr:
    """A tally as a whole number."""
    return pl.col(name).cast(pl.Int64)


def share(part: str, whole: str) -> pl.Expr:
    """A share of a count; null where there is nothing to count."""
    return pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole))
