"""A signal: one figure of an account at an instant, with the rows behind it."""

import dataclasses
import datetime as dt

import polars as pl

from mailsignals.signals.provenance import Provenance, RowSelection

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
    _: dataclasses.KW_ONLY
    rows: RowSelection | None
    """The mails or turns that it counts; none where these are mails that nobody holds."""
    from_rows: pl.Expr | None
    """The same figure, made of these rows; none where it takes more than the rows."""

    def __post_init__(self) -> None:
        if self.rows is None and self.from_rows is not None:
            raise ValueError(f"the signal {self.name} has a figure of rows, but no rows")

    def provenance(self, days: int) -> Provenance | None:
        """The rows behind the figure, over ``days`` unless the signal has a window of its own; none without rows."""
        if self.rows is None:
            return None
        return Provenance(rows=self.rows, from_rows=self.from_rows, days=self.rows.days or days)


def window(days: int) -> dt.timedelta:
    """The length of a window: elapsed time, not calendar days."""
    return dt.timedelta(days=days)


def count(name: str) -> pl.Expr:
    """A tally as a whole number."""
    return pl.col(name).cast(pl.Int64)


def share(part: str, whole: str) -> pl.Expr:
    """A share of a count; null where there is nothing to count."""
    return pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole))
