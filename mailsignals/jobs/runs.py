"""The table of runs: each is claimed before it begins, and gets an outcome when it ends.

A run holds a lock that the operating system releases when its process dies. So a claim without an outcome and without
a lock belongs to a lost run, which the next reader of the table records.
"""

import contextlib
import dataclasses
import datetime as dt
import os
import re
import sqlite3
import tempfile
from collections.abc import Collection, Iterator, Mapping
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
"""The name of the lock of the service itself."""
LOST = "the process ended before the run did; finished work is kept"


FORGET_BLOCKED = "DELETE FROM run WHERE kind = ? AND due_at = ? AND how = ?"
"""A try that the machine blocked is forgotten with the next one, so that a long fault doesn't fill the table."""
PROBE_BYTES = 1 << 18
"""The bytes that must fit on the disk before a run begins: its claim and its end take less."""


class How(StrEnum):
    """The ways in which a run can end."""

    DONE = "done"
    FAILED = "failed"
    GIVEN_BACK = "given back"
    """The run stopped on request, and continues soon."""
    LOST = "lost"
    """The process of the run died."""
    MISSED = "missed"
    """The run never began within the grace of the job."""
    BLOCKED = "blocked"
    """The machine could not do it: a full disk, a locked store. It is tried again every minute."""


class BusyError(UserError):
    """Raised when a job is running already."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One row of the table of runs."""

    kind: str
    """The name of the job."""
    due_at: dt.datetime | None
    """The scheduled time of the run."""
    started_at: dt.datetime
    ended_at: dt.datetime | None
    how: How | None
    """The way in which the run ended; None while it is active."""
    outcome: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """The end of a run that could not be recorded yet."""

    number: int
    """The number of the run in the table."""
    how: How
    outcome: str
    ended_at: dt.datetime


class UnrecordedError(UserError):
    """Raised when a run has ended and its end can't be recorded; the text has both the outcome and the reason."""

    def __init__(self, end: RunEnd, reason: str) -> None:
        super().__init__(f"{end.how}: {end.outcome.rstrip('.')}. It could not be recorded: {reason}")
        self.end, self.reason = end, reason


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """An active run."""

    runs: "Runs"
    number: int

    def end(self, how: How, outcome: str, *, at: dt.datetime) -> None:
        """Record how the run ended."""
        self.runs.end(self.number, how, outcome, at=at)


