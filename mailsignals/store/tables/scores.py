"""The daily record of every account's state, risk and level, which is never changed."""

import datetime as dt
import json
from collections.abc import Collection

import polars as pl

from mailsignals.schema import INSTANT
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.sqlite_time import day_number, to_microseconds
from mailsignals.store.tables.mailbox_status import Turn

SCORES_SCHEMA = pl.Schema(
    {
        "account_id": pl.String(),
        "scored_on": pl.Date(),
        "scored_at": INSTANT,
        "state": pl.String(),
        "level": pl.String(),
        "score": pl.Float64(),
        "risk": pl.Float64(),
        "quiet": pl.Float64(),
        "leaving": pl.Float64(),
        "source": pl.String(),
        "held_back": pl.Boolean(),
    }
)
"""One row per account and day of the company's time zone.

``risk``, ``quiet`` and ``leaving`` are chances within 90 days, 0 to 1. ``score`` (0 to 100) is null except on days
recorded before ``quiet`` existed. ``held_back`` is true if the account's flag was held out for comparison, and null if
nothing was drawn.
"""

# The table is in the order of days: looking up one account in each reads a thousandth of a scan.
_DAYS = """
WITH RECURSIVE day (scored_on) AS (
    SELECT min(scored_on) FROM score
    UNION ALL
    SELECT (SELECT min(score.scored_on) FROM score WHERE score.scored_on > day.scored_on)
    FROM day WHERE day.scored_on IS NOT NULL
)
"""

_CHUNK = 50_000
"""Number of rows that are read at once, which limits the number of Python objects."""


class Scores:
    """The table of daily records in an open store.

    Each day is recorded once, and days are recorded in order, so that results that people have seen never change.
    """

    def __init__(self, catalogue: Catalogue, turn: Turn) -> None:
        self._catalogue = catalogue
        self._sql = catalogue.sql
        self._turn = turn

    def newest(self, *, as_of: dt.datetime | None = None) -> tuple[dt.date, dt.datetime] | None:
        """Return the last recorded day, of all or up to a time, and the time of the record; None without records."""
        last = None if as_of is None else to_microseconds(as_of)
        with self._turn():
            rows = self._sql.execute(
                "SELECT scored_on, scored_at FROM score WHERE ? IS NULL OR scored_at <= ?"
                " ORDER BY scored_on DESC LIMIT 1",
                (last, last),
            ).fetchall()
        schema = {"on": pl.Date(), "at": INSTANT}
        return next(pl.DataFrame(rows, schema=schema, orient="row").iter_rows(), None)

    def add(self, rows: pl.DataFrame) -> bool:
        """Record the rows of one day, in ``SCORES_SCHEMA``; return False if it or a later day is recorded already.

        Later days that this connection leaves out don't count. A record of the same day does, whatever its time.
        """
        told = [
            (account, day_number(on), to_microseconds(at), *rest)
            for account, on, at, *rest in rows.select(SCORES_SCHEMA.names()).iter_rows()
        ]
        with self._turn(), self._catalogue.transaction(durable=True):
            (newest,) = self._sql.execute("SELECT max(scored_on) FROM score").fetchone()
            if told and ((newest is not None and newest >= told[0][1]) or self._has(told[0][1])):
                return False
            names, places = ", ".join(SCORES_SCHEMA.names()), ", ".join("?" * len(SCORES_SCHEMA))
            self._sql.executemany(f"INSERT INTO main.score ({names}) VALUES ({places})", told)  # noqa: S608  # our names
        return True

    def _has(self, day: int) -> bool:
        """Return whether a day was recorded at all, also at a time that is left out."""
        (found,) = self._sql.execute(
            "SELECT EXISTS (SELECT 1 FROM main.score WHERE scored_on = ?)", (day,)
        ).fetchone()
        return bool(found)

    def any_held_back(self) -> bool:
        """Return whether a flag was held out for comparison on any recorded day."""
        with self._turn():
            (found,) = self._sql.execute("SELECT EXISTS (SELECT 1 FROM score WHERE held_back)").fetchone()
        return bool(found)

    def last_day(self, by: dt.date) -> dt.date | None:
        """Return the last recorded day up to a day; None if there is none."""
        with self._turn():
            rows = self._sql.execute(
                "SELECT max(scored_on) FROM score WHERE scored_on <= ?", (day_number(by),)
            ).fetchall()
        on: dt.date | None = pl.DataFrame(rows, schema={"on": pl.Date()}, orient="row").item()
        return on

    def of_day(self, on: dt.date) -> pl.DataFrame:
        """Return all rows of a day, in ``SCORES_SCHEMA``; empty if it wasn't recorded."""
        return self._rows("scored_on = ?", day_number(on))

    def of_account(self, account_id: str) -> pl.DataFrame:
        """Return all rows of an account, in ``SCORES_SCHEMA``; empty if it was never recorded."""
        names = ", ".join(SCORES_SCHEMA.names())
        with self._turn():
            rows = self._sql.execute(
                f"{_DAYS} SELECT {names} FROM day CROSS JOIN score USING (scored_on) WHERE account_id = ?",  # noqa: S608  # our names
                (account_id,),
            ).fetchall()
        return pl.DataFrame(rows, schema=SCORES_SCHEMA, orient="row")

    def frame(self) -> pl.DataFrame:
        """Return all rows, in ``SCORES_SCHEMA``, by day and account."""
        return self._rows("TRUE ORDER BY scored_on, account_id")

    def of_flagged(self, *, and_of: Collection[str] = ()) -> pl.DataFrame:
        """Return all rows of accounts that were at high risk on any day, in ``SCORES_SCHEMA``, and of some others.

        Flags depend on all rows of their account. ``and_of`` are the accounts at high risk on a day that isn't
        recorded yet.
        """
        return self._rows(
            "account_id IN (SELECT account_id FROM score WHERE level = 'high')"
            " OR account_id IN (SELECT value FROM json_each(?))",
            json.dumps(sorted(and_of)),
        )

    def _rows(self, condition: str, *values: int | str) -> pl.DataFrame:
        names = ", ".join(SCORES_SCHEMA.names())
        with self._turn():
            found = self._sql.execute(f"SELECT {names} FROM score WHERE {condition}", values)  # noqa: S608  # our names
            parts = [
                pl.DataFrame(rows, schema=SCORES_SCHEMA, orient="row")
                for rows in iter(lambda: found.fetchmany(_CHUNK), [])
            ]
        return pl.concat([pl.DataFrame(schema=SCORES_SCHEMA), *parts])

    def of_accounts(self, account_ids: Collection[str]) -> pl.DataFrame:
        """Return all rows of some accounts, in ``SCORES_SCHEMA``."""
        names = ", ".join(SCORES_SCHEMA.names())
        with self._turn():
            rows = self._sql.execute(
                f"SELECT {names} FROM score"  # noqa: S608  # our names
                " WHERE account_id IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(account_ids)),),
            ).fetchall()
        return pl.DataFrame(rows, schema=SCORES_SCHEMA, orient="row")

    def high_since(self, on: dt.date) -> pl.DataFrame:
        """Return the accounts at high risk from a day on, one row per record: ``account_id`` and ``scored_at``."""
        with self._turn():
            rows = self._sql.execute(
                "SELECT account_id, scored_at FROM score WHERE scored_on >= ? AND level = 'high'",
                (day_number(on),),
            ).fetchall()
        columns = ["account_id", "scored_at"]
        schema = {name: SCORES_SCHEMA[name] for name in columns}
        return pl.DataFrame(rows, schema=schema, orient="row")
