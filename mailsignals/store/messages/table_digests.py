"""A digest of every table of the catalogue, kept up to date with each change, because SQLite has none of its own.

The digest of a table is the sum of the digests of its rows, so that a change of one row costs that row only. Temporary
triggers keep it, in the transaction that changes the row; a change by another program, or by a disk, leaves it behind.
"""

import contextlib
import hashlib
import re
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

TABLE = "table_digest"
DEFINITION = f"CREATE TABLE {TABLE} (name TEXT PRIMARY KEY, digest BLOB NOT NULL) WITHOUT ROWID"

ABOUT_MAIL = ("state", "source", "segment", "page")
"""The small tables that decide which mail is stored; they are checked whenever the store is opened."""

_BYTES = 16
_ALL = 1 << (8 * _BYTES)
_WITHOUT = {"page": {"messages"}}
"""Columns with a digest of their own."""

_WRITE = re.compile(
    r"\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM)\s+(?:main\.)?(\w+)",
    re.IGNORECASE,
)
_EDGE = re.compile(r"\s*(?:BEGIN|ROLLBACK)", re.IGNORECASE)


class DigestedConnection(sqlite3.Connection):
    """A connection that keeps the digests of the tables that it changes."""

    _followed: set[str] | None = None

    def follow(self) -> None:
        """Keep the digests from now on, once the tables have their final columns; older stores have no digests."""
        (known,) = super().execute("SELECT count(*) FROM sqlite_master WHERE name = ?", (TABLE,)).fetchone()
        if not known:
            return
        self.create_function("row_added", -1, _row_added, deterministic=True)
        self.create_function("row_removed", -1, _row_removed, deterministic=True)
        super().execute("PRAGMA recursive_triggers = ON")  # a replaced row is a removed one
        self._followed = set()

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:  # noqa: ANN401  # as in the standard library
        """Execute a statement."""
        self._before(sql)
        return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        """Execute a statement for each of the parameters."""
        self._before(sql)
        return super().executemany(sql, parameters)

    def _before(self, sql: str) -> None:
        if self._followed is None:
            return
        if _EDGE.match(sql):  # a transaction that is undone takes its triggers with it
            self._followed = set()
            return
        write = _WRITE.match(sql)
        if write and write[1] not in self._followed:
            self._followed.add(write[1])
            self._add_triggers(write[1])

    def _add_triggers(self, table: str) -> None:
        (known,) = super().execute(f"SELECT count(*) FROM {TABLE} WHERE name = ?", (table,)).fetchone()  # noqa: S608  # our name
        if not known:
            return
        columns = _columns(self, table)
        new, old = (", ".join(f'{row}."{name}"' for name in columns) for row in ("NEW", "OLD"))
        for event, value in (
            ("INSERT", f"row_added(digest, {new})"),
            ("DELETE", f"row_removed(digest, {old})"),
            ("UPDATE", f"row_added(row_removed(digest, {old}), {new})"),
        ):
            super().execute(
                f"CREATE TEMP TRIGGER IF NOT EXISTS {table}_{event} AFTER {event} ON main.{table} BEGIN"  # noqa: S608  # our names
                f" UPDATE {TABLE} SET digest = {value} WHERE name = '{table}'; END"
            )


def renew(catalogue: sqlite3.Connection) -> None:
    """Compute the digests of all tables from their rows, inside a transaction; for tables that were just changed."""
    catalogue.execute(f"DELETE FROM {TABLE}")  # noqa: S608  # our name
    for table in _tables(catalogue):
        catalogue.execute(f"INSERT INTO {TABLE} VALUES (?, ?)", (table, _digest(catalogue, table)))  # noqa: S608  # our name


def changed_tables(catalogue: sqlite3.Connection, only: Iterable[str] | None = None) -> list[str]:
    """Return the tables whose rows aren't those that this program wrote, and tables that are missing.

    Args:
        catalogue: a catalogue with digests.
        only: the tables to read; None for all.
    """
    stored = dict(catalogue.execute(f"SELECT name, digest FROM {TABLE}"))  # noqa: S608  # our name
    tables = sorted({*stored, *_tables(catalogue)}) if only is None else only
    with _any_text(catalogue):
        return [table for table in tables if stored.get(table) != _read(catalogue, table)]


@contextlib.contextmanager
def _any_text(catalogue: sqlite3.Connection) -> Iterator[None]:
    """Read text that has lost its encoding as it is."""
    before = catalogue.text_factory
    catalogue.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        catalogue.text_factory = before


def _read(catalogue: sqlite3.Connection, table: str) -> bytes | None:
    """The digest of the rows of a table; None if they can't be read."""
    try:
        return _digest(catalogue, table)
    except sqlite3.DatabaseError:
        return None


def _digest(catalogue: sqlite3.Connection, table: str) -> bytes:
    names = ", ".join(f'"{name}"' for name in _columns(catalogue, table))
    total = sum(_number(row) for row in catalogue.execute(f'SELECT {names} FROM main."{table}"'))  # noqa: S608  # our names
    return (total % _ALL).to_bytes(_BYTES, "big")


def _tables(catalogue: sqlite3.Connection) -> list[str]:
    rows = catalogue.execute("SELECT name FROM main.sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in rows if name != TABLE and not name.startswith("sqlite_")]


def _columns(catalogue: sqlite3.Connection, table: str) -> list[str]:
    without = _WITHOUT.get(table, set())
    rows = sqlite3.Connection.execute(catalogue, f'PRAGMA main.table_info("{table}")')
    return [row[1] for row in rows if row[1] not in without]


def _number(row: tuple[object, ...]) -> int:
    # SQLite stores the negative zero as zero.
    values = [value + 0.0 if type(value) is float else value for value in row]
    return int.from_bytes(hashlib.blake2b(repr(values).encode(), digest_size=_BYTES).digest(), "big")


def _row_added(total: bytes, *row: object) -> bytes:
    return ((int.from_bytes(total, "big") + _number(row)) % _ALL).to_bytes(_BYTES, "big")


def _row_removed(total: bytes, *row: object) -> bytes:
    return ((int.from_bytes(total, "big") - _number(row)) % _ALL).to_bytes(_BYTES, "big")
