"""The status of each mailbox (read, failing with a reason, not read yet), and the outcomes of the last runs."""

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TypeAlias

import polars as pl

from mailsignals.schema import INSTANT
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.sqlite_time import instant, to_microseconds

Turn: TypeAlias = Callable[[], AbstractContextManager[None]]
"""A context that waits until no other thread uses the store, and raises its errors as ``UserError``."""

READY = "ready"
"""The state of a mailbox without problems."""

MAILBOX_STATUS_SCHEMA = pl.Schema(
    {
        "provider": pl.String(),
        "mailbox": pl.String(),
        "state": pl.String(),
        "problem": pl.String(),
        "remedy": pl.String(),
        "since": INSTANT,
        "next_try_at": INSTANT,
        "synced_at": INSTANT,
    }
)
RUNS_SCHEMA = pl.Schema(
    {
        "kind": pl.String(),
        "due_at": INSTANT,
        "started_at": INSTANT,
        "ended_at": INSTANT,
        "how": pl.String(),
        "outcome": pl.String(),
    }
)
KEPT_RUNS = 300
"""Number of runs of each kind that are kept."""
FORGET_RUNS = f"""
DELETE FROM run WHERE kind = ?1
AND run <= (SELECT run FROM run WHERE kind = ?1 ORDER BY run DESC LIMIT 1 OFFSET {KEPT_RUNS})
"""  # noqa: S608  # our number
DEATHS = 2
"""Number of crashes while reading the same item after which the item is skipped."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """The reason why a mailbox isn't read, and the time of the next try."""

    state: str
    problem: str
    remedy: str
    next_try_at: dt.datetime
    demanded: bool = False
    """True if the provider requested the wait."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MailboxStatus:
    """The status of one mailbox: its owner, its trouble and its last complete reading."""

    mailbox: str
    """The address that its messages are stored under."""
    identity: str | None
    """The provider's id of the owner, if known."""
    trouble: Trouble | None
    failures: int
    """Number of consecutive failed runs."""
    synced_at: dt.datetime | None
    """The time at which it was last read completely."""


