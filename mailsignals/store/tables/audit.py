"""The table of the dashboard's audit log: entries are added, and deleted when they are old enough."""

import dataclasses
import datetime as dt
import sqlite3
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

import polars as pl

from mailsignals.schema import INSTANT
from mailsignals.store.messages.sqlite_time import instant, to_microseconds
from mailsignals.store.tables.open_tables import open_tables
from mailsignals.store.tables.row_times import DOUBTED, confirmed_time

AUDIT_SCHEMA = pl.Schema(
    {
        "at": INSTANT,
        "who": pl.String(),
        "way": pl.String(),
        "client": pl.String(),
        "kind": pl.String(),
        "what": pl.String(),
        "account_id": pl.String(),
        "status": pl.Int64(),
        "detail": pl.String(),
    }
)

LONGEST = 500
"""Largest number of characters of a text, because requests can contain texts of any length."""


class AuditKind(StrEnum):
    """The kinds of entries in the audit log."""

    SEEN = "seen"
    EXPORTED = "exported"
    """Downloaded as a file, or requested from the API."""
    CHANGED = "changed"
    SIGNED_IN = "signed in"
    SIGNED_OUT = "signed out"
    REFUSED = "refused"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """An entry of the audit log: one action of a person or program."""

    at: dt.datetime
    who: str
    """The person's address, the token as ``token NAME``, or empty without authentication."""
    way: str
    """The way of authentication: ``session``, ``proxy``, ``token``, ``open`` or ``nobody``."""
    client: str
    """The network address of the request."""
    kind: AuditKind
    what: str
    """The path of the request."""
    account_id: str | None = None
    status: int | None = None
    """The HTTP status of the response."""
    detail: str | None = None
    """The change, or the reason for the refusal; never a subject."""


class Audit:
    """The audit log of a store, safe to use from any thread and process, also during a sync."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(
        self, entries: Sequence[AuditEntry], *, durable: bool, forget_before: dt.datetime | None = None
    ) -> None:
        """Add entries, and delete those before a point in time.

        Raises:
            UserError: the store can't be written; nothing was added.
        """
        rows = [_row(entry) for entry in entries]
        with open_tables(self._folder) as catalogue, catalogue.transaction(durable=durable):
            if forget_before is not None:
                _forget(catalogue.sql, forget_before, now=entries[-1].at)
            catalogue.sql.executemany(
                "INSERT INTO audit (at, who, way, client, kind, what, account_id, status, detail)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )

    def frame(
        self,
        *,
        since: dt.datetime | None = None,
        who: str | None = None,
        account_id: str | None = None,
        most: int | None = None,
    ) -> pl.DataFrame:
        """Return the entries since a time, of a person, or of an account; the newest first, in ``AUDIT_SCHEMA``."""
        wanted, values = ["1"], list[int | str]()
        for condition, value in (
            ("at >= ?", None if since is None else to_microseconds(since)),
            ("who = ?", who),
            ("account_id = ?", account_id),
        ):
            if value is not None:
                wanted.append(condition)
                values.append(value)
        query = (
            f"SELECT {', '.join(AUDIT_SCHEMA.names())} FROM audit WHERE {' AND '.join(wanted)}"  # noqa: S608  # our names
            " ORDER BY at DESC, entry DESC LIMIT ?"
        )
        with open_tables(self._folder) as catalogue:
            rows = catalogue.sql.execute(query, (*values, -1 if most is None else most)).fetchall()
        found = [(instant(row[0]), *row[1:]) for row in rows]
        return pl.DataFrame(found, schema=AUDIT_SCHEMA, orient="row")

    def refusals(self, *, since: dt.datetime, until: dt.datetime) -> Mapping[str, int]:
        """Return the number of refused requests between two times, by identified person or token, most first.

        Sign-ins that failed and requests without credentials aren't counted, because anybody can send them.
        """
        with open_tables(self._folder) as catalogue:
            rows = catalogue.sql.execute(
                "SELECT who, COUNT(*) AS number FROM audit"
                " WHERE at BETWEEN ? AND ? AND kind = ? AND who <> '' AND way <> 'nobody'"
                " GROUP BY who ORDER BY number DESC, who",
                (to_microseconds(since), to_microseconds(until), str(AuditKind.REFUSED)),
            ).fetchall()
        return dict(rows)


def _forget(sql: sqlite3.Connection, before: dt.datetime, *, now: dt.datetime) -> None:
    """Delete entries before a time; fewer if the clock may be ahead by what providers and earlier entries show."""
    (newest,) = sql.execute("SELECT max(at) FROM audit WHERE at <= ?", (to_microseconds(now),)).fetchone()
    known = [confirmed_time(sql, now), now if newest is None else instant(newest)]
    ahead = max(now - min(known) - DOUBTED, dt.timedelta())
    sql.execute("DELETE FROM audit WHERE at < ?", (to_microseconds(before - ahead),))


def _row(entry: AuditEntry) -> tuple[int | str | None, ...]:
    texts = (entry.who, entry.way, entry.client, str(entry.kind), entry.what, entry.account_id)
    return to_microseconds(entry.at), *map(_short, texts), entry.status, _short(entry.detail)


def _short(text: str | None) -> str | None:
    """A text that SQLite accepts, cut to the largest length."""
    return None if text is None else text[:LONGEST].encode("utf-8", "replace").decode()
