"""Locks of the store for one writer, one sender and many readers; the system releases them when a process dies."""

import contextlib
import datetime as dt
import errno
import os
import socket
import sys
from pathlib import Path
from typing import BinaryIO

from mailsignals.errors import MachineError

WRITER_LOCK = "writer.lock"
READER_LOCK = "readers.lock"
SENDER_LOCK = "sender.lock"
_NOT_OURS = (errno.EACCES, errno.EPERM, errno.EROFS)
FILES = frozenset({WRITER_LOCK, READER_LOCK, SENDER_LOCK})

if sys.platform == "win32":  # pragma: no cover
    import msvcrt
    import random

    # Windows locks bytes exclusively, and other processes can't read a locked byte. So all locks are far behind
    # the text of the file, and each reader locks a different byte.
    _FIRST_BYTE = 1 << 30
    _BYTES = 1 << 16

    def _try_alone(file: BinaryIO) -> bool:
        file.seek(_FIRST_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, _BYTES)
        except OSError:
            return False
        return True

    def _share(file: BinaryIO) -> None:
        file.seek(_FIRST_BYTE + random.randrange(_BYTES))
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)

    def discard(file: BinaryIO, path: Path) -> None:
        """Release an exclusive lock, and remove its file unless another process has opened it meanwhile."""
        file.close()  # an open file can't be removed
        with contextlib.suppress(OSError):
            path.unlink()

else:
    import fcntl

    def _try_alone(file: BinaryIO) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _share(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_SH)

    def discard(file: BinaryIO, path: Path) -> None:
        """Release an exclusive lock, and remove its file; waiting processes notice that and start again."""
        with file:
            path.unlink(missing_ok=True)


class StoreBusyError(MachineError):
    """Another process is writing to the store; the text names it."""


def lock_for_writing(folder: Path) -> BinaryIO:
    """Return the lock of the only writer, held until the file is closed or the process ends.

    Raises:
        StoreBusyError: another process is writing.
    """
    file = _alone(folder, WRITER_LOCK, doing="writing to this store")
    (folder / READER_LOCK).touch()
    return file


def lock_for_sending(folder: Path) -> BinaryIO:
    """Return the lock of the only sender, independent of the writer's.

    Raises:
        StoreBusyError: another process is sending.
    """
    return _alone(folder, SENDER_LOCK, doing="sending from this store")


def _alone(folder: Path, name: str, *, doing: str) -> BinaryIO:
    file = (folder / name).open("a+b")
    if not _try_alone(file):
        holder = _holder(file)
        file.close()
        raise StoreBusyError(
            f"{folder}: another program is {doing}: {holder}. Wait until it ends, or stop it, then try again."
        )
    command = " ".join(
        word for word in sys.argv if "@" not in word
    )  # the file stays, but an address must not
    try:
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}: {command}".encode(errors="replace"))
        file.flush()
    except OSError:
        with contextlib.suppress(OSError):
            file.close()
        raise
    return file


def _holder(file: BinaryIO) -> str:
    """The process that holds the lock, and since when, from the lock's file."""
    since = dt.datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, dt.UTC)
    file.seek(0)
    return f"{file.read().decode(errors='replace') or 'unknown'}, since {since:%Y-%m-%d %H:%M:%S} UTC"


def lock_for_reading(folder: Path) -> BinaryIO | None:
    """Return the lock that protects replaced files from removal while they are read; None without write permission.

    Raises:
        OSError: the file can't be opened for another reason, so that reading would not be safe.
    """
    path = folder / READER_LOCK
    try:
        if not path.exists():  # a restored store has none yet
            path.touch()
        file = path.open("rb")
    except OSError as error:
        if error.errno in _NOT_OURS:
            return None
        raise
    _share(file)
    return file


def lock_out_readers(folder: Path) -> BinaryIO | None:
    """Return the lock for removing unreferenced files; None while another process reads."""
    return lock_alone(folder / READER_LOCK)


def lock_alone(path: Path) -> BinaryIO | None:
    """Return an exclusive lock on a file, held until it is closed or the process ends; None if it is locked."""
    file = path.open("a+b")
    if _try_alone(file) and _is_there(file, path):
        return file
    file.close()
    return None


def lock_shared(path: Path) -> BinaryIO | None:
    """Return a shared lock on a file, after waiting for an exclusive one; None if the file can't be created."""
    while True:
        try:
            if not path.exists():
                path.touch()
            file = path.open("rb")
        except FileNotFoundError:  # the file or its folder was removed meanwhile
            if not path.parent.is_dir():
                return None
            continue
        except OSError:
            return None
        _share(file)
        if _is_there(file, path):
            return file
        file.close()


def _is_there(file: BinaryIO, path: Path) -> bool:
    """Return whether an open file still has its path, because ``discard`` may have removed it."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
