"""Copies what can still be read of a damaged catalogue into a new one, table by table."""

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mailsignals.errors import UserError
from mailsignals.store.messages import table_digests
from mailsignals.store.messages.catalogue import FILE, Catalogue
from mailsignals.store.messages.digests import digest

_DRAFT = ".draft-"
_TYPES: dict[str, tuple[type, ...]] = {
    "INTEGER": (int,),
    "TEXT": (str,),
    "REAL": (float, int),
    "BLOB": (bytes,),
}
_LOG_FILES = (f"{FILE}-wal", f"{FILE}-shm")


class LostCatalogueError(UserError):
    """Nothing in the catalogue can be read."""


def salvage(folder: Path, aside: Path) -> list[str]:
    """Replace a damaged catalogue by a new one with every row that can be read; the old one goes to ``aside``.

    Call it with the writer's lock. Returns the tables with lost or doubtful rows; all others are proven to be as they
    were written.

    Raises:
        LostCatalogueError: nothing can be read; the store is unchanged.
    """
    draft = Path(tempfile.mkdtemp(dir=folder, prefix=_DRAFT))
    try:
        with contextlib.closing(Catalogue.for_writing(draft)) as new:
            found = _copied(folder, new)
        for name in (FILE, *_LOG_FILES):
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(folder / name, aside / name)
        for name in _LOG_FILES:  # the log of another file would be applied to the new one
            (folder / name).unlink(missing_ok=True)
        if (folder / FILE).is_dir():
            (folder / FILE).rename(aside / f"{FILE}.folder")
        (draft / FILE).replace(folder / FILE)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return found


def _copied(folder: Path, new: Catalogue) -> list[str]:
    tables = [name for (name,) in new.sql.execute("SELECT name FROM table_digest ORDER BY name")]
    copied: dict[str, int] = {}
    digests: dict[str, bytes] = {}
    for sql in _connections(folder / FILE):
        try:
            digests.update(sql.execute("SELECT name, digest FROM table_digest"))
        except (sqlite3.DatabaseError, ValueError):
            digests = {}
        with new.transaction(durable=True):
            for table in tables:
                copied[table] = _copy_rows(sql, new.sql, table)
        sql.close()
        if any(copied.values()):
            break
    if not any(copied.values()):
        raise LostCatalogueError(f"{folder / FILE}: nothing in it can be read")
    with new.transaction(durable=True):
        _add_missing(new.sql)
    now = dict(new.sql.execute("SELECT name, digest FROM table_digest"))
    return [table for table in tables if now[table] != digests.get(table)]


def _connections(path: Path) -> Iterator[sqlite3.Connection]:
    """The old catalogue, first with its log, then without."""
    for options in ("mode=rw", "mode=ro&immutable=1"):
        try:
            sql = sqlite3.connect(f"{path.resolve().as_uri()}?{options}", uri=True, isolation_level=None)
        except sqlite3.Error:
            continue
        sql.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        yield sql


def _copy_rows(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> int:
    """Copy the rows from both ends of a table up to the damage between them; return their number."""
    columns = [(row[1], row[2]) for row in new.execute(f"PRAGMA main.table_info({table})")]
    keys = [row[1] for row in new.execute(f"PRAGMA main.table_info({table})") if row[5]]
    try:
        there = {row[1] for row in old.execute(f"PRAGMA main.table_info({table})")}
    except sqlite3.DatabaseError:
        return 0
    shared = [(name, kind) for name, kind in columns if name in there]
    if not shared:
        return 0
    if table == "state":  # it has one row from the start
        new.execute("DELETE FROM state")
    names = ", ".join(name for name, _ in shared)
    marks = ", ".join("?" * len(shared))
    insert = f"INSERT OR IGNORE INTO main.{table} ({names}) VALUES ({marks})"  # noqa: S608  # our names
    before = new.total_changes
    backwards = f" ORDER BY {', '.join(f'{key} DESC' for key in keys)}" if keys else None
    fits = _fitting([kind for _, kind in shared])
    for order in ("", backwards):
        select = f"SELECT {names} FROM {table}{order}"  # noqa: S608  # our names
        if order is not None and _copy_in_order(old, new, select, insert, fits):
            break
    if table == "state" and not new.execute("SELECT count(*) FROM state").fetchone()[0]:
        new.execute("INSERT INTO state (revision, hashing) VALUES (0, 'none yet')")
        return 0
    return new.total_changes - before


def _copy_in_order(
    old: sqlite3.Connection,
    new: sqlite3.Connection,
    select: str,
    insert: str,
    fits: Callable[[Sequence[object]], bool],
) -> bool:
    """Copy rows until one can't be read; return whether all were."""
    try:
        for row in old.execute(select):
            if fits(row):
                with contextlib.suppress(UnicodeEncodeError):
                    new.execute(insert, row)
    except sqlite3.DatabaseError:
        return False
    return True


def _fitting(kinds: Sequence[str]) -> Callable[[Sequence[object]], bool]:
    """A function that returns whether the values of a row have the types of their columns."""
    types = [_TYPES[kind] for kind in kinds]
    return lambda row: all(
        value is None or isinstance(value, kind) for value, kind in zip(row, types, strict=True)
    )


def _add_missing(sql: sqlite3.Connection) -> None:
    """Give pages of an older version their digest."""
    for page, messages in sql.execute("SELECT page, messages FROM page WHERE digest IS NULL").fetchall():
        sql.execute("UPDATE page SET digest = ? WHERE page = ?", (digest(messages), page))
    table_digests.renew(sql)
