"""Turns errors of the disk and of SQLite into messages with a remedy."""

import contextlib
import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from mailsignals.errors import UserError
from mailsignals.store.messages import lock

_FULL = "the disk is full or over its quota. Free some space and run the command again; no data is damaged."
_READ_ONLY = "no write permission. Change the permissions, or use another folder as store.path."
_FORBIDDEN = "no permission. Change the permissions, or use another folder as store.path."
_DAMAGED = (
    "its catalogue is damaged or is not an SQLite file. Restore the folder from a backup, "
    "or move it away and import again, which recovers all mail that is still in the mailboxes."
)
_BUSY = "another program is using it. Try again in a moment."

_BY_ERRNO = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
}
_BY_SQLITE_CODE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: "its catalogue can't be opened. Check the permissions of the folder.",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_IOERR: "the disk is full, or can't be read or written. Check it, and run the command again.",
}


def missing_store(folder: Path) -> UserError:
    """Return the error for a folder without a store."""
    return UserError(
        f"{folder}: no store here yet. Run `mailsignals sync` or `mailsignals import` first, or "
        "correct store.path in the configuration."
    )


def refuse_other_files(folder: Path) -> None:
    """Refuse a folder that contains other files and no catalogue.

    Raises:
        UserError: it contains anything other than locks.
    """
    others = {path.name for path in folder.iterdir() if not path.name.startswith(".")} - lock.FILES
    if others:
        raise UserError(
            f"{folder}: the folder contains other files ({min(others)}) and no store. "
            "Use a new or empty folder as store.path."
        )


@contextlib.contextmanager
def store_errors(folder: Path) -> Iterator[None]:
    """Raise errors of the folder and its disk as ``UserError``; all other errors pass through."""
    try:
        yield
    except OSError as error:
        otherwise = f"{error.strerror or error}. Check the folder and try again."
        raise UserError(
            f"{error.filename or folder}: {_BY_ERRNO.get(error.errno or 0, otherwise)}"
        ) from error
    except sqlite3.Error as error:
        # An extended code (IOERR_WRITE) has its kind (IOERR) in the low byte.
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code not in _BY_SQLITE_CODE:
            raise
        raise UserError(f"{folder}: {_BY_SQLITE_CODE[code]}") from error
