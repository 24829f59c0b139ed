"""Past values of the account list, each with the time at which it became known."""

import contextlib
import datetime as dt
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self, TypeAlias

import polars as pl

from mailsignals.accounts.dated import FACT_SCHEMA
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.errors import store_errors
from mailsignals.store.messages.sqlite_time import day_number, instant, to_microseconds
from mailsignals.store.tables.mailbox_status import Turn
from mailsignals.store.tables.open_tables import open_tables

FindChanges: TypeAlias = Callable[[pl.DataFrame, dt.datetime | None], pl.DataFrame]
"""A function from all stored facts and the time of the newest one to the new facts (``FACT_SCHEMA``)."""


class AccountFacts:
    """The table of facts in an open store; facts are added and never changed."""

    def __init__(self, catalogue: Catalogue, turn: Turn) -> None:
        self._catalogue = catalogue
        self._sql = catalogue.sql
        self._turn = turn

    @classmethod
    @contextlib.contextmanager
    def open(cls, folder: Path, *, now: dt.datetime | None = None) -> Iterator[Self]:
        """Open the table of the store in a folder for a short time, also during a sync.

        Facts that are dated later than ``now`` are left out.

        Raises:
            UserError: the folder has no store, or an older or newer version wrote it.
        """
        with open_tables(folder, now=now) as catalogue:
            yield cls(catalogue, functools.partial(store_errors, folder))

    def frame(self) -> pl.DataFrame:
        """Return all facts, in ``FACT_SCHEMA``."""
        with self._turn():
            return self._rows()

    def newest(self) -> dt.datetime | None:
        """Return the time of the newest fact; None without facts."""
        with self._turn():
            return self._newest()

    def note(self, find: FindChanges) -> int:
        """Add the new facts in one transaction, and return their number.

        Without new facts, which is the usual case, no lock is taken.
        """
        with self._turn():
            if find(self._rows(), self._newest()).is_empty():
                return 0
            with self._catalogue.transaction(durable=True):
                found = find(self._rows(), self._newest())
                self._sql.executemany(
                    "INSERT OR REPLACE INTO main.account_fact VALUES (?, ?, ?, ?, ?)",
                    [
                        (account, field, to_microseconds(at), None if day is None else day_number(day), value)
                        for account, field, value, day, at in found.select(FACT_SCHEMA.names()).iter_rows()
                    ],
                )
        return found.height

    def _newest(self) -> dt.datetime | None:
        (newest,) = self._sql.execute("SELECT max(seen_at) FROM account_fact").fetchone()
        return None if newest is None else instant(newest)

    def _rows(self) -> pl.DataFrame:
        names = ", ".join(FACT_SCHEMA.names())
        rows = self._sql.execute(f"SELECT {names} FROM account_fact").fetchall()  # noqa: S608  # our names
        return pl.DataFrame(rows, schema=FACT_SCHEMA, orient="row")
