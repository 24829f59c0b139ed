"""One account of an edition: found for who may see it, and its rows of every table."""

import datetime as dt
import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

import numpy as np
import polars as pl
from starlette.responses import Response

from mailsignals.flags.episodes import HIGH
from mailsignals.flags.flags import FLAG_SCHEMA, flags, visible_flags
from mailsignals.web.page import PageRequest, Show
from mailsignals.web.pages.accounts import visible
from mailsignals.web.said import said_of

Row: TypeAlias = Mapping[str, Any]
Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


class Account:
    """An account that the viewer may see."""

    def __init__(self, visit: PageRequest, row: Row) -> None:
        self._visit = visit
        self.row = row
        """As the list has it."""

    @property
    def id(self) -> str:
        """As the account book has it."""
        account_id: str = self.row["account_id"]
        return account_id

    def table(self, name: str) -> pl.DataFrame:
        """Its rows of a small table, which is sorted by account."""
        whole, number = self._visit.edition.table(name), self.row["account"]
        accounts = whole["account"].to_numpy()
        first, after = (int(np.searchsorted(accounts, number, side=side)) for side in ("left", "right"))
        return whole[first:after]

    def scan(self, name: str) -> pl.LazyFrame:
        """Its rows of a big one."""
        return self._visit.edition.scan(name).filter(pl.col("account") == self.row["account"])

    def named(self, rows: Frame, *columns: str) -> Frame:
        """Rows with addresses in place of numbers."""
        addresses = pl.lit(self._visit.edition.table("people")["address"])
        return rows.with_columns(addresses.gather(pl.col(name)).alias(name) for name in columns)

    @functools.cached_property
    def said(self) -> pl.DataFrame:
        """What people said of it, up to this moment."""
        return said_of(self._visit, self.id)

    def flags(self, scores: pl.DataFrame) -> pl.DataFrame:
        """Its flags that people may see, the newest first, with what was said up to this moment.

        Args:
            scores: its rows of ``account_scores``.
        """
        if not (scores["level"] == HIGH).any():
            return pl.DataFrame(schema=FLAG_SCHEMA)
        book = pl.DataFrame(
            [(self.id, self.row["churned_on"])],
            schema={"account_id": pl.String(), "churned_on": pl.Date()},
            orient="row",
        )
        timezone = self._visit.site.settings().company.timezone
        found = flags(scores, self.said, book, as_of=self._visit.now, timezone=timezone)
        return visible_flags(found).sort("opened_on", descending=True)


def of_account(show: Callable[[PageRequest, Account], Response]) -> Show:
    """A page about the account that its address names; whether there is none, or it is another's, nobody learns."""

    def found(visit: PageRequest) -> Response:
        mine = visible(visit.edition.table("accounts"), visit.viewer)
        rows = mine.filter(pl.col("account_id") == visit.request.path_params["account_id"])
        if rows.is_empty():
            return visit.render("account_unknown.html.j2", status=404)
        return show(visit, Account(visit, rows.row(0, named=True)))

    return found


def newest_flag(found: pl.DataFrame) -> Row | None:
    """The newest of an account's flags."""
    return found.row(0, named=True) if found.height else None


def days_until(day: dt.date | None, today: dt.date) -> int | None:
    """How many days there are to a day; negative once it has passed."""
    return None if day is None else (day - today).days
