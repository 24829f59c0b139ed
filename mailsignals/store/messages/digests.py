"""Digests of files that never change, and which files were checked already.

BLAKE2b reads about 0.8 GB per second and core on any machine of the last years, with nothing to install.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

from mailsignals.errors import UserError

BYTES = 16
MEMO = ".checked.json"
"""The file of a folder that names checked files with the state in which they had their digest."""

_SETTLED_NS = 2_000_000_000
"""The age that a file must have when it is checked: the coarsest clock of a file system in use."""

REPAIR = "Run `mailsignals repair`, which drops it and reads its mail again, or restore a backup."

Digest: TypeAlias = bytes
State: TypeAlias = tuple[int, int, int, int]
"""Inode, size, and times of change of content and of inode: a file in the same state was not written to."""


def digest(content: bytes | memoryview) -> Digest:
    """Return the digest of some bytes, ``BYTES`` long."""
    return hashlib.blake2b(content, digest_size=BYTES).digest()


def file_digest(path: Path, *, size: int = BYTES) -> Digest:
    """Return the digest of a file's content, ``size`` bytes long.

    Raises:
        OSError: the file can't be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=size)).digest()


def fault_of(path: Path, *, size: int, expected: Digest | None, read: bool) -> str | None:
    """Return in words how a file differs from what was written; None if it does not.

    Args:
        path: the file.
        size: its size in bytes when it was written.
        expected: its digest; None if it is not known yet.
        read: True to compare its content, False for its presence and size only.

    Raises:
        OSError: the file can't be read, for another reason than damage.
    """
    if not path.exists():
        return "is missing"
    if not path.is_file():
        return "is not a file"
    actual = path.stat().st_size
    if actual != size:
        return f"is {'truncated' if actual < size else 'too long'}: {actual:,} bytes instead of {size:,}"
    if read and expected is not None and file_digest(path) != expected:
        return "is damaged: its content is not what was written"
    return None


class CheckedFiles:
    """The files of a folder that had their digest, each with its state then; a file in another state is read again.

    Losing the memo costs nothing but time. Damage that leaves the state of a file as it was, such as a disk that
    returns other bits, is found by ``read=True``: use it before the content is used.
    """

    def __init__(self, folder: Path, *, remembered: bool = True) -> None:
        self._memo = folder / MEMO
        self._keeps_memo = remembered
        self._here: dict[str, State] = {}

    def first_fault(
        self, files: Iterable[tuple[Path, int, Digest | None]], *, read: bool
    ) -> tuple[Path, str] | None:
        """Return the first damaged file, as ``faults`` does; None if all are as they were written."""
        return next(iter(self.faults(files, read=read)), None)

    def faults(
        self, files: Iterable[tuple[Path, int, Digest | None]], *, read: bool
    ) -> list[tuple[Path, str]]:
        """Return the damaged files, each with its fault in words.

        Args:
            files: path, size and digest of each.
            read: True to read every file, once for this object; False to read only those in another state than
                when they were last checked.

        Raises:
            OSError: a file can't be read.
        """
        before = {} if read else self._remembered()
        states: dict[str, State] = {}
        found = []
        for path, size, expected in files:
            state = _state(path)
            known = self._here.get(path.name) or before.get(path.name)
            settled = state is not None and state == known and state[1] == size
            fault = None if settled else fault_of(path, size=size, expected=expected, read=True)
            if fault is not None:
                found.append((path, fault))
            elif state is not None and expected is not None:
                states[path.name] = state
        if read:
            self._here |= states
        if states and (read or states != before):
            self._remember(states)
        return found

    def _remembered(self) -> dict[str, State]:
        """The states of files that were checked; not of those that were new when the memo was written."""
        try:
            written = self._memo.stat().st_mtime_ns
            states = json.loads(self._memo.read_text(encoding="utf-8"))
            return {
                str(name): (inode, size, changed, moved)
                for name, (inode, size, changed, moved) in states.items()
                if max(changed, moved) + _SETTLED_NS < written
            }
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def _remember(self, states: dict[str, State]) -> None:
        if not self._keeps_memo:
            return
        content = json.dumps(states).encode()
        with contextlib.suppress(OSError):
            # In place, because the age of a folder counts; a half-written memo is ignored.
            descriptor = os.open(self._memo, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, content)
                os.ftruncate(descriptor, len(content))
            finally:
                os.close(descriptor)


def _state(path: Path) -> State | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def damaged_file(path: Path, fault: str) -> UserError:
    """Return the error for a damaged file of a store."""
    return UserError(f"{path}: the file {fault}. {REPAIR} `mailsignals verify` lists all damage.")
