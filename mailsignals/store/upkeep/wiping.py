"""Leaves nothing on the disk of what was removed: replaced files, derived tables, free pages, and SQLite's log."""

import shutil
import sqlite3
from pathlib import Path

from mailsignals.store.messages import segments
from mailsignals.store.messages.catalogue import Catalogue

DERIVED, PREPARED = "derived", "prepared"
"""What is made from messages and made again: tables that signals are computed from, and those that pages show."""


def mark(catalogue: Catalogue) -> None:
    """Note, with the change that removes something, that it is still to be wiped from the disk."""
    catalogue.sql.execute("UPDATE state SET wipe = 1")


def is_due(catalogue: Catalogue) -> bool:
    """Return whether removed data may still be on the disk."""
    (due,) = catalogue.sql.execute("SELECT wipe FROM state").fetchone()
    return bool(due)


def clean(folder: Path, catalogue: Catalogue) -> bool:
    """Remove files that nothing refers to, and wipe what is due; to be called while nobody reads.

    Returns:
        Whether all is done; else some program keeps the catalogue's log busy, and the next writer tries again.
    """
    segments.sweep(folder, catalogue.segments())
    if not is_due(catalogue):
        return True
    made = [folder / DERIVED, folder / PREPARED]
    for each in made:
        shutil.rmtree(each, ignore_errors=True)
    if any(each.exists() for each in made) or not _wiped(catalogue.sql):
        return False
    with catalogue.transaction(durable=True):
        catalogue.sql.execute("UPDATE state SET wipe = 0")
    return True


def _wiped(sql: sqlite3.Connection) -> bool:
    """Write the SQLite file anew, without what was deleted, and empty its log; false while somebody uses either."""
    sql.execute("PRAGMA secure_delete = ON")
    sql.execute("PRAGMA synchronous = FULL")
    try:
        sql.execute("VACUUM")
        (busy, *_) = sql.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return not busy
