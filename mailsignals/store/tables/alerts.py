"""Who is alerted since when, and which matters each was told of, by which delivery."""

import dataclasses
import datetime as dt
import sqlite3
from collections.abc import Collection, Mapping

import polars as pl

from mailsignals.schema import INSTANT
from mailsignals.store.messages.sqlite_time import day_number, instant, to_microseconds
from mailsignals.store.tables.deliveries import Key

TOLD_SCHEMA = pl.Schema(
    {
        "recipient": pl.String(),
        "matter": pl.String(),
        "noted_at": INSTANT,
        "due_on": pl.Date(),
        "number": pl.Int64(),
    }
)
"""One row a recipient and matter.

``due_on`` and ``number`` are those of the delivery that tells of it, null if the recipient knows it from elsewhere.
"""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Alerted:
    """All that is kept of alerts."""

    since: Mapping[str, dt.datetime]
    """From when on each recipient is alerted."""
    told: pl.DataFrame
    """``TOLD_SCHEMA``."""


class AlertTable:
    """The tables of them; whoever changes them does so inside a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection

    def begin(self, recipients: Collection[str], *, at: dt.datetime) -> None:
        """Note that these are alerted from an instant on; who was so before stays."""
        self._sql.executemany(
            "INSERT OR IGNORE INTO alerted VALUES (?, ?)",
            [(each, to_microseconds(at)) for each in recipients],
        )

    def tell(self, key: Key, matters: Collection[str], *, at: dt.datetime) -> None:
        """Note that a delivery tells of these matters, and of no others."""
        own = (key.recipient, day_number(key.due_on), key.number)
        self._sql.execute("DELETE FROM told WHERE (recipient, due_on, number) = (?, ?, ?)", own)
        self._sql.executemany(
            "INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?, ?)",
            [(key.recipient, matter, to_microseconds(at), *own[1:]) for matter in matters],
        )

    def know(self, recipient: str, matters: Collection[str], *, at: dt.datetime) -> None:
        """Note that a recipient knows these matters from elsewhere."""
        self._sql.executemany(
            "INSERT OR IGNORE INTO told VALUES (?, ?, ?, NULL, NULL)",
            [(recipient, matter, to_microseconds(at)) for matter in matters],
        )

    def read(self) -> Alerted:
        """All that is kept."""
        since = self._sql.execute("SELECT recipient, since FROM alerted").fetchall()
        told = self._sql.execute("SELECT * FROM told ORDER BY recipient, matter").fetchall()
        return Alerted(
            since={recipient: instant(number) for recipient, number in since},
            told=pl.DataFrame(told, schema=TOLD_SCHEMA, orient="row"),
        )
