"""Rows of the future in every table of the catalogue: counted, left out, and set aside without loss."""

import datetime as dt
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mailsignals.store import Store
from mailsignals.store.messages.catalogue import FILE
from mailsignals.store.messages.sqlite_time import day_number, to_microseconds
from mailsignals.store.tables.audit import Audit, AuditEntry, AuditKind
from mailsignals.store.tables.clock_tables import ProviderDate
from mailsignals.store.tables.ended_sessions import EndedSessions
from mailsignals.store.tables.flag_tables import FlagTables
from mailsignals.store.tables.row_times import (
    ROW_TIMES,
    WITHOUT_ROW_TIME,
    RowTimes,
    future_rows,
    leave_out_future,
    set_aside_future,
)
from mailsignals.store.tables.tokens import Token, Tokens

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
DAYS, MINUTE = dt.timedelta(days=200), dt.timedelta(minutes=1)
TIME = re.compile(r"(.*_)?(at|since|until)")

pytestmark = pytest.mark.scenario("clock-jumps")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of an empty store."""
    with Store.open(tmp_path, mode="write"):
        pass
    return tmp_path


@pytest.fixture
def sql(folder: Path) -> Iterator[sqlite3.Connection]:
    """The catalogue of an empty store."""
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as connection:
        yield connection


def add(sql: sqlite3.Connection, table: str, at: dt.datetime) -> None:
    """Add a row whose times are all one time; waits end a week later."""
    if table == "state":
        sql.execute("UPDATE state SET kept_since = ?", (to_microseconds(at),))
        return
    values: dict[str, object] = {}
    for _, name, kind, *_ in sql.execute(f"PRAGMA table_info({table})"):
        if name == "next_try_at":
            values[name] = to_microseconds(at + dt.timedelta(days=7))
        elif TIME.fullmatch(name) and kind == "INTEGER":
            values[name] = to_microseconds(at)
        elif name.endswith("_on") and kind == "INTEGER":
            values[name] = day_number(at.date())
        elif kind != "INTEGER" or name not in {"run", "entry"}:
            values[name] = {"TEXT": f"{name} {at}", "BLOB": at.isoformat().encode()}.get(kind, 1)
    places = ", ".join("?" * len(values))
    sql.execute(f"INSERT INTO main.{table} ({', '.join(values)}) VALUES ({places})", [*values.values()])


def confirm(folder: Path, at: dt.datetime) -> None:
    """Note that a provider reported the time that the clock shows."""
    with Store.open(folder, mode="write") as store:
        store.clock.note_date(ProviderDate(provider="gmail", date_at=at, noted_at=at))


def rows(sql: sqlite3.Connection, table: str) -> int:
    """Return the number of rows that a reader sees."""
    return int(sql.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@pytest.mark.parametrize("each", ROW_TIMES, ids=lambda each: each.table)
def test_a_row_of_the_future_is_named_in_every_table(sql: sqlite3.Connection, each: RowTimes) -> None:
    """Five minutes are tolerated; a row that is 200 days late is counted, also while the clock is behind."""
    add(sql, each.table, NOW + 5 * MINUTE)
    assert future_rows(sql, NOW) == []
    (found,) = future_rows(sql, NOW - MINUTE)
    assert (found.number, found.last_at) == (1, NOW + 5 * MINUTE)
    add(sql, each.table, NOW + DAYS)
    (found,) = future_rows(sql, NOW)
    assert found.text == f"1 {each.noun}"
    assert future_rows(sql, NOW + DAYS) == []


@pytest.mark.parametrize("each", ROW_TIMES, ids=lambda each: each.table)
def test_readers_leave_it_out_and_still_see_the_others(sql: sqlite3.Connection, each: RowTimes) -> None:
    """Tables without this rule hold a state, or the proof that something was sent."""
    if each.table != "state":
        add(sql, each.table, NOW)
    add(sql, each.table, NOW + DAYS)
    before = rows(sql, each.table)
    leave_out_future(sql, NOW)
    assert rows(sql, each.table) == before - each.left_out
    leave_out_future(sql, NOW + DAYS)
    assert rows(sql, each.table) == before


@pytest.mark.parametrize("each", ROW_TIMES, ids=lambda each: each.table)
def test_what_is_set_aside_can_be_read(sql: sqlite3.Connection, each: RowTimes) -> None:
    """Each row is kept whole, with its table; a state is never moved."""
    add(sql, each.table, NOW + DAYS)
    found = set_aside_future(sql, NOW)
    kept = sql.execute("SELECT source, content, dated_at FROM misdated").fetchall()
    assert [(one.noun, one.number) for one in found] == ([(each.noun, 1)] if each.movable else [])
    if each.movable:
        ((table, content, dated_at),) = kept
        assert (table, dated_at) == (each.table, to_microseconds(NOW + DAYS))
        assert to_microseconds(NOW + DAYS) in json.loads(content).values()
        assert rows(sql, each.table) == 0
    assert future_rows(sql, NOW) == [] or not each.movable


def test_every_time_in_the_catalogue_is_accounted_for(sql: sqlite3.Connection) -> None:
    """A new column with a time belongs into ROW_TIMES, or into WITHOUT_ROW_TIME with a reason."""
    expressions = {each.table: each.time for each in ROW_TIMES}
    missing = []
    for (table,) in sql.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for _, name, kind, *_ in sql.execute(f"PRAGMA table_info({table})"):
            is_time = kind == "INTEGER" and TIME.fullmatch(name) is not None
            is_known = re.search(rf"\b{name}\b", expressions.get(table, "")) or (
                f"{table}.{name}" in WITHOUT_ROW_TIME
            )
            if is_time and not is_known:
                missing.append(f"{table}.{name}")
    assert missing == []


def test_recorded_risk_of_the_future_does_not_stop_the_record(folder: Path, sql: sqlite3.Connection) -> None:
    """The newest day is the newest one that can be right."""
    add(sql, "score", NOW - dt.timedelta(days=1))
    add(sql, "score", NOW + DAYS)
    with FlagTables.open(folder, now=NOW) as tables:
        newest = tables.scores.newest()
        assert newest is not None
        assert newest[0] == dt.date(2026, 3, 1)
        assert tables.scores.frame().height == 1


def test_a_token_of_the_future_is_refused(folder: Path) -> None:
    """Its end would be 200 days too late; it is valid once its time has come."""
    tokens = Tokens(folder)
    text = tokens.create(Token(name="bi", role="head", csm=None), at=NOW + DAYS, by="ana", expires_at=None)
    assert tokens.find(text, at=NOW) is None
    assert tokens.find(text, at=NOW + DAYS) is not None


def test_a_session_that_ended_stays_ended_after_a_clock_was_ahead(folder: Path) -> None:
    """A provider's date shows that the clock may be ahead, so nothing is forgotten by it."""
    hour = dt.timedelta(hours=1)
    ended = EndedSessions(folder)
    confirm(folder, NOW)
    ended.end("first", at=NOW, until=NOW + hour)
    ended.end("second", at=NOW + DAYS, until=NOW + DAYS + hour)
    assert ended.has("first")
    confirm(folder, NOW + 2 * hour)
    ended.end("third", at=NOW + 2 * hour, until=NOW + 3 * hour)
    assert not ended.has("first")


def test_a_clock_that_is_ahead_deletes_no_audit_entries(folder: Path) -> None:
    """The limit of age follows from the entries before, not from a clock that is months later."""
    audit = Audit(folder)

    def entry(at: dt.datetime) -> AuditEntry:
        return AuditEntry(at=at, who="", way="open", client="", kind=AuditKind.SEEN, what="/")

    keep = dt.timedelta(days=100)
    audit.add([entry(NOW - keep / 2), entry(NOW)], durable=True)
    audit.add([entry(NOW + DAYS)], durable=True, forget_before=NOW + DAYS - keep)
    audit.add([entry(NOW + MINUTE)], durable=True, forget_before=NOW + MINUTE - keep)
    assert audit.frame().height == 4