class MailboxStatuses:
    """The tables of mailboxes and runs in an open store, safe to use from any thread."""

    def __init__(self, catalogue: Catalogue, turn: Turn) -> None:
        self._catalogue = catalogue
        self._sql = catalogue.sql
        self._turn = turn

    @contextlib.contextmanager
    def _change(self, *, durable: bool = False) -> Iterator[None]:
        with self._turn(), self._catalogue.transaction(durable=durable):
            yield

    def of(self, provider: str) -> list[MailboxStatus]:
        """Return the status of every mailbox of the provider that was ever tried."""
        with self._turn():
            rows = self._sql.execute(
                "SELECT mailbox, identity, state, problem, remedy, next_try_at, demanded, failures, synced_at"
                " FROM mailbox WHERE provider = ?",
                (provider,),
            )
            return [_standing(row) for row in rows]

    def begin(self, provider: str, mailbox: str, identity: str | None) -> None:
        """Record that a run starts to read the mailbox; if the last run crashed, count its last item as suspect."""
        with self._change():
            key = (provider, mailbox)
            self._sql.execute(
                "INSERT INTO mailbox (provider, mailbox, identity, state, failures, starts) VALUES (?, ?, ?, ?, 0, 1)"
                " ON CONFLICT (provider, mailbox) DO UPDATE SET starts = starts + 1,"
                " identity = coalesce(excluded.identity, identity)",
                (*key, identity, READY),
            )
            self._sql.execute(
                "INSERT INTO suspect SELECT provider, mailbox, noted, 1 FROM mailbox"
                " WHERE (provider, mailbox) = (?, ?) AND noted IS NOT NULL"
                " ON CONFLICT DO UPDATE SET deaths = deaths + 1",
                key,
            )
            self._sql.execute("UPDATE mailbox SET noted = NULL WHERE (provider, mailbox) = (?, ?)", key)

    def careful(self, provider: str, mailbox: str) -> bool:
        """Return whether the last run crashed before it could store a page."""
        with self._turn():
            row = self._sql.execute(
                "SELECT starts FROM mailbox WHERE (provider, mailbox) = (?, ?)", (provider, mailbox)
            ).fetchone()
            return row is not None and row[0] > 1

    def note(self, provider: str, mailbox: str, provider_id: str) -> bool:
        """Record the item that is read next; return False if it crashed several runs."""
        with self._change(durable=True):
            key = (provider, mailbox, provider_id)
            if self._sql.execute(
                "SELECT 1 FROM suspect WHERE (provider, mailbox, provider_id) = (?, ?, ?) AND deaths >= ?",
                (*key, DEATHS),
            ).fetchone():
                return False
            self._sql.execute(
                "UPDATE mailbox SET noted = ? WHERE (provider, mailbox) = (?, ?)", (provider_id, *key[:2])
            )
            return True

    def stopped(self, provider: str, mailbox: str) -> None:
        """Record that the run was interrupted before it had read the whole mailbox."""
        with self._change():
            self._sql.execute(
                "UPDATE mailbox SET starts = 0, noted = NULL WHERE (provider, mailbox) = (?, ?)",
                (provider, mailbox),
            )

    def synced(self, provider: str, mailbox: str, *, at: dt.datetime) -> None:
        """Record that the mailbox was read completely, without problems."""
        with self._change():
            self._sql.execute(
                "UPDATE mailbox SET state = ?, problem = NULL, remedy = NULL, since = NULL, next_try_at = NULL,"
                " failures = 0, starts = 0, noted = NULL, synced_at = ? WHERE (provider, mailbox) = (?, ?)",
                (READY, to_microseconds(at), provider, mailbox),
            )

    def troubled(
        self, provider: str, mailbox: str, trouble: Trouble, *, at: dt.datetime, tried: bool = True
    ) -> None:
        """Record the reason why the mailbox could not be read; ``since`` is the beginning of that state.

        ``tried`` is False if the reason was known without an attempt, which is then no failed run.
        """
        with self._change():
            state = trouble.state
            self._sql.execute(
                "INSERT INTO mailbox"
                " (provider, mailbox, state, problem, remedy, since, next_try_at, demanded, failures, starts)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (provider, mailbox) DO UPDATE SET"
                " since = CASE WHEN state = excluded.state THEN since ELSE excluded.since END, state = excluded.state,"
                " problem = excluded.problem, remedy = excluded.remedy, next_try_at = excluded.next_try_at,"
                " demanded = excluded.demanded,"
                " failures = failures + excluded.failures, starts = 0, noted = NULL",
                (
                    *(provider, mailbox, state, trouble.problem, trouble.remedy),
                    *(
                        to_microseconds(at),
                        to_microseconds(trouble.next_try_at),
                        trouble.demanded,
                        int(tried),
                    ),
                ),
            )

    def new_owner(self, provider: str, mailbox: str, identity: str) -> None:
        """Record the new owner of the address."""
        with self._change():
            self._sql.execute(
                "UPDATE mailbox SET identity = ? WHERE (provider, mailbox) = (?, ?)",
                (identity, provider, mailbox),
            )

    def frame(self) -> pl.DataFrame:
        """Return every mailbox that was ever tried, in ``MAILBOX_STATUS_SCHEMA``."""
        with self._turn():
            names = ", ".join(MAILBOX_STATUS_SCHEMA.names())
            rows = self._sql.execute(f"SELECT {names} FROM mailbox ORDER BY 2, 1").fetchall()  # noqa: S608  # our names
            return pl.DataFrame(rows, schema=MAILBOX_STATUS_SCHEMA, orient="row")

    def ran(self, kind: str, *, started_at: dt.datetime, ended_at: dt.datetime, outcome: str) -> None:
        """Record the outcome of a run, and delete the oldest runs."""
        with self._change():
            self._sql.execute(
                "INSERT INTO run (kind, started_at, ended_at, how, outcome) VALUES (?, ?, ?, 'done', ?)",
                (kind, to_microseconds(started_at), to_microseconds(ended_at), outcome),
            )
            self._sql.execute(FORGET_RUNS, (kind,))

    def runs(self) -> pl.DataFrame:
        """Return the runs, the newest first, in ``RUNS_SCHEMA``."""
        with self._turn():
            names = ", ".join(RUNS_SCHEMA.names())
            rows = self._sql.execute(f"SELECT {names} FROM run ORDER BY run DESC")  # noqa: S608  # our names
            return pl.DataFrame(rows.fetchall(), schema=RUNS_SCHEMA, orient="row")


def _standing(
    row: tuple[str, str | None, str, str | None, str | None, int | None, int, int, int | None],
) -> MailboxStatus:
    mailbox, identity, state, problem, remedy, next_try_at, demanded, failures, synced_at = row
    trouble = None
    if state != READY and next_try_at is not None:
        trouble = Trouble(
            state=state,
            problem=problem or "",
            remedy=remedy or "",
            next_try_at=instant(next_try_at),
            demanded=bool(demanded),
        )
    return MailboxStatus(
        mailbox=mailbox,
        identity=identity,
        trouble=trouble,
        failures=failures,
        synced_at=None if synced_at is None else instant(synced_at),
    )
