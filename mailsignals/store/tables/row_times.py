"""The time of each row of the catalogue: rows of the future are counted, and left out of what is read.

A row is of the future if its time is later than now by more than ``clock.TOLERANCE``. Either the clock was ahead when
it was written, or it is behind now. A new table with times belongs into ``ROW_TIMES``.
"""

import dataclasses
import datetime as dt
import json
import sqlite3
from collections.abc import Sequence

from mailsignals.clock import latest_credible
from mailsignals.store.messages.skipped import LAST_TRY
from mailsignals.store.messages.sqlite_time import day_number, instant, to_microseconds
from mailsignals.wording.numbers import number_of

DOUBTED = dt.timedelta(days=7)
"""The time since a provider last confirmed the clock from which it may be ahead."""
_LONGEST_WAIT = LAST_TRY // dt.timedelta(microseconds=1)
_NEVER = to_microseconds(dt.datetime(9000, 1, 1, tzinfo=dt.UTC))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RowTimes:
    """The time of the rows of one table, in SQL."""

    table: str
    time: str
    """An expression: the time at which the row was written, in microseconds since 1970."""
    noun: str
    nouns: str
    left_out: bool = False
    """Whether readers leave out rows of the future; other tables are only counted, as decisions on them check times."""
    spare: dt.timedelta = dt.timedelta()
    """The time by which a row may be later still before readers leave it out."""
    movable: bool = True
    """Whether a row can be archived without loss: it is a record, and not the only place of a state."""
    near: str = "1"
    """A condition that an index answers, which all rows of the future meet; ``{day}`` is the last credible day."""


