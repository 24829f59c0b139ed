"""What every account scored on each day, as it was said then: a record that only grows."""

import datetime as dt

import polars as pl

from mailsignals.schema import INSTANT
from mailsignals.store.catalogue import Catalogue
from mailsignals.store.instants import day_number, microseconds
from mailsignals.store.standings import Turn

SCORES_SCHEMA = pl.Schema(
    {
        "account_id": pl.String(),
        "scored_on": pl.Date(),
        "scored_at": INSTANT,
        "state": pl.String(),
        "level": pl.String(),
        "score": pl.Float64(),
        "risk": pl.Float64(),
        "source": pl.String(),
        "held_back": pl.Boolean(),
    }
)
"""One row an account and day of the company's time zone.

``held_back``: whether the account's flag was kept from people; null if nothing was drawn.
"""


_CHUNK = 50_000
"""Rows that are read at once, so that no more of them are Python objects at a time."""


class Scores:
    """The table of them in an open store.

    A day is recorded once, and days are recorded in order: what people have seen and acted on is not rewritten.
    """

    def __init__(self, catalogue: Catalogue, turn: Turn) -> None:
        self._catalogue = catalogue
        self._sql = catalogue.sql
        self._turn = turn

    def newest(self, *, as_of: dt.datetime | None = None) -> tuple[dt.date, dt.datetime] | None:
        """The last recorded day, of all or up to an instant, and the instant that it was recorded for."""
        last = None if as_of is None else microseconds(as_of)
        with self._turn():
            rows = self._sql.execute(
                "SELECT scored_on, scored_at FROM score WHERE ? IS NULL OR scored_at <= ?"
                " ORDER BY scored_on DESC LIMIT 1",
                (last, last),
            ).fetchall()
        schema = {"on": pl.Date(), "at": INSTANT}
        return next(pl.DataFrame(rows, schema=schema, orient="row").iter_rows(), None)

    def add(self, rows: pl.DataFrame) -> None:
        """Record a day: rows in ``SCORES_SCHEMA``, all of one day later than the newest one."""
        told = [
            (day_number(on), account, microseconds(at), *rest)
            for account, on, at, *rest in rows.select(SCORES_SCHEMA.names()).iter_rows()
        ]
        with self._turn(), self._catalogue.transaction(durable=True):
            self._sql.executemany("INSERT INTO score VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", told)

    def last_day(self, by: dt.date) -> dt.date | None:
        """The last recorded day up to a day."""
        with self._turn():
            rows = self._sql.execute(
                "SELECT max(scored_on) FROM score WHERE scored_on <= ?", (day_number(by),)
            ).fetchall()
        on: dt.date | None = pl.DataFrame(rows, schema={"on": pl.Date()}, orient="row").item()
        return on

    def of_day(self, on: dt.date) -> pl.DataFrame:
        """All rows of a day, in ``SCORES_SCHEMA``; none if it was not recorded."""
        return self._rows("scored_on = ?", day_number(on))

    def of_flagged(self) -> pl.DataFrame:
        """All rows of the accounts that were at high risk on any day, in ``SCORES_SCHEMA``."""
        return self._rows("account_id IN (SELECT account_id FROM score WHERE level = 'high')")

    def since(self, on: dt.date) -> pl.DataFrame:
        """All rows from a day on, in ``SCORES_SCHEMA``."""
        return self._rows("scored_on >= ?", day_number(on))

    def _rows(self, condition: str, *values: int) -> pl.DataFrame:
        names = ", ".join(SCORES_SCHEMA.names())
        with self._turn():
            found = self._sql.execute(f"SELECT {names} FROM score WHERE {condition}", values)  # noqa: S608  # our names
            parts = [
                pl.DataFrame(rows, schema=SCORES_SCHEMA, orient="row")
                for rows in iter(lambda: found.fetchmany(_CHUNK), [])
            ]
        return pl.concat([pl.DataFrame(schema=SCORES_SCHEMA), *parts])
