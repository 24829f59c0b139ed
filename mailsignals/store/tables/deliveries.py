"""Deliveries by recipient and day: claimed before sending, with the outcome."""

import dataclasses
import datetime as dt
import sqlite3
from collections.abc import Callable
from typing import TypeAlias

import polars as pl

from mailsignals.schema import INSTANT
from mailsignals.store.messages.sqlite_time import day_number, instant, to_microseconds

CLAIMED = "claimed"
SENT = "sent"
REFUSED = "refused"
LATER = "later"
UNSURE = "unsure"
SKIPPED = "skipped"

DELIVERIES_SCHEMA = pl.Schema(
    {
        "kind": pl.String(),
        "recipient": pl.String(),
        "due_on": pl.Date(),
        "number": pl.Int64(),
        "message_id": pl.String(),
        "state": pl.String(),
        "attempts": pl.Int64(),
        "claimed_at": INSTANT,
        "ended_at": INSTANT,
        "next_try_at": INSTANT,
        "problem": pl.String(),
    }
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The key of a delivery, which is sent only once."""

    kind: str
    recipient: str
    due_on: dt.date
    """The day of the delivery, in the company's time zone."""
    number: int = 0
    """The number of earlier deliveries of its kind on that day, for kinds with several per day."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The state of a delivery: its attempts, its next try and its last problem."""

    state: str
    attempts: int = 0
    next_try_at: dt.datetime | None = None
    problem: str | None = None


Judge: TypeAlias = Callable[[Record | None], bool]
"""A function that decides whether a delivery in a state (None: never tried) may be sent now."""


class Deliveries:
    """The table of deliveries in an open catalogue; changes belong inside a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection

    def find(self, key: Key) -> Record | None:
        """Return the state of a delivery; None if it was never tried."""
        row = self._sql.execute(
            "SELECT state, attempts, next_try_at, problem FROM delivery"
            " WHERE (kind, recipient, due_on, number) = (?, ?, ?, ?)",
            _columns(key),
        ).fetchone()
        if row is None:
            return None
        state, attempts, next_try_at, problem = row
        at = None if next_try_at is None else instant(next_try_at)
        return Record(state=state, attempts=attempts, next_try_at=at, problem=problem)

    def claim(self, key: Key, *, message_id: str, at: dt.datetime) -> int:
        """Record that a delivery is about to be sent; return the number of attempts including this one."""
        (attempts,) = self._sql.execute(
            "INSERT INTO main.delivery (kind, recipient, due_on, number, message_id, state, attempts, claimed_at)"
            " VALUES (?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT (kind, recipient, due_on, number) DO UPDATE SET"
            " message_id = excluded.message_id, state = excluded.state, attempts = attempts + 1,"
            " claimed_at = excluded.claimed_at, ended_at = NULL, next_try_at = NULL, problem = NULL"
            " RETURNING attempts",
            (*_columns(key), message_id, CLAIMED, to_microseconds(at)),
        ).fetchone()
        return int(attempts)

    def end(self, key: Key, record: Record, *, at: dt.datetime) -> None:
        """Record the outcome of a claimed delivery."""
        next_try_at = None if record.next_try_at is None else to_microseconds(record.next_try_at)
        self._sql.execute(
            "UPDATE main.delivery SET state = ?, ended_at = ?, next_try_at = ?, problem = ?"
            " WHERE (kind, recipient, due_on, number) = (?, ?, ?, ?)",
            (record.state, to_microseconds(at), next_try_at, record.problem, *_columns(key)),
        )

    def pass_over(self, key: Key, record: Record, *, message_id: str, at: dt.datetime) -> None:
        """Record the reason for not sending; the outcome of an earlier attempt stays unless it would be repeated."""
        next_try_at = None if record.next_try_at is None else to_microseconds(record.next_try_at)
        self._sql.execute(
            "INSERT INTO main.delivery"
            " (kind, recipient, due_on, number, message_id, state, attempts, ended_at, next_try_at, problem)"
            " VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?) ON CONFLICT (kind, recipient, due_on, number) DO UPDATE SET"
            " state = excluded.state, problem = excluded.problem, ended_at = excluded.ended_at,"
            " next_try_at = excluded.next_try_at WHERE state IN (?, ?)",
            (
                *(*_columns(key), message_id, record.state, to_microseconds(at), next_try_at, record.problem),
                *(SKIPPED, LATER),
            ),
        )

    def orphaned(self, problem: str, *, at: dt.datetime) -> None:
        """Mark every claim without an outcome as uncertain."""
        self._sql.execute(
            "UPDATE main.delivery SET state = ?, ended_at = ?, problem = ? WHERE state = ?",
            (UNSURE, to_microseconds(at), problem, CLAIMED),
        )

    def frame(self) -> pl.DataFrame:
        """Return all deliveries, the newest day first, in ``DELIVERIES_SCHEMA``."""
        names = ", ".join(DELIVERIES_SCHEMA.names())
        rows = self._sql.execute(
            f"SELECT {names} FROM delivery"  # noqa: S608  # our names
            " ORDER BY due_on DESC, kind, recipient, number"
        )
        return pl.DataFrame(rows.fetchall(), schema=DELIVERIES_SCHEMA, orient="row")


def records(frame: pl.DataFrame) -> dict[Key, Record]:
    """Return the records of a frame in ``DELIVERIES_SCHEMA`` by key."""
    return {
        Key(kind=row["kind"], recipient=row["recipient"], due_on=row["due_on"], number=row["number"]): Record(
            state=row["state"],
            attempts=row["attempts"],
            next_try_at=row["next_try_at"],
            problem=row["problem"],
        )
        for row in frame.iter_rows(named=True)
    }


def _columns(key: Key) -> tuple[str, str, int, int]:
    return key.kind, key.recipient, day_number(key.due_on), key.number
