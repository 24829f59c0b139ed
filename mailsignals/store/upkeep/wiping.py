"""Wipes deleted data from the disk: replaced files, derived tables, free pages, and SQLite's log."""

import shutil
import sqlite3
from pathlib import Path

from mailsignals.store.messages import segments
from mailsignals.store.messages.catalogue import Catalogue

DERIVED, PREPARED = "derived", "prepared"
"""Folders of derived data, which is computed again: touches, and the tables of pages."""


def mark(catalogue: Catalogue) -> None:
    """Record, in the transaction of a deletion, that the disk must be wiped."""
    catalogue.sql.execute("UPDATE state SET wipe = 1")


def is_due(catalogue: Catalogue) -> bool:
    """Return whether deleted data may still be on the disk."""
    (due,) = catalogue.sql.execute("SELECT wipe FROM state").fetchone()
    return bool(due)


def clean(folder: Path, catalogue: Catalogue) -> bool:
    """Remove unreferenced files, and wipe deleted data if that is due; call it while nobody reads.

    Returns:
        True if everything is done; False if another program uses the catalogue's log, and the next writer must retry.
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
    """Rewrite the SQLite file without deleted data, and empty its log; return False while either is in use."""
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
