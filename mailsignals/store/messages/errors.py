"""Turns errors of the disk and of SQLite into messages with a remedy."""

import contextlib
import errno
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from mailsignals.errors import UserError
from mailsignals.store.messages import lock

CATALOGUE, _SEGMENTS = "catalogue.sqlite", "segments"

_FULL = "the disk is full or over its quota. Free some space and run the command again; no data is damaged."
_READ_ONLY = "no write permission. Change the permissions, or use another folder as store.path."
_FORBIDDEN = "no permission. Change the permissions, or use another folder as store.path."
_REPAIR = "Run `mailsignals repair`, which saves what can be read, or restore a backup."
_DAMAGED = f"it is damaged or is not an SQLite file. {_REPAIR}"
_TABLES = f"its tables aren't those of a store. {_REPAIR}"
_UNREADABLE = "the disk reports an error. Check the disk, then run `mailsignals verify --read-data`."
_HANDLES = (
    "too many files are open. Raise the limit (`ulimit -n`, or LimitNOFILE of the service) and try again."
)
_BUSY = "another program is using it. Try again in a moment."

_OTHER_TABLES = re.compile(r"no such (?:table|column)|Could not decode|malformed")
_OS_ERROR = re.compile(r"\(os error (\d+)\)")
_DAMAGED_FILE = re.compile(
    r"parquet|ipc|out of specification|thrift|footer|decompress|lz4|zstd|snappy", re.IGNORECASE
)

_BY_ERRNO = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EIO: _UNREADABLE,
    errno.EMFILE: _HANDLES,
    errno.ENFILE: _HANDLES,
    errno.EISDIR: f"it is a folder, not a file. Move it away. {_REPAIR}",
    errno.ENOTDIR: f"it is a file, not a folder. Move it away. {_REPAIR}",
    errno.ENOENT: f"it is missing. {_REPAIR}",
}
_BY_SQLITE_CODE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: "it can't be opened. Check the folder, its permissions and the number of open files.",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_IOERR: "the disk is full, or can't be read or written. Check it, and run the command again.",
    sqlite3.SQLITE_PROTOCOL: _BUSY,
    sqlite3.SQLITE_MISMATCH: _TABLES,
    sqlite3.SQLITE_SCHEMA: _TABLES,
}


def missing_store(folder: Path) -> UserError:
    """Return the error for a folder without a store, or with one whose catalogue is missing."""
    if (folder / _SEGMENTS).exists() or (folder / CATALOGUE).exists():
        return UserError(
            f"{folder / CATALOGUE}: the file is missing or is not a file, and the store has others. Restore a backup: "
            "`mailsignals restore`; or move the folder away and run `mailsignals sync` or `mailsignals import`."
        )
    return UserError(
        f"{folder}: no store here yet. Run `mailsignals sync` or `mailsignals import` first, or "
        "correct store.path in the configuration."
    )


def refuse_other_files(folder: Path) -> None:
    """Refuse a folder that contains other files and no catalogue.

    Raises:
        UserError: it contains anything other than locks.
    """
    if (folder / _SEGMENTS).exists():
        raise missing_store(folder)
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
        raise UserError(f"{error.filename or folder}: {_words_of(error.errno, error)}") from error
    except sqlite3.Error as error:
        # An extended code (IOERR_WRITE) has its kind (IOERR) in the low byte.
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        words = _BY_SQLITE_CODE.get(code) or (_TABLES if _OTHER_TABLES.search(str(error)) else None)
        if words is None:
            raise
        raise UserError(f"{folder / CATALOGUE}: {words}") from error
    except (pl.exceptions.ComputeError, pl.exceptions.PanicException) as error:
        words = _words_of_polars(str(error))
        if words is None:
            raise
        raise UserError(f"{folder}: {words}") from error


def _words_of(number: int | None, error: OSError) -> str:
    return _BY_ERRNO.get(number or 0, f"{error.strerror or error}. Check the folder and try again.")


def _words_of_polars(text: str) -> str | None:
    """The error of a disk or of a damaged file in words; None for any other error of polars."""
    if of_system := _OS_ERROR.search(text):
        return _BY_ERRNO.get(int(of_system[1]), _UNREADABLE)
    if _DAMAGED_FILE.search(text):
        return f"a file of it is damaged. `mailsignals verify` names it. {_REPAIR}"
    return None
