"""The bytes of a file, decompressed if needed; a damaged file ends early, with the reason in ``damage``."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from connectors.base import GiveUpError

CHUNK = 1 << 20
"""Number of bytes that are read at once."""

_GZIP = b"\x1f\x8b"
_EDGE = 1 << 16  # bytes at each end of a file that identify it


class Stream:
    """A file that is read from front to back.

    After the end, ``damage`` is the reason why the file could not be read further, or None.
    """

    def __init__(self, raw: BinaryIO) -> None:
        self.size = os.fstat(raw.fileno()).st_size
        self.damage: str | None = None
        self._raw = raw
        self._unpacked: gzip.GzipFile | None = None
        if raw.read(len(_GZIP)) == _GZIP:
            self._unpacked = gzip.GzipFile(fileobj=raw)
        raw.seek(0)

    def beginning(self, length: int) -> bytes:
        """Return the first ``length`` bytes of unpacked content, or fewer if the file is shorter."""
        start = b""
        while len(start) < length and (chunk := self.read(length - len(start))):
            start += chunk
        return start

    def go_to(self, offset: int) -> None:
        """Move forward to ``offset`` bytes of unpacked content."""
        if self._unpacked is None:
            self._raw.seek(offset)
            return
        while offset > 0 and (chunk := self.read(min(CHUNK, offset))):
            offset -= len(chunk)

    def read(self, length: int) -> bytes:
        """Return at most ``length`` bytes of unpacked content; none at the end, or where the file is damaged."""
        try:
            # read1 returns the bytes that were unpacked before a fault; read would drop them.
            return self._raw.read(length) if self._unpacked is None else self._unpacked.read1(length)
        except EOFError:
            self.damage = "it is cut off: the end of the compressed data is missing"
        except (OSError, zlib.error) as error:
            self.damage = f"it is damaged ({error})"
        return b""

    def on_disk(self, offset: int) -> int:
        """Return the number of bytes of the file on disk that were read to reach ``offset`` in its unpacked content."""
        return offset if self._unpacked is None else self._raw.tell()

    def fingerprint(self, length: int) -> str:
        """Return a digest of both ends of the first ``length`` bytes on disk; the reading position stays."""
        place = self._raw.tell()
        digest = hashlib.blake2b(str(min(length, self.size)).encode(), digest_size=16)
        for start in (0, max(0, length - _EDGE)):
            self._raw.seek(start)
            digest.update(self._raw.read(min(_EDGE, length - start)))
        self._raw.seek(place)
        return digest.hexdigest()


@contextmanager
def open_stream(path: Path, mailbox: str) -> Iterator[Stream]:
    """Open the file at ``path`` as a stream.

    Raises:
        GiveUpError: it is missing, not a regular file, or not readable.
    """
    if path.exists() and not path.is_file():
        raise GiveUpError(mailbox, f"{path} is not a regular file.", "Use a file, or import the folder.")
    try:
        raw = path.open("rb")
    except OSError as error:
        raise unreadable_error(path, mailbox, error) from error
    with raw:
        yield Stream(cast("BinaryIO", raw))


def source_name(path: Path) -> str:
    """Return the full path as text that can be stored, even if it isn't valid Unicode."""
    return os.fsencode(path.resolve()).decode("utf-8", "backslashreplace")


def unreadable_error(path: Path, mailbox: str, error: OSError) -> GiveUpError:
    """Return the error for a ``path`` that the system does not open or read."""
    return GiveUpError(
        mailbox,
        f"{path} can't be read: {error.strerror or error}.",
        "Check the path and its permissions, then import it again.",
    )
