"""Turns errors of the disk, of SQLite and of polars into messages with a remedy."""

import contextlib
import errno
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from mailsignals.errors import MachineError, UserError
from mailsignals.store.messages import lock

CATALOGUE, _SEGMENTS = "catalogue.sqlite", "segments"

_FULL = "the disk is full or over its quota. Free some space and run the command again; no data is damaged."
_READ_ONLY = "no write permission. Change the permissions, or use another folder as store.path."
_FORBIDDEN = "no permission. Change the permissions, or use another folder as store.path."
_BUSY = "another program is using it. Try again in a moment."
_DISK = "the disk is full, or can't be read or written. Check it, and run the command again."
_UNREADABLE = "the disk reports an error. Check the disk, then run `mailsignals verify --read-data`."
_HANDLES = (
    "too many files are open. Raise the limit (`ulimit -n`, or LimitNOFILE of the service) and try again."
)
_MEMORY = "too little memory is left. Close other programs, or give this one more."

_REPAIR = "Run `mailsignals repair`, which saves what can be read, or restore a backup."
_DAMAGED = f"it is damaged or is not an SQLite file. {_REPAIR}"
_TABLES = f"its tables aren't those of a store. {_REPAIR}"
_FILE = f"a file of it is damaged. `mailsignals verify` names it. {_REPAIR}"
_FOLDER = f"it is a folder, not a file. Move it away. {_REPAIR}"
_NO_FOLDER = f"it is a file, not a folder. Move it away. {_REPAIR}"
_MISSING = f"it is missing. {_REPAIR}"
_LASTING = {_DAMAGED, _TABLES, _FILE, _FOLDER, _NO_FOLDER, _MISSING}
"""Damage, which doesn't pass by itself; all other reasons are the machine's, and may pass."""

_BY_ERRNO = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EIO: _UNREADABLE,
    errno.ENXIO: _UNREADABLE,
    errno.ENODEV: _UNREADABLE,
    errno.EMFILE: _HANDLES,
    errno.ENFILE: _HANDLES,
    errno.ENOMEM: _MEMORY,
    errno.EAGAIN: "the system has no room for another process or lock. Close other programs, or raise its limits.",
    errno.ENOLCK: "the system has no locks left. Check the network drive or the system's limits.",
    errno.ESTALE: "the network drive lost this file. Mount it again.",
    errno.EISDIR: _FOLDER,
    errno.ENOTDIR: _NO_FOLDER,
    errno.ENOENT: _MISSING,
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
    sqlite3.SQLITE_PROTOCOL: _BUSY,
    sqlite3.SQLITE_IOERR: _DISK,
    sqlite3.SQLITE_NOMEM: _MEMORY,
    sqlite3.SQLITE_MISMATCH: _TABLES,
    sqlite3.SQLITE_SCHEMA: _TABLES,
}

_OTHER_TABLES = re.compile(r"no such (?:table|column)|Could not decode|malformed")
_OS_ERROR = re.compile(r"\(os error (\d+)\)")
_DAMAGED_FILE = re.compile(
    r"parquet|ipc|out of specification|thrift|footer|decompress|lz4|zstd|snappy", re.IGNORECASE
)


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
    """Raise errors of the folder and its disk as ``UserError``; all other errors pass through.

    Raises:
        MachineError: the machine can't do it now, and may do it later.
        UserError: the store is damaged, or the folder can't be used.
    """
    try:
        yield
    except (
        *(OSError, sqlite3.Error, MemoryError),
        *(pl.exceptions.ComputeError, pl.exceptions.PanicException),
    ) as error:
        found = _reason(error)
        if found is not None:
            kind = UserError if found in _LASTING else MachineError
            raise kind(_sentence(error, found, folder)) from error
        if not isinstance(error, OSError):
            raise
        raise UserError(
            f"{_place(error) or folder}: {error.strerror or error}. Check the folder and try again."
        ) from error


def machine_problem(error: BaseException, folder: Path | None = None) -> str | None:
    """Return a sentence for an error that the machine caused and that may pass; None for any other error.

    The error itself counts, and each error that it was raised from or while handling.

    Args:
        error: any error.
        folder: the place to name where the error names none.
    """
    for each in _chain(error):
        if isinstance(each, MachineError):
            return str(each)
        if not isinstance(each, UserError) and (found := _reason(each)) and found not in _LASTING:
            return _sentence(each, found, folder)
    return None


def disk_problem(error: BaseException, folder: Path | None = None) -> str | None:
    """Return a sentence for an error of the machine or for a damaged file; None for any other error.

    Args:
        error: any error.
        folder: the place to name where the error names none.
    """
    found = ((each, _reason(each)) for each in _chain(error))
    return next((_sentence(each, reason, folder) for each, reason in found if reason), None)


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    return chain


def _sentence(error: BaseException, reason: str, folder: Path | None) -> str:
    place: str | Path | None = _place(error) or folder
    if isinstance(error, sqlite3.Error) and folder is not None and reason in _LASTING:
        place = folder / CATALOGUE
    return f"{place}: {reason}" if place else reason[0].upper() + reason[1:]


def _reason(error: BaseException) -> str | None:
    """Return what is wrong and what to do; None for an error of another kind."""
    if isinstance(error, MemoryError):
        return _MEMORY
    if isinstance(error, sqlite3.Error):
        # An extended code (IOERR_WRITE) has its kind (IOERR) in the low byte.
        found = _BY_SQLITE_CODE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        return found or (_TABLES if _OTHER_TABLES.search(str(error)) else None)
    if isinstance(error, OSError) and error.errno:
        return _BY_ERRNO.get(error.errno)
    of_polars = isinstance(error, pl.exceptions.PolarsError | pl.exceptions.PanicException)
    return _reason_of_polars(str(error)) if of_polars or isinstance(error, OSError) else None


def _reason_of_polars(text: str) -> str | None:
    """Return the reason in the text of an error of polars, which has the system's number only there."""
    if of_system := _OS_ERROR.search(text):
        return _BY_ERRNO.get(int(of_system[1]), _UNREADABLE)
    return _FILE if _DAMAGED_FILE.search(text) else None


def _place(error: BaseException) -> str | None:
    name = getattr(error, "filename", None)
    return os.fsdecode(name) if isinstance(name, str | bytes | os.PathLike) else None
