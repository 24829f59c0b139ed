"""Mails that were set aside: which, why, and when to ask for them again; and ids that are gone."""

import datetime as dt
import sqlite3
from collections.abc import Collection, Iterable

from connectors.base import TRIED_AGAIN, Skipped
from mailsignals.store.messages.sqlite_time import to_microseconds

Key = tuple[str, str, str]
"""Provider, mailbox, source."""

FIRST_TRY = dt.timedelta(hours=1)
LAST_TRY = dt.timedelta(days=7)
"""How long until a mail is asked for again at first, and at most: each time twice as long as before."""


class SkippedMail:
    """The tables of mails set aside and mails gone in an open catalogue; changes belong inside a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection

    def put(self, key: Key, skipped: Iterable[Skipped], *, at: dt.datetime) -> None:
        """Set mails aside; one that was aside already waits twice as long as the last time."""
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
        """Forget that these were set aside, deadly or gone: they are stored."""
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
        """Note that these are no longer in the mailbox."""
        self._sql.executemany(
            "INSERT INTO gone VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(*key[:2], name, to_microseconds(at)) for name in provider_ids],
        )

    def among(self, provider: str, mailbox: str, provider_ids: Collection[str]) -> set[str]:
        """Those of the ids that are set aside."""
        rows = self._sql.execute(
            "SELECT place FROM skipped WHERE (provider, mailbox) = (?, ?)", (provider, mailbox)
        )
        return {place for (place,) in rows}.intersection(provider_ids)

    def due(self, provider: str, mailbox: str, *, now: dt.datetime) -> tuple[str, ...]:
        """The ids to ask for again by now."""
        rows = self._sql.execute(
            "SELECT place FROM skipped WHERE (provider, mailbox) = (?, ?) AND next_try_at <= ? ORDER BY place",
            (provider, mailbox, to_microseconds(now)),
        )
        return tuple(place for (place,) in rows)

    def _any(self, table: str) -> bool:
        """Whether the table has rows; in most stores these have none."""
        return self._sql.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None  # noqa: S608  # our name


def retry_pause(tries: int) -> dt.timedelta:
    """Return the pause after so many tries: an hour after the first, doubled each time, a week at most."""
    return min(FIRST_TRY * 2.0 ** min(tries - 1, 10), LAST_TRY)


def storable_text(value: str) -> str:
    """Text that SQLite and polars accept: a file's name may hold bytes that are no UTF-8."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8")
