"""A signal: one figure of an account as of a time, with the rows behind it."""

import dataclasses
import datetime as dt

import polars as pl

from mailsignals.signals.provenance import Provenance, RowSelection

WINDOWS = (30, 60, 90)
"""The lengths of windows in days; a window ends at the as-of time, which it includes."""


@dataclasses.dataclass(frozen=True)
class Signal:
    """One figure of an account as of a time."""

    name: str
    unit: str
    meaning: str
    expr: pl.Expr
    """An expression over the measures of the account as of that time, in that window."""
    _: dataclasses.KW_ONLY
    rows: RowSelection | None
    """The emails or turns that it counts; None where it counts emails that are in no mailbox."""
    from_rows: pl.Expr | None
    """The same figure computed from these rows; None where the rows are not enough."""

    def __post_init__(self) -> None:
        if self.rows is None and self.from_rows is not None:
            raise ValueError(f"the signal {self.name} has a figure of rows, but no rows")

    def provenance(self, days: int) -> Provenance | None:
        """Return the rows behind the figure, over ``days`` or the signal's own window; None without rows."""
        if self.rows is None:
            return None
        return Provenance(rows=self.rows, from_rows=self.from_rows, days=self.rows.days or days)


def window(days: int) -> dt.timedelta:
    """Return the length of a window as elapsed time, not as calendar days."""
    return dt.timedelta(days=days)


def count(name: str) -> pl.Expr:
    """Return an expression for a tally as a whole number."""
    return pl.col(name).cast(pl.Int64)


def share(part: str, whole: str) -> pl.Expr:
    """Return an expression for ``part`` divided by ``whole``; null where ``whole`` is 0."""
    return pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole))
