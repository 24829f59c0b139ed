"""Connections to the SQLite file of a store: for changes that keep its digests, and for a snapshot."""

import sqlite3
from pathlib import Path

from mailsignals.errors import OtherVersionError
from mailsignals.store.messages import migrations, table_version
from mailsignals.store.messages.errors import missing_store
from mailsignals.store.messages.table_digests import DigestedConnection

_WAIT_SECONDS = 30


def connect_for_writing(
    path: Path, *, many_threads: bool = False, patience_seconds: float = _WAIT_SECONDS
) -> DigestedConnection:
    """Return a connection for changes; ``many_threads`` allows any thread to use it, one at a time."""
    return sqlite3.connect(
        path,
        isolation_level=None,
        timeout=patience_seconds,
        check_same_thread=not many_threads,
        factory=DigestedConnection,
    )


def connect_snapshot(folder: Path, uri: str) -> sqlite3.Connection:
    """Return a connection to a snapshot of the catalogue.

    Raises:
        UserError: it can't be used; with a remedy.
    """
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_WAIT_SECONDS)
    try:
        connection.execute("PRAGMA query_only = ON")
        check_for_use(connection, folder)
        connection.execute("BEGIN")
        connection.execute("SELECT revision FROM state").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def check_for_use(connection: sqlite3.Connection, folder: Path) -> None:
    """Refuse a catalogue that is missing, or of another program or another version.

    Raises:
        UserError: it can't be used; with a remedy.
    """
    table_version.check_version(connection, name=str(folder))
    taken = table_version.version(connection)
    if taken == 0:
        raise missing_store(folder)
    if taken < len(migrations.STEPS):
        raise OtherVersionError(
            f"{folder}: an older mailsignals wrote this store. Run `mailsignals sync` or `mailsignals import` "
            "once to update it."
        )