class Runs:
    """The runs of a store's jobs; safe to use from any thread and process."""

    def __init__(self, folder: Path, *, patience_seconds: float = 30) -> None:
        """Use the runs of a store.

        Args:
            folder: the store.
            patience_seconds: the time to wait for a short change of another program.
        """
        self._folder, self._patience_seconds = folder, patience_seconds

    @property
    def folder(self) -> Path:
        """The folder of the store."""
        return self._folder

    @contextlib.contextmanager
    def _open(self) -> Iterator[Catalogue]:
        with (
            store_errors(self._folder),
            contextlib.closing(
                Catalogue.for_notes(self._folder, patience_seconds=self._patience_seconds)
            ) as catalogue,
        ):
            yield catalogue

    @contextlib.contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        # A power cut may lose the last entries. Then a run is repeated, which is safe.
        with self._open() as catalogue, catalogue.transaction(durable=False):
            yield catalogue.sql

    @contextlib.contextmanager
    def claimed(self, job: str, *, due_at: dt.datetime, at: dt.datetime) -> Iterator[Claim]:
        """Claim a run for the duration of the block; an error in the block leaves the claim without an outcome.

        Raises:
            BusyError: the job is running already.
        """
        held = self.lock(job)
        if held is None:
            raise BusyError(f"{job} is already running. Wait until it ends; `mailsignals status` shows it.")
        with held:
            self._note_lost(job, how=How.LOST, outcome=LOST, at=at)
            with self._change() as sql:
                sql.execute(FORGET_BLOCKED, (job, to_microseconds(due_at), How.BLOCKED))
                number = sql.execute(
                    "INSERT INTO run (kind, due_at, started_at, outcome) VALUES (?, ?, ?, '')",
                    (job, to_microseconds(due_at), to_microseconds(at)),
                ).lastrowid
                sql.execute(FORGET_RUNS, (job,))
            assert number is not None
            yield Claim(self, number)

    def lock(self, name: str) -> BinaryIO | None:
        """Return the lock of a job or of the service; None while another process or run holds it."""
        folder = self._folder / LOCKS
        with store_errors(folder):
            folder.mkdir(exist_ok=True)
            return lock_alone(folder / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}.lock")

    def end(self, number: int, how: How, outcome: str, *, at: dt.datetime) -> None:
        """Record how the run with this number ended."""
        with self._change() as sql:
            sql.execute(
                "UPDATE run SET ended_at = ?, how = ?, outcome = ? WHERE run = ?",
                (to_microseconds(at), how, outcome, number),
            )

    def settle(self, job: str, *, how: How, outcome: str, at: dt.datetime) -> bool:
        """Record an outcome for lost runs of a job, and return whether there were any; active runs stay."""
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
        """Record that a scheduled time passed without a run."""
        with self._change() as sql:
            moment = to_microseconds(at)
            sql.execute(
                "INSERT INTO run (kind, due_at, started_at, ended_at, how, outcome) VALUES (?, ?, ?, ?, ?, ?)",
                (job, to_microseconds(due_at), moment, moment, How.MISSED, "not started in time"),
            )

    def history(self, job: str, *, limit: int = 50) -> list[RunRow]:
        """Return the last runs of a job, at most ``limit``, the newest first."""
        return self.histories([job], limit=limit)[job]

    def histories(self, jobs: Collection[str], *, limit: int = 50) -> dict[str, list[RunRow]]:
        """Return the last runs of each job, at most ``limit``, the newest first."""
        with self._open() as catalogue:
            return {job: _history(catalogue.sql, job, limit) for job in jobs}

    def scheduled_since(self, jobs: Mapping[str, dt.datetime]) -> dict[str, dt.datetime]:
        """Return the time since which each job is scheduled; jobs that are not named are forgotten.

        Args:
            jobs: names of jobs, each with the time to record if it is new.
        """
        with self._open() as catalogue:
            found = dict(catalogue.sql.execute("SELECT job, since FROM schedule").fetchall())
            if found.keys() != jobs.keys():
                with catalogue.transaction(durable=False):
                    for job in found.keys() - jobs.keys():
                        catalogue.sql.execute("DELETE FROM schedule WHERE job = ?", (job,))
                    for job in jobs.keys() - found.keys():
                        found[job] = to_microseconds(jobs[job])
                        catalogue.sql.execute("INSERT INTO schedule VALUES (?, ?)", (job, found[job]))
        return {job: instant(found[job]) for job in jobs}

    def check_recording(self) -> None:
        """Check that a run could be claimed and ended now.

        Raises:
            UserError: the catalogue can't be changed, or the disk has no room.
        """
        with store_errors(self._folder), tempfile.TemporaryFile(dir=self._folder) as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with self._change():
            pass

    def mailboxes(self) -> list[tuple[str, str, str, dt.datetime | None]]:
        """Return provider, mailbox, state and the time of the last complete sync, for every mailbox tried."""
        with self._open() as catalogue:
            rows = catalogue.sql.execute(
                "SELECT provider, mailbox, state, synced_at FROM mailbox ORDER BY 1, 2"
            )
            return [(*row[:3], None if row[3] is None else instant(row[3])) for row in rows]


def _history(sql: sqlite3.Connection, job: str, limit: int) -> list[RunRow]:
    rows = sql.execute(
        "SELECT kind, due_at, started_at, ended_at, how, outcome FROM run WHERE kind = ? ORDER BY run DESC LIMIT ?",
        (job, limit),
    )
    return [_run(row) for row in rows]


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
