"""Digests of the files of keys, which never change: stored data and sent links depend on them."""

import sqlite3
from pathlib import Path

from mailsignals.secret_files import BACKED_UP
from mailsignals.store.messages.digests import file_digest


def add_key_digests(sql: sqlite3.Connection, folder: Path) -> None:
    """Record the digests of keys that are new since a writer last opened the store.

    Raises:
        OSError: a key can't be read.
    """
    known = {name for (name,) in sql.execute("SELECT name FROM key_digest")}
    for which in BACKED_UP:  # a restored store makes the others anew
        path = folder / which.file_name
        if path.name not in known and path.is_file():
            sql.execute("INSERT INTO key_digest VALUES (?, ?)", (path.name, file_digest(path)))


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
