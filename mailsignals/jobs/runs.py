"""The table of runs: claimed before they begin, ended in one of several ways, and found out if they never ended.

A run holds a lock that the system takes back when its process dies. So a claim without an end and without its lock is
of a run that was lost, and whoever looks next notes that.
"""

import contextlib
import dataclasses
import datetime as dt
import re
import sqlite3
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from mailsignals.errors import UserError
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.errors import store_errors
from mailsignals.store.messages.lock import lock_alone
from mailsignals.store.messages.sqlite_time import instant, to_microseconds
from mailsignals.store.tables.mailbox_status import FORGET_RUNS

LOCKS = "locks"
SERVICE = "service"
"""The lock of the service itself."""
LOST = "the process ended before the run did; finished work is kept"


class How(StrEnum):
    """The ways in which a run can end."""

    DONE = "done"
    FAILED = "failed"
    GIVEN_BACK = "given back"
    """Somebody wanted it to stop; it goes on soon."""
    LOST = "lost"
    """Its process died."""
    MISSED = "missed"
    """It never began, and is too late by now."""


class BusyError(UserError):
    """The job is running already."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A row of the table of runs."""

    kind: str
    """The job's name."""
    due_at: dt.datetime | None
    """The occasion it was for."""
    started_at: dt.datetime
    ended_at: dt.datetime | None
    how: How | None
    """None: it has not ended."""
    outcome: str


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """A run that is under way."""

    runs: "Runs"
    number: int

    def end(self, how: How, outcome: str, *, at: dt.datetime) -> None:
        """Note how the run ended."""
        self.runs.end(self.number, how, outcome, at=at)


class Runs:
    """The runs of a store's jobs; any thread and any process may ask and note."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def _open(self) -> Iterator[Catalogue]:
        with store_errors(self._folder), contextlib.closing(Catalogue.for_notes(self._folder)) as catalogue:
            yield catalogue

    @contextlib.contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        # A power cut may take the last notes back: then a run is done again, which is harmless.
        with self._open() as catalogue, catalogue.transaction(durable=False):
            yield catalogue.sql

    @contextlib.contextmanager
    def claimed(self, job: str, *, due_at: dt.datetime, at: dt.datetime) -> Iterator[Claim]:
        """Claim a run for as long as the block lasts; a block that is left by an error leaves the claim without end.

        Raises:
            BusyError: the job is running already.
        """
        held = self.lock(job)
        if held is None:
            raise BusyError(f"{job} is already running. Wait until it ends; `mailsignals status` shows it.")
        with held:
            self._note_lost(job, how=How.LOST, outcome=LOST, at=at)
            with self._change() as sql:
                number = sql.execute(
                    "INSERT INTO run (kind, due_at, started_at, outcome) VALUES (?, ?, ?, '')",
                    (job, to_microseconds(due_at), to_microseconds(at)),
                ).lastrowid
                sql.execute(FORGET_RUNS, (job,))
            assert number is not None
            yield Claim(self, number)

    def lock(self, name: str) -> BinaryIO | None:
        """The lock of a job, or of the service; none while another process or run holds it."""
        folder = self._folder / LOCKS
        with store_errors(folder):
            folder.mkdir(exist_ok=True)
            return lock_alone(folder / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}.lock")

    def end(self, number: int, how: How, outcome: str, *, at: dt.datetime) -> None:
        """Note how a run ended."""
        with self._change() as sql:
            sql.execute(
                "UPDATE run SET ended_at = ?, how = ?, outcome = ? WHERE run = ?",
                (to_microseconds(at), how, outcome, number),
            )

    def settle(self, job: str, *, how: How, outcome: str, at: dt.datetime) -> bool:
        """End claims of runs that are no more; whether there was one. A run that is still under way stays."""
        held = self.lock(job)
        if held is None:
            return False
        with held:
            return self._note_lost(job, how=how, outcome=outcome, at=at)

    def _note_lost(self, job: str, *, how: How, outcome: str, at: dt.datetime) -> bool:
        with self._change() as sql:
            ended = sql.execute(
                "UPDATE run SET ended_at = ?, how = ?, outcome = ?"
                " WHERE kind = ? AND due_at IS NOT NULL AND ended_at IS NULL",
                (to_microseconds(at), how, outcome, job),
            )
            return ended.rowcount > 0

    def missed(self, job: str, *, due_at: dt.datetime, at: dt.datetime) -> None:
        """Note that an occasion came and went."""
        with self._change() as sql:
            moment = to_microseconds(at)
            sql.execute(
                "INSERT INTO run (kind, due_at, started_at, ended_at, how, outcome) VALUES (?, ?, ?, ?, ?, ?)",
                (job, to_microseconds(due_at), moment, moment, How.MISSED, "not started in time"),
            )

    def history(self, job: str, *, limit: int = 50) -> list[RunRow]:
        """The newest runs of a job first."""
        with self._open() as catalogue:
            rows = catalogue.sql.execute(
                "SELECT kind, due_at, started_at, ended_at, how, outcome FROM run WHERE kind = ?"
                " ORDER BY run DESC LIMIT ?",
                (job, limit),
            )
            return [_run(row) for row in rows]

    def mailboxes(self) -> list[tuple[str, str, str, dt.datetime | None]]:
        """Provider, mailbox, state, and when it was last read to its end, of every mailbox that was ever tried."""
        with self._open() as catalogue:
            rows = catalogue.sql.execute(
                "SELECT provider, mailbox, state, synced_at FROM mailbox ORDER BY 1, 2"
            )
            return [(*row[:3], None if row[3] is None else instant(row[3])) for row in rows]


def _run(row: tuple[str, int | None, int, int | None, str | None, str]) -> RunRow:
    kind, due_at, started_at, ended_at, how, outcome = row
    return RunRow(
        kind=kind,
        due_at=None if due_at is None else instant(due_at),
        started_at=instant(started_at),
        ended_at=None if ended_at is None else instant(ended_at),
        how=None if how is None else How(how),
        outcome=outcome,
    )
