"""Digests of the files of keys, which never change: stored data and sent links depend on them."""

import sqlite3
from pathlib import Path

from mailsignals.secret_files import BACKED_UP, SecretFile
from mailsignals.store.messages.digests import file_digest

_KEYS = [which for which in BACKED_UP if which is not SecretFile.LABELS]
"""The keys that stored data depends on; a restored store, or an operator, may make the others anew."""


def add_key_digests(sql: sqlite3.Connection, folder: Path) -> None:
    """Record the digests of keys that are new since a writer last opened the store.

    Raises:
        OSError: a key can't be read.
    """
    known = {name for (name,) in sql.execute("SELECT name FROM key_digest")}
    for which in _KEYS:
        path = folder / which.file_name
        if path.name not in known and path.is_file():
            sql.execute("INSERT INTO key_digest VALUES (?, ?)", (path.name, file_digest(path)))


def key_of(path: Path) -> SecretFile | None:
    """Return the key that a file of a store is; None for any other file."""
    return next((which for which in _KEYS if which.file_name == path.name), None)


def forget_key_digest(sql: sqlite3.Connection, which: SecretFile) -> None:
    """Let a key be drawn anew on its next use."""
    sql.execute("DELETE FROM key_digest WHERE name = ?", (which.file_name,))


def faults_of_keys(sql: sqlite3.Connection, folder: Path) -> list[tuple[Path, str]]:
    """Return the keys that are missing or changed, each with its fault in words.

    Raises:
        OSError: a key can't be read.
    """
    faults = []
    for name, digest in sql.execute("SELECT name, digest FROM key_digest ORDER BY name"):
        path = folder / name
        if not path.exists():
            faults.append((path, "is missing"))
        elif not path.is_file():
            faults.append((path, "is not a file"))
        elif file_digest(path) != digest:
            faults.append((path, "is damaged: its content is not what was written"))
    return faults
