"""What people said needs no answer, kept with who and when."""

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
    """The mail that opened a ticket, by which the ticket is known whatever comes to the store later."""

    account_id: str
    sender: str
    sent_at: dt.datetime
    message_id: str | None


class Dismissals:
    """The table of them; whoever changes it does so inside a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection

    def add(self, opening: Opening, *, at: dt.datetime, by: str, note: str | None) -> None:
        """Note that nothing that waits in the ticket at this instant needs an answer."""
        self._sql.execute(
            "INSERT OR REPLACE INTO dismissal VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*_key(opening), opening.message_id, to_microseconds(at), by, note),
        )

    def remove(self, opening: Opening) -> int:
        """Take back what was said of the ticket; returns how often something was."""
        removed = self._sql.execute(
            "DELETE FROM dismissal WHERE (account_id, sender) = (?, ?) AND (sent_at = ? OR message_id = ?)",
            (*_key(opening), opening.message_id),
        )
        return removed.rowcount

    def frame(self) -> pl.DataFrame:
        """All of them, in ``DISMISSALS_SCHEMA``."""
        rows = self._sql.execute("SELECT * FROM dismissal ORDER BY dismissed_at, account_id, sender, sent_at")
        return pl.DataFrame(rows.fetchall(), schema=DISMISSALS_SCHEMA, orient="row")


def _key(opening: Opening) -> tuple[str, str, int]:
    return opening.account_id, opening.sender, to_microseconds(opening.sent_at)
