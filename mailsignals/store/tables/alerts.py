"""Recipients of alerts with their start, and the events that each was alerted to."""

import dataclasses
import datetime as dt
import sqlite3
from collections.abc import Collection, Mapping

import polars as pl

from mailsignals.clock import latest_credible
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
"""One row per recipient and event.

``due_on`` and ``number`` identify the delivery with the event, null if the recipient knows it from elsewhere.
"""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Alerted:
    """The recipients of alerts, and the events that each was alerted to."""

    since: Mapping[str, dt.datetime]
    """The start of alerts by recipient."""
    told: pl.DataFrame
    """The events that each recipient was alerted to or knows, in ``TOLD_SCHEMA``."""


class AlertTable:
    """The tables of alerts in an open catalogue; changes belong inside a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection

    def begin(self, recipients: Collection[str], *, at: dt.datetime) -> None:
        """Record the start of alerts for recipients; an earlier start stays, but not one of the future."""
        latest = to_microseconds(latest_credible(at))
        self._sql.executemany(
            "INSERT INTO main.alerted VALUES (?, ?)"
            " ON CONFLICT (recipient) DO UPDATE SET since = excluded.since WHERE since > ?",
            [(each, to_microseconds(at), latest) for each in recipients],
        )

    def tell(self, key: Key, matters: Collection[str], *, at: dt.datetime) -> None:
        """Record the events of a delivery, replacing those recorded before."""
        own = (key.recipient, day_number(key.due_on), key.number)
        self._sql.execute("DELETE FROM told WHERE (recipient, due_on, number) = (?, ?, ?)", own)
        self._sql.executemany(
            "INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?, ?)",
            [(key.recipient, matter, to_microseconds(at), *own[1:]) for matter in matters],
        )

    def know(self, recipient: str, matters: Collection[str], *, at: dt.datetime) -> None:
        """Record that a recipient knows these events from elsewhere."""
        self._sql.executemany(
            "INSERT OR IGNORE INTO told VALUES (?, ?, ?, NULL, NULL)",
            [(recipient, matter, to_microseconds(at)) for matter in matters],
        )

    def read(self) -> Alerted:
        """Return all recipients and events."""
        since = self._sql.execute("SELECT recipient, since FROM alerted").fetchall()
        told = self._sql.execute("SELECT * FROM told ORDER BY recipient, matter").fetchall()
        return Alerted(
            since={recipient: instant(number) for recipient, number in since},
            told=pl.DataFrame(told, schema=TOLD_SCHEMA, orient="row"),
        )
