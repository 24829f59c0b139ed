"""Dismissals: emails that need no reply according to a person, with the author and the time."""

import dataclasses
import datetime as dt
import sqlite3

import polars as pl

from mailsignals.schema import INSTANT
from mailsignals.store.messages.sqlite_time import to_microseconds

DISMISSALS_SCHEMA = pl.Schema(
    {
        "account_id": pl.String(),
        "sender": pl.String(),
        "sent_at": INSTANT,
        "message_id": pl.String(),
        "dismissed_at": INSTANT,
        "dismissed_by": pl.String(),
        "note": pl.String(),
    }
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Opening:
    """The email that opened a ticket, which identifies the ticket permanently."""

    account_id: str
    sender: str
    sent_at: dt.datetime
    message_id: str | None


class Dismissals:
    """The table of dismissals in an open catalogue; changes belong inside a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection

    def add(self, opening: Opening, *, at: dt.datetime, by: str, note: str | None) -> None:
        """Record that the unanswered emails of a ticket need no reply as of a time."""
        self._sql.execute(
            "INSERT OR REPLACE INTO main.dismissal VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*_key(opening), opening.message_id, to_microseconds(at), by, note),
        )

    def remove(self, opening: Opening) -> int:
        """Remove the dismissals of a ticket, and return their number."""
        removed = self._sql.execute(
            "DELETE FROM main.dismissal WHERE (account_id, sender) = (?, ?) AND (sent_at = ? OR message_id = ?)",
            (*_key(opening), opening.message_id),
        )
        return removed.rowcount

    def frame(self) -> pl.DataFrame:
        """Return all dismissals, in ``DISMISSALS_SCHEMA``."""
        rows = self._sql.execute("SELECT * FROM dismissal ORDER BY dismissed_at, account_id, sender, sent_at")
        return pl.DataFrame(rows.fetchall(), schema=DISMISSALS_SCHEMA, orient="row")


def _key(opening: Opening) -> tuple[str, str, int]:
    return opening.account_id, opening.sender, to_microseconds(opening.sent_at)
