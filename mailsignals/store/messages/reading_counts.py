"""Counts of unreadable parts and of signs of automated mail, by source."""

import sqlite3

import polars as pl

from connectors.base import Page

SOURCE_COLUMNS = {"provider": pl.String(), "mailbox": pl.String(), "source": pl.String()}
DEFECTS_SCHEMA = pl.Schema({**SOURCE_COLUMNS, "kind": pl.String(), "messages": pl.Int64()})
SIGNS_SCHEMA = pl.Schema({**SOURCE_COLUMNS, "kind": pl.String(), "sign": pl.String(), "messages": pl.Int64()})

SIGN_TABLE = """
CREATE TABLE sign (
    provider TEXT NOT NULL, mailbox TEXT NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, sign TEXT NOT NULL,
    messages INTEGER NOT NULL,
    PRIMARY KEY (provider, mailbox, source, kind, sign)
) WITHOUT ROWID
"""


class ReadingCounts:
    """The tables of defects and signs in an open catalogue; changes belong inside a transaction.

    A message that is read again is counted again until its source starts over, so the counts are approximate.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection

    def add(self, key: tuple[str, str, str], page: Page) -> None:
        """Count the defects and signs of a page of a source (provider, mailbox, source)."""
        self._sql.executemany(
            "INSERT INTO defect VALUES (?, ?, ?, ?, ?) ON CONFLICT (provider, mailbox, source, kind) DO UPDATE"
            " SET messages = messages + excluded.messages",
            [(*key, kind, messages) for kind, messages in page.defects.items()],
        )
        self._sql.executemany(
            "INSERT INTO sign VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (provider, mailbox, source, kind, sign) DO UPDATE"
            " SET messages = messages + excluded.messages",
            [(*key, *sign, messages) for sign, messages in page.signs.items()],
        )

    def forget(self, key: tuple[str, str, str]) -> None:
        """Drop the counts of a source that is read again from its start."""
        self._sql.execute("DELETE FROM defect WHERE (provider, mailbox, source) = (?, ?, ?)", key)
        self._sql.execute("DELETE FROM sign WHERE (provider, mailbox, source) = (?, ?, ?)", key)

    def forget_all(self) -> None:
        """Drop the counts of all sources, because every one is read again."""
        self._sql.execute("DELETE FROM defect")
        self._sql.execute("DELETE FROM sign")

    def defects(self) -> pl.DataFrame:
        """Return the counts of unreadable parts of stored messages, in ``DEFECTS_SCHEMA``."""
        return self._frame("SELECT * FROM defect ORDER BY 1, 2, 3, 4", DEFECTS_SCHEMA)

    def signs(self) -> pl.DataFrame:
        """Return the counts of signs by which messages were read as automated, in ``SIGNS_SCHEMA``."""
        return self._frame("SELECT * FROM sign ORDER BY 1, 2, 3, 4, 5", SIGNS_SCHEMA)

    def _frame(self, query: str, schema: pl.Schema) -> pl.DataFrame:
        return pl.DataFrame(self._sql.execute(query).fetchall(), schema=schema, orient="row")