ROW_TIMES: Sequence[RowTimes] = (
    RowTimes(table="run", time="max(started_at, coalesce(ended_at, 0))", noun="job run", nouns="job runs"),
    RowTimes(
        table="score",
        time="scored_at",
        noun="recorded risk",
        nouns="recorded risks",
        left_out=True,
        near="scored_on >= {day} - 1",
    ),
    RowTimes(table="risk_card", time="made_at", noun="calibration", nouns="calibrations", left_out=True),
    RowTimes(
        table="feedback", time="given_at", noun="feedback entry", nouns="feedback entries", left_out=True
    ),
    RowTimes(
        table="delivery",
        time="coalesce(claimed_at, ended_at, 0)",
        noun="delivery",
        nouns="deliveries",
    ),
    RowTimes(
        table="alerted", time="since", noun="recipient of alerts", nouns="recipients of alerts", left_out=True
    ),
    RowTimes(table="told", time="noted_at", noun="alerted event", nouns="alerted events"),
    RowTimes(
        table="dismissal",
        time="dismissed_at",
        noun="dismissed email",
        nouns="dismissed emails",
        left_out=True,
    ),
    RowTimes(
        table="account_fact",
        time="seen_at",
        noun="value of the account list",
        nouns="values of the account list",
        left_out=True,
        spare=dt.timedelta(
            days=1
        ),  # a reading counts as later than the one before, also after a small set-back
    ),
    RowTimes(table="audit", time="at", noun="audit entry", nouns="audit entries", near="at > {latest}"),
    RowTimes(
        table="token",
        time="max(created_at, coalesce(revoked_at, 0))",
        noun="API token",
        nouns="API tokens",
        movable=False,
    ),
    RowTimes(
        table="mailbox",
        time="max(coalesce(since, 0), coalesce(synced_at, 0),"
        f" CASE WHEN next_try_at < {_NEVER} THEN next_try_at - {_LONGEST_WAIT} ELSE 0 END)",
        noun="mailbox",
        nouns="mailboxes",
        movable=False,
    ),
    RowTimes(
        table="skipped",
        time=f"coalesce(next_try_at - {_LONGEST_WAIT}, 0)",
        noun="skipped email",
        nouns="skipped emails",
        movable=False,
    ),
    RowTimes(
        table="source", time="committed_at", noun="synced source", nouns="synced sources", movable=False
    ),
    RowTimes(table="gone", time="gone_at", noun="removed email", nouns="removed emails", movable=False),
    RowTimes(
        table="forgotten", time="forgotten_at", noun="erased person", nouns="erased people", movable=False
    ),
    RowTimes(
        table="state",
        time="coalesce(kept_since, 0)",
        noun="limit of [retention]",
        nouns="limits of [retention]",
        movable=False,
    ),
)
WITHOUT_ROW_TIME = {
    "run.due_at": "never later than the start",
    "delivery.ended_at": "only without claimed_at",
    "delivery.next_try_at": "a wait; outbox.may_be_sent doubts one that is too long",
    "token.expires_at": "later by design",
    "ended_session.until": "later by design",
    "schedule.since": "read as now where it is later",
    "dismissal.sent_at": "the time of an email",
    "provider_date.date_at": "the time of a provider",
    "provider_date.noted_at": "compared with the clock by jobs.clock_doubt",
    "misdated.dated_at": "the time of a row that was archived",
    "misdated.archived_at": "never read again",
    "provider_limit.saved_at": "compared with the clock when limits are read",
}
"""Columns with times that don't date their row, each with the reason."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FutureDates:
    """Some things of one kind that are dated in the future."""

    noun: str
    nouns: str
    number: int
    last_at: dt.datetime

    @property
    def text(self) -> str:
        """Return the number with its noun: ``2 job runs``."""
        return f"{number_of(self.number)} {self.noun if self.number == 1 else self.nouns}"


def confirmed_time(sql: sqlite3.Connection, now: dt.datetime) -> dt.datetime:
    """Return now, or the last date that a provider reported if that is earlier.

    Old records are deleted by this time, so that a clock that is ahead deletes none.
    """
    (known,) = sql.execute("SELECT max(date_at) FROM provider_date").fetchone()
    return now if known is None else min(now, instant(known))


def future_rows(sql: sqlite3.Connection, now: dt.datetime) -> list[FutureDates]:
    """Return the tables with rows of the future, with their number and latest time."""
    found = []
    for each in ROW_TIMES:
        number, last = sql.execute(
            f"SELECT count(*), max({each.time}) FROM main.{each.table} WHERE {_future(each, now)}"  # noqa: S608  # our names
        ).fetchone()
        if number:
            found.append(FutureDates(noun=each.noun, nouns=each.nouns, number=number, last_at=instant(last)))
    return found


def leave_out_future(sql: sqlite3.Connection, now: dt.datetime) -> None:
    """Leave out rows of the future from everything that this connection reads from now on.

    Statements that change a table must name it as ``main.TABLE``, because a view stands in front of it.
    """
    (was_read_only,) = sql.execute("PRAGMA query_only").fetchone()
    sql.execute("PRAGMA query_only = OFF")  # views of this connection alone; the file isn't changed
    for each in ROW_TIMES:
        if each.left_out:
            sql.execute(f"DROP VIEW IF EXISTS temp.{each.table}")
            sql.execute(
                f"CREATE TEMP VIEW {each.table} AS SELECT * FROM main.{each.table}"  # noqa: S608  # our names
                f" WHERE {each.time} <= {to_microseconds(latest_credible(now) + each.spare)}"
            )
    sql.execute(f"PRAGMA query_only = {was_read_only}")


def archive_future_rows(sql: sqlite3.Connection, now: dt.datetime) -> list[FutureDates]:
    """Move records of the future into the table ``misdated``, and return what was moved; call it in a transaction.

    Nothing is deleted: each row is kept there as JSON, with its table and its time. Only call it when the clock is
    known to be right.
    """
    moved = [each for each in ROW_TIMES if each.movable]
    found = []
    for each in moved:
        columns = [row[1] for row in sql.execute(f"PRAGMA main.table_info({each.table})")]
        condition = _future(each, now)
        rows = sql.execute(
            f"SELECT {each.time}, {', '.join(columns)} FROM main.{each.table} WHERE {condition}"  # noqa: S608  # our names
        ).fetchall()
        if not rows:
            continue
        sql.executemany(
            "INSERT INTO misdated VALUES (?, ?, ?, ?)",
            [
                (each.table, json.dumps(dict(zip(columns, row, strict=True))), at, to_microseconds(now))
                for at, *row in rows
            ],
        )
        sql.execute(f"DELETE FROM main.{each.table} WHERE {condition}")  # noqa: S608  # our names
        last_at = instant(max(row[0] for row in rows))
        found.append(FutureDates(noun=each.noun, nouns=each.nouns, number=len(rows), last_at=last_at))
    return found


def _future(each: RowTimes, now: dt.datetime) -> str:
    """The condition of rows of the future, in SQL."""
    latest = latest_credible(now)
    numbers = {"day": day_number(latest.date()), "latest": to_microseconds(latest)}
    return f"{each.near.format(**numbers)} AND {each.time} > {numbers['latest']}"
