"""Skipped emails with their reason and the time of the next attempt, and removed ids."""

import datetime as dt
import sqlite3
from collections.abc import Collection, Iterable

from connectors.base import TRIED_AGAIN, Skipped
from mailsignals.clock import latest_credible
from mailsignals.store.messages.sqlite_time import to_microseconds

Key = tuple[str, str, str]
"""Provider, mailbox, source."""

FIRST_TRY = dt.timedelta(hours=1)
LAST_TRY = dt.timedelta(days=7)
"""The first and the longest pause before an email is requested again; doubled each time."""


class SkippedMail:
    """The tables of skipped and removed emails in an open catalogue; changes belong inside a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection

    def put(self, key: Key, skipped: Iterable[Skipped], *, at: dt.datetime) -> None:
        """Record skipped emails; the pause of one that was skipped before is doubled."""
        for item in skipped:
            place = storable_text(item.place)
            row = self._sql.execute(
                "SELECT tries FROM skipped WHERE (provider, mailbox, source, place) = (?, ?, ?, ?)",
                (*key, place),
            ).fetchone()
            tries = 1 if row is None else row[0] + 1
            again = to_microseconds(at + retry_pause(tries)) if item.reason in TRIED_AGAIN else None
            self._sql.execute(
                "INSERT INTO skipped VALUES (?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (provider, mailbox, source, place) DO UPDATE"
                " SET reason = excluded.reason, tries = excluded.tries, next_try_at = excluded.next_try_at",
                (*key, place, item.reason, tries, again),
            )

    def take_back(self, key: Key, provider_ids: Collection[str]) -> None:
        """Remove ids from the skipped, deadly and removed ones, because they are stored now."""
        if self._any("skipped"):
            self._sql.executemany(
                "DELETE FROM skipped WHERE (provider, mailbox, source, place) = (?, ?, ?, ?)",
                [(*key, storable_text(name)) for name in provider_ids],
            )
        for table in ("gone", "suspect"):
            if self._any(table):
                self._sql.executemany(
                    f"DELETE FROM {table} WHERE (provider, mailbox, provider_id) = (?, ?, ?)",  # noqa: S608  # our name
                    [(*key[:2], storable_text(name)) for name in provider_ids],
                )

    def leave(self, key: Key, provider_ids: Collection[str], *, at: dt.datetime) -> None:
        """Record that these ids are no longer in the mailbox."""
        self._sql.executemany(
            "INSERT INTO gone VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(*key[:2], name, to_microseconds(at)) for name in provider_ids],
        )

    def among(self, provider: str, mailbox: str, provider_ids: Collection[str]) -> set[str]:
        """Return those of the ids that are skipped."""
        rows = self._sql.execute(
            "SELECT place FROM skipped WHERE (provider, mailbox) = (?, ?)", (provider, mailbox)
        )
        return {place for (place,) in rows}.intersection(provider_ids)

    def due(self, provider: str, mailbox: str, *, now: dt.datetime) -> tuple[str, ...]:
        """Return the ids that are due to be requested again, also those that a wrong clock put off for too long."""
        longest = to_microseconds(latest_credible(now) + LAST_TRY)
        rows = self._sql.execute(
            "SELECT place FROM skipped WHERE (provider, mailbox) = (?, ?)"
            " AND (next_try_at <= ? OR next_try_at > ?) ORDER BY place",
            (provider, mailbox, to_microseconds(now), longest),
        )
        return tuple(place for (place,) in rows)

    def _any(self, table: str) -> bool:
        """Return whether the table has rows, which is rare."""
        return self._sql.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None  # noqa: S608  # our name


def retry_pause(tries: int) -> dt.timedelta:
    """Return the pause after a number of attempts: an hour after the first, doubled each time, a week at most."""
    return min(FIRST_TRY * 2.0 ** min(tries - 1, 10), LAST_TRY)


def storable_text(value: str) -> str:
    """Return text that SQLite and polars accept, because a file's name may contain bytes that aren't UTF-8."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8")
