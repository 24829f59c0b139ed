"""The emails or turns of one account behind a figure, and the figure computed from them.

The pipeline computes a figure for all accounts at once from measures. This module computes the same figure from the
rows of one account, so that a page can list them. Conditions and figures are expressions over a row's own columns and
those of ``RowContext``.
"""

import dataclasses
import datetime as dt
from typing import Final, Literal

import polars as pl

from mailsignals.schema import INSTANT

MAILS: Final = "mails"
"""Rows of an edition's ``account_mails``: touches with their conversation."""
TURNS: Final = "turns"
"""Rows of an edition's ``account_answers``: turns with ``hours`` and ``open_hours`` until the answer."""
YEAR = 365
"""The number of days for which single emails and turns are available."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class RowContext:
    """The columns that conditions and figures may read beside those of the rows."""

    as_of: dt.datetime
    """The as-of time; later rows do not count."""
    champion: int | None = None
    """The account's main contact, a person's number; null where it has none."""
    reply_horizon: dt.timedelta
    """The time within which a check-in must be answered to count as answered."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class RowSelection:
    """The selection of the rows behind a figure, for any window."""

    kind: Literal["mails", "turns"]
    condition: pl.Expr
    """An expression over the rows and their context; null counts as false."""
    days: int | None = None
    """The length of the window, for a figure that has its own."""
    windows: int = 1
    """The number of windows that the figure looks back, each ending where the next begins."""

    def where(self, condition: pl.Expr) -> "RowSelection":
        """Return the selection of those rows that also meet another condition."""
        return dataclasses.replace(self, condition=self.condition & condition)

    def over(self, days: int) -> "RowSelection":
        """Return the selection with a window of its own, in days."""
        return dataclasses.replace(self, days=days)

    def with_window_before(self) -> "RowSelection":
        """Return the selection of these rows and those of the window before."""
        return dataclasses.replace(self, windows=2)


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Provenance:
    """The rows behind one figure over one window, and the figure computed from them."""

    rows: RowSelection
    from_rows: pl.Expr | None
    """The figure as an expression over the rows and their context; None where the rows are not enough."""
    days: int
    """The length of the window."""

    def since(self, as_of: dt.datetime) -> dt.datetime:
        """Return the beginning of the earliest window, which is not part of it."""
        return as_of - self.rows.windows * dt.timedelta(days=self.days)

    def select(self, found: pl.DataFrame, context: RowContext) -> pl.DataFrame:
        """Return the rows behind the figure, the newest first, with the columns of ``found``.

        Args:
            found: all rows of one account, of the selection's kind.
            context: the end of the window, and the other values that the rows depend on.
        """
        moment = "sent_at" if self.rows.kind == MAILS else "started_at"
        begin, end = (pl.lit(at, dtype=INSTANT) for at in (self.since(context.as_of), context.as_of))
        return (
            self._with_context(found, context)
            .filter(
                pl.col(moment).is_between(begin, end, closed="right"),
                self.rows.condition.fill_null(value=False),
            )
            .select(found.columns)
            .sort(moment, descending=True, maintain_order=True)
        )

    def figure(self, rows: pl.DataFrame, context: RowContext) -> float | None:
        """Return the figure of rows from ``select``; None without ``from_rows``, or where the rows are too few."""
        if self.from_rows is None:
            return None
        made: float | None = self._with_context(rows, context).select(self.from_rows.alias("figure")).item()
        return None if made is None else float(made)

    def _with_context(self, found: pl.DataFrame, context: RowContext) -> pl.DataFrame:
        return found.with_columns(
            as_of=pl.lit(context.as_of, dtype=INSTANT),
            window=pl.lit(dt.timedelta(days=self.days)),
            champion=pl.lit(context.champion, dtype=pl.UInt32),
            reply_horizon=pl.lit(context.reply_horizon),
        )


_ALL = pl.lit(value=True)

ALL_MAILS = RowSelection(kind=MAILS, condition=_ALL)
INBOUND_MAILS = RowSelection(kind=MAILS, condition=~pl.col("outbound"))
OUTBOUND_MAILS = RowSelection(kind=MAILS, condition=pl.col("outbound"))

ALL_TURNS = RowSelection(kind=TURNS, condition=_ALL)
INBOUND_TURNS = RowSelection(kind=TURNS, condition=~pl.col("outbound"))
"""Turns of the customer."""
OUTBOUND_TURNS = RowSelection(kind=TURNS, condition=pl.col("outbound"))
"""Turns of your team."""

ANSWERED = pl.col("answered_at").is_not_null()
"""Whether the turn was answered by the as-of time."""
AGE = pl.col("as_of") - pl.col("started_at")
"""The time since the turn started."""

ROW_COUNT = pl.len().cast(pl.Int64)
"""The figure of a signal that counts rows."""
