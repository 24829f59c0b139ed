"""Restores of a store, and what each one ends, so that nothing done since the backup comes back or is repeated."""

import dataclasses
import datetime as dt
import sqlite3

from mailsignals.store.messages.sqlite_time import instant, to_microseconds
from mailsignals.store.tables.deliveries import CLAIMED, LATER, UNSURE

RESTORE = "restore"
"""The name of a restore among the runs."""
RESTORED = (
    "The store was restored from a backup, so it may have been sent before. Ask the recipient, and use --resend if it "
    "was not."
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class EndedAccess:
    """The access that a restore ended."""

    tokens: tuple[str, ...]
    """The names of API tokens that were valid in the backup."""


def end_access(sql: sqlite3.Connection, *, at: dt.datetime) -> EndedAccess:
    """Revoke every API token, because one that was revoked after the backup must not work again.

    Call it inside a transaction. Sessions end by themselves: a backup has no key of sessions.
    """
    moment = to_microseconds(at)
    valid = sql.execute(
        "SELECT name FROM token WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?) ORDER BY name",
        (moment,),
    ).fetchall()
    sql.execute("UPDATE main.token SET revoked_at = ? WHERE revoked_at IS NULL", (moment,))
    sql.execute("DELETE FROM main.ended_session")
    return EndedAccess(tokens=tuple(name for (name,) in valid))


def note_restore(sql: sqlite3.Connection, *, at: dt.datetime, outcome: str) -> None:
    """Record a restore, so that nothing that may have been sent since the backup is sent again.

    Call it inside a transaction. Unfinished and postponed deliveries become uncertain. Alerts begin anew: they report
    events from now on.
    """
    moment = to_microseconds(at)
    sql.execute(
        "UPDATE main.delivery SET state = ?, claimed_at = coalesce(claimed_at, ended_at, ?), ended_at = ?,"
        " next_try_at = NULL, problem = ? WHERE state IN (?, ?)",
        (UNSURE, moment, moment, RESTORED, CLAIMED, LATER),
    )
    sql.execute("UPDATE main.alerted SET since = max(since, ?)", (moment,))
    sql.execute(
        "INSERT INTO main.run (kind, due_at, started_at, ended_at, how, outcome) VALUES (?, NULL, ?, ?, 'done', ?)",
        (RESTORE, moment, moment, outcome),
    )


def last_restore(sql: sqlite3.Connection) -> dt.datetime | None:
    """Return the time of the last restore of the store; None if it was never restored."""
    (moment,) = sql.execute("SELECT max(started_at) FROM run WHERE kind = ?", (RESTORE,)).fetchone()
    return None if moment is None else instant(moment)
