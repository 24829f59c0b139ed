"""Sessions that were ended by signing out, which are refused until they would have expired."""

import datetime as dt
from pathlib import Path

from mailsignals.store.messages.sqlite_time import to_microseconds
from mailsignals.store.tables.open_tables import open_tables
from mailsignals.store.tables.row_times import confirmed_time


class EndedSessions:
    """The ended sessions of a store, safe to use from any thread and process, also during a sync."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def end(self, session: str, *, at: dt.datetime, until: dt.datetime) -> None:
        """Record an ended session until its expiry, and delete those that have expired.

        A clock that is ahead deletes none, because a copy of the cookie would be valid once the clock is right.
        """
        with open_tables(self._folder) as catalogue, catalogue.transaction(durable=True):
            expired = to_microseconds(confirmed_time(catalogue.sql, at))
            catalogue.sql.execute("DELETE FROM ended_session WHERE until <= ?", (expired,))
            catalogue.sql.execute(
                "INSERT OR REPLACE INTO ended_session VALUES (?, ?)", (session, to_microseconds(until))
            )

    def has(self, session: str) -> bool:
        """Return whether a session was ended by signing out."""
        with open_tables(self._folder) as catalogue:
            query = "SELECT 1 FROM ended_session WHERE session = ?"
            return catalogue.sql.execute(query, (session,)).fetchone() is not None
