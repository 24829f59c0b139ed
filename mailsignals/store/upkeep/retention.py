"""What goes for good because it is too old: mail, what belongs to it, and records."""

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
"""Waits until no other thread uses the store, words what goes wrong, and has fingerprints read anew afterwards."""

WAIT_SECONDS, WAIT_TRIES = 0.25, 120
"""How often, and how many times, is asked whether still somebody reads the files that are to go."""

MESSAGES, DISMISSALS, GONE = "messages", "dismissals", "ids of mail deleted in its mailbox"
SCORES, DELIVERIES, FEEDBACK = "scores", "deliveries", "feedback"
KINDS = (MESSAGES, DISMISSALS, GONE, SCORES, DELIVERIES, FEEDBACK)
"""What is removed by age."""
_WITH_MAIL = {DISMISSALS: ("dismissal", "sent_at"), GONE: ("gone", "gone_at")}
"""The table of a kind that goes with the mail, and the instant that counts."""
_RECORDS = {SCORES: ("score", "scored_on"), DELIVERIES: ("delivery", "due_on")}
"""The table of a kind of records, and the day that counts."""


class Retention:
    """Removal by age, and wiping the disk of what was removed, in an open store."""

    def __init__(self, folder: Path, catalogue: Catalogue, turn: Turn) -> None:
        self._folder = folder
        self._catalogue = catalogue
        self._turn = turn

    @property
    def since(self) -> dt.datetime | None:
        """From when on mail was kept when it was last removed by age; None: it never was."""
        with self._turn():
            (since,) = self._catalogue.sql.execute("SELECT kept_since FROM state").fetchone()
        return None if since is None else instant(since)

    @property
    def wiped(self) -> bool:
        """Return whether all removed data is gone from the disk too."""
        with self._turn():
            return not wiping.is_due(self._catalogue)

    def extend_history(self, since: dt.datetime | None) -> bool:
        """Have every source read from its start once mail is kept for longer than before; whether it is.

        ``since`` is from when on mail is kept by now, None for all of it. What is stored already stays.
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
        """Return the number of rows from before these times, by kind; a time that is None matches nothing."""
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
        """Remove what is of before these instants, all or nothing of it; how much it was, by kind.

        Args:
            mail: from when on messages are kept, with what belongs to them; None: all are.
            records: from when on scores and deliveries are kept; None: all are.
            feedback: what stays of it, in ``FEEDBACK_SCHEMA``.
            at: now.
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
        """Wipe what was removed from the disk as soon as nobody reads it; False: somebody reads for long.

        The next program that opens the store for writing while nobody reads it then does so.
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
        """Put what stays of feedback in its place; how many rows went."""
        removed = self._catalogue.sql.execute("DELETE FROM feedback").rowcount
        rows = [
            (account, to_microseconds(at), by, kind, until, None if on is None else day_number(on), note)
            for account, at, by, kind, until, on, note in kept.select(FEEDBACK_SCHEMA.names()).iter_rows()
        ]
        self._catalogue.sql.executemany("INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        return removed - len(rows)


def _too_old(mail: dt.datetime | None, records: dt.datetime | None) -> list[tuple[str, str, int]]:
    """Of each kind in a table, the end of a statement about the rows that are too old, and its parameter."""
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
