"""Digests of the catalogue's tables: kept with every change of the program, and left behind by any other."""

import contextlib
import sqlite3
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mailsignals.store.messages import table_digests
from mailsignals.store.messages.table_digests import DigestedConnection, changed_tables

VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.binary(),
)
ROWS = st.lists(st.tuples(st.sampled_from("abc"), VALUES, VALUES), max_size=6)
STATEMENTS = (
    "INSERT OR REPLACE INTO main.thing VALUES (?, ?, ?)",
    "INSERT INTO thing VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET one = excluded.one",
    "INSERT INTO thing VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    "\nUPDATE OR REPLACE thing SET name = ?1, one = ?2 WHERE two IS NOT ?3",
    "DELETE FROM thing WHERE name > ? AND one IS NOT ? AND two IS NOT ?",
)
CHANGES = st.lists(st.tuples(st.sampled_from(STATEMENTS), ROWS, st.booleans()), max_size=6)


def a_catalogue(path: str = ":memory:") -> DigestedConnection:
    """Two tables with digests."""
    sql = sqlite3.connect(path, isolation_level=None, factory=DigestedConnection)
    sql.execute("CREATE TABLE thing (name TEXT PRIMARY KEY, one REAL, two) WITHOUT ROWID")
    sql.execute("CREATE TABLE other (number INTEGER PRIMARY KEY, text TEXT)")
    sql.execute(table_digests.DEFINITION)
    table_digests.renew(sql)
    sql.follow()
    return sql


@settings(max_examples=60, deadline=None)
@given(CHANGES)
def test_the_digest_of_a_table_follows_every_change(
    changes: list[tuple[str, list[tuple[object, ...]], bool]],
) -> None:
    """Whatever values are inserted, replaced, updated, deleted or rolled back."""
    with contextlib.closing(a_catalogue()) as sql:
        for statement, rows, undone in changes:
            sql.execute("BEGIN")
            sql.executemany(statement, rows)
            sql.execute("ROLLBACK" if undone else "COMMIT")
            assert changed_tables(sql) == []


def test_a_change_by_another_program_is_noticed(tmp_path: Path) -> None:
    """A value, a row that went, and a table that went."""
    path = tmp_path / "tables.sqlite"
    with contextlib.closing(a_catalogue(str(path))) as sql:
        sql.executemany("INSERT INTO other VALUES (?, ?)", [(1, "a"), (2, "b")])
        sql.execute("INSERT INTO thing VALUES ('x', 1, 2)")
        for damage, back, table in (
            (
                "UPDATE other SET text = 'c' WHERE number = 2",
                "UPDATE other SET text = 'b' WHERE number = 2",
                "other",
            ),
            ("UPDATE thing SET two = CAST(x'ff' AS TEXT)", "UPDATE thing SET two = 2", "thing"),
            ("DELETE FROM thing", "INSERT INTO thing VALUES ('x', 1, 2)", "thing"),
            ("DROP TABLE other", "SELECT 1", "other"),
        ):
            with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute(damage)
                assert changed_tables(other) == [table]
                other.execute(back)
