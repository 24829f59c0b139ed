"""What the disk and SQLite say, in words that somebody can act on."""

import contextlib
import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from mailsignals.errors import UserError
from mailsignals.store.messages import lock

_FULL = (
    "the disk is full, or over its quota. Nothing is half written: free some space and run the command again."
)
_READ_ONLY = (
    "it cannot be written to. Give yourself write permission, or choose another folder as store.path."
)
_FORBIDDEN = "you have no permission for it. Give yourself access, or choose another folder as store.path."
_DAMAGED = (
    "its catalogue is damaged or is no SQLite file. Bring the folder back from a backup; "
    "or set it aside and import again, which loses nothing that is still in the mailboxes."
)
_BUSY = "another program keeps it busy. Try again in a moment."

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
    sqlite3.SQLITE_CANTOPEN: "its catalogue cannot be opened. Check the permissions of the folder.",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written, or is full. Check it, and run the same command again.",
}


def missing_store(folder: Path) -> UserError:
    """Return the error to raise when a folder to read from holds no store."""
    return UserError(
        f"{folder}: there is no store here yet. Run `mailsignals sync` or `mailsignals import` first, or "
        "correct store.path in the configuration."
    )


def refuse_other_files(folder: Path) -> None:
    """Raise UserError for a folder without a catalogue that holds anything but locks: what is in it is not ours."""
    others = {path.name for path in folder.iterdir() if not path.name.startswith(".")} - lock.FILES
    if others:
        raise UserError(
            f"{folder}: this folder holds other files ({min(others)}) and no store. "
            "Choose a new or an empty folder as store.path."
        )


@contextlib.contextmanager
def store_errors(folder: Path) -> Iterator[None]:
    """Raise what goes wrong with the folder as a ``UserError``; what is not the folder's fault passes through."""
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
