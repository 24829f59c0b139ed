"""Deletes old data: mail, data that belongs to it, and records."""

import datetime as dt
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeAlias

import polars as pl

from mailsignals.store.messages import compaction, lock
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.sqlite_time import day_number, instant, to_microseconds
from mailsignals.store.tables.feedback import FEEDBACK_SCHEMA
from mailsignals.store.upkeep import wiping

Turn: TypeAlias = Callable[[], AbstractContextManager[None]]
"""A context that waits for other threads, raises errors as ``UserError``, and reloads fingerprints afterwards."""

WAIT_SECONDS, WAIT_TRIES = 0.25, 120
"""The pause and the number of checks whether files to remove are still in use."""

MESSAGES, DISMISSALS, GONE = "messages", "dismissals", "ids of mail deleted in its mailbox"
SCORES, DELIVERIES, FEEDBACK = "scores", "deliveries", "feedback"
KINDS = (MESSAGES, DISMISSALS, GONE, SCORES, DELIVERIES, FEEDBACK)
"""Kinds of data that are deleted by age."""
_WITH_MAIL = {DISMISSALS: ("dismissal", "sent_at"), GONE: ("gone", "gone_at")}
"""The tables of data that is deleted with mail, with their time columns."""
_RECORDS = {SCORES: ("score", "scored_on"), DELIVERIES: ("delivery", "due_on")}
"""The tables of records, with their day columns."""


class Retention:
    """Deletion by age, and wiping deleted data from the disk, in an open store."""

    def __init__(self, folder: Path, catalogue: Catalogue, turn: Turn) -> None:
        self._folder = folder
        self._catalogue = catalogue
        self._turn = turn

    @property
    def since(self) -> dt.datetime | None:
        """Return the limit of the last deletion by age: older mail was deleted; None if it never happened."""
        with self._turn():
            (since,) = self._catalogue.sql.execute("SELECT kept_since FROM state").fetchone()
        return None if since is None else instant(since)

    @property
    def wiped(self) -> bool:
        """Return whether all deleted data is wiped from the disk too."""
        with self._turn():
            return not wiping.is_due(self._catalogue)

    def extend_history(self, since: dt.datetime | None) -> bool:
        """Reset all cursors if mail is kept for longer than before; return whether it is.

        ``since`` is the new limit, before which mail is deleted; None for none. Stored mail stays.
        """
        before = self.since
        if before is None or (since is not None and since >= before):
            return False
        with self._turn(), self._catalogue.transaction(durable=True):
            sql = self._catalogue.sql
            sql.execute("UPDATE source SET cursor = NULL")
            sql.execute("DELETE FROM skipped")
            self._catalogue.reading.forget_all()
            self._note_since(since)
        return True

    def aged(self, *, mail: dt.datetime | None, records: dt.datetime | None) -> dict[str, int]:
        """Return the number of rows before these times, by kind; None matches nothing."""
        with self._turn():
            return {
                kind: int(self._catalogue.sql.execute(f"SELECT count(*) {rest}", (limit,)).fetchone()[0])
                for kind, rest, limit in _too_old(mail, records)
            }

    def prune(
        self,
        *,
        mail: dt.datetime | None,
        records: dt.datetime | None,
        feedback: pl.DataFrame,
        at: dt.datetime,
    ) -> dict[str, int]:
        """Delete rows before these times in one transaction, and return their number by kind.

        Args:
            mail: the time before which messages and related data are deleted; None: nothing is.
            records: the time before which scores and deliveries are deleted; None: nothing is.
            feedback: the feedback to keep, in ``FEEDBACK_SCHEMA``.
            at: the current time.
        """
        kept = None if mail is None else pl.col("sent_at") >= mail
        with self._turn(), compaction.compacting(self._folder, self._catalogue, kept=kept) as dropped:
            removed = {MESSAGES: dropped} if mail else {}
            for kind, rest, limit in _too_old(mail, records):
                removed[kind] = self._catalogue.sql.execute(f"DELETE {rest}", (limit,)).rowcount
            if records:
                removed[FEEDBACK] = self._replace_feedback(feedback)
            if mail:
                self._note_since(mail)
            if dropped:
                self._catalogue.new_revision(at)
            if any(removed.values()):
                wiping.mark(self._catalogue)
        return removed

    def wipe(self) -> bool:
        """Wipe deleted data from the disk as soon as nobody reads it; return False if the wait is too long.

        Then the next writer that opens the store while nobody reads it wipes it.
        """
        for _ in range(WAIT_TRIES):
            with self._turn():
                alone = lock.lock_out_readers(self._folder)
                if alone:
                    with alone:
                        return wiping.clean(self._folder, self._catalogue)
            time.sleep(WAIT_SECONDS)
        return False

    def _note_since(self, since: dt.datetime | None) -> None:
        moment = None if since is None else to_microseconds(since)
        self._catalogue.sql.execute("UPDATE state SET kept_since = ?", (moment,))

    def _replace_feedback(self, kept: pl.DataFrame) -> int:
        """Replace the feedback by the rows to keep, and return the number of deleted rows."""
        removed = self._catalogue.sql.execute("DELETE FROM main.feedback").rowcount
        rows = [
            (account, to_microseconds(at), by, kind, until, None if on is None else day_number(on), note)
            for account, at, by, kind, until, on, note in kept.select(FEEDBACK_SCHEMA.names()).iter_rows()
        ]
        self._catalogue.sql.executemany("INSERT INTO main.feedback VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        return removed - len(rows)


def _too_old(mail: dt.datetime | None, records: dt.datetime | None) -> list[tuple[str, str, int]]:
    """For each kind in a table, the SQL clause for rows that are too old, and its parameter."""
    found = []
    if mail is not None:
        found += [
            (kind, f"FROM {table} WHERE {column} < ?", to_microseconds(mail))
            for kind, (table, column) in _WITH_MAIL.items()
        ]
    if records is not None:
        found += [
            (kind, f"FROM {table} WHERE {column} < ?", day_number(records.date()))
            for kind, (table, column) in _RECORDS.items()
        ]
    return found
