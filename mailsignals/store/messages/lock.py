"""Locks that the system releases when a process dies: one writer and one sender, and whether somebody reads."""

import contextlib
import datetime as dt
import os
import socket
import sys
from pathlib import Path
from typing import BinaryIO

from mailsignals.errors import UserError

WRITER_LOCK = "writer.lock"
READER_LOCK = "readers.lock"
SENDER_LOCK = "sender.lock"
FILES = frozenset({WRITER_LOCK, READER_LOCK, SENDER_LOCK})

if sys.platform == "win32":  # pragma: no cover
    import msvcrt
    import random

    # Windows locks bytes, exclusively, and nobody else can read a locked byte: so all locks lie far behind
    # the text of the file, and each reader takes one byte of its own.
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
        """Let go of a lock that is held alone, and remove its file unless somebody else has opened it by then."""
        file.close()  # an open file cannot be removed
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
        """Let go of a lock that is held alone, and remove its file; who waits for it sees that, and begins anew."""
        with file:
            path.unlink(missing_ok=True)


class StoreBusyError(UserError):
    """Somebody else writes to the store; the text says who."""


def lock_for_writing(folder: Path) -> BinaryIO:
    """The lock of the only writer, held until the file is closed or the process ends.

    Raises:
        StoreBusyError: somebody else writes.
    """
    file = _alone(folder, WRITER_LOCK, doing="writing to this store")
    (folder / READER_LOCK).touch()
    return file


def lock_for_sending(folder: Path) -> BinaryIO:
    """The lock of the only sender of digests, who need not wait for a writer; raises as ``lock_for_writing``."""
    return _alone(folder, SENDER_LOCK, doing="sending from this store")


def _alone(folder: Path, name: str, *, doing: str) -> BinaryIO:
    file = (folder / name).open("a+b")
    if not _try_alone(file):
        holder = _holder(file)
        file.close()
        raise StoreBusyError(
            f"{folder}: another program is {doing}: {holder}. Wait until it ends, or stop it, and try again."
        )
    file.truncate(0)
    command = " ".join(
        word for word in sys.argv if "@" not in word
    )  # the file stays, and an address should not
    file.write(f"process {os.getpid()} on {socket.gethostname()}: {command}".encode(errors="replace"))
    file.flush()
    return file


def _holder(file: BinaryIO) -> str:
    """Who holds the lock: its file says which process, and was written when the lock was taken."""
    since = dt.datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, dt.UTC)
    file.seek(0)
    return f"{file.read().decode(errors='replace') or 'unknown'}, since {since:%Y-%m-%d %H:%M:%S} UTC"


def lock_for_reading(folder: Path) -> BinaryIO | None:
    """The lock that keeps replaced files in place while somebody reads; none where nobody can write."""
    try:
        file = (folder / READER_LOCK).open("rb")
    except OSError:
        return None
    _share(file)
    return file


def lock_out_readers(folder: Path) -> BinaryIO | None:
    """The lock under which files that nothing refers to may go; none while somebody reads."""
    return lock_alone(folder / READER_LOCK)


def lock_alone(path: Path) -> BinaryIO | None:
    """The lock that a file stands for, held until it is closed or the process ends; none while another holds it."""
    file = path.open("a+b")
    if _try_alone(file) and _is_there(file, path):
        return file
    file.close()
    return None


def lock_shared(path: Path) -> BinaryIO | None:
    """The lock that a file stands for, shared; waits for who holds it alone. None where the file cannot be made."""
    while True:
        try:
            if not path.exists():
                path.touch()
            file = path.open("rb")
        except FileNotFoundError:  # removed between the two, or its folder was
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
    """Whether an open file is still the one of its name, which ``discard`` may have removed."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
