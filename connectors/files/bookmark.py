"""The cursor of one file: how far it was read, and a fingerprint that identifies the file."""

import dataclasses
import hashlib
import json
from typing import Any, Self

from connectors.base import Cursor
from connectors.files.stream import Stream

VERSION = 2  # of the cursor and of the fields that are read; a change reads everything again


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FileBookmark:
    """A position in a file."""

    settings: str
    """A digest of the settings that the messages before this position depend on."""
    offset: int = 0
    """The position to continue from: bytes of unpacked content of an mbox, rows of a Parquet file."""
    known: bool = False
    """True if the email at ``offset`` was read: it is the last one, and the file may have grown since."""
    count: int = 0
    """Number of emails that were read."""
    disk: int = 0
    """Number of bytes on disk that the fingerprint covers."""
    fingerprint: str = ""
    finished: bool = False
    """True if the file was read to its end, which was at ``disk``."""

    @classmethod
    def at_start(cls, settings_key: str) -> Self:
        """Return the bookmark of the beginning of a file, for these settings."""
        return cls(settings=settings_digest(settings_key))

    def moved(
        self, stream: Stream, *, offset: int, count: int, known: bool = False, finished: bool = False
    ) -> Self:
        """Return the bookmark at ``offset`` of ``stream``; a finished one covers the whole file."""
        disk = stream.size if finished else min(stream.on_disk(offset), stream.size)
        return dataclasses.replace(
            self,
            offset=offset,
            known=known,
            count=count,
            disk=disk,
            fingerprint=stream.fingerprint(disk),
            finished=finished,
        )

    def cursor(self) -> Cursor:
        """Return this position as a cursor."""
        return Cursor(json.dumps({"version": VERSION, **dataclasses.asdict(self)}, sort_keys=True))

    def resumed(self, cursor: Cursor | None, stream: Stream) -> Self:
        """Return the position of ``cursor``, or this one if the settings or the file have changed."""
        fields = read_cursor(cursor)
        if fields is None or fields.keys() != {
            "version",
            *(field.name for field in dataclasses.fields(self)),
        }:
            return self
        fields.pop("version")
        kept = dataclasses.replace(self, **fields)
        same = kept.settings == self.settings and kept.fingerprint == stream.fingerprint(kept.disk)
        return kept if same else self


def settings_digest(settings_key: str) -> str:
    """Return a short digest of the settings of a reader."""
    return hashlib.blake2b(settings_key.encode(), digest_size=8).hexdigest()


def read_cursor(cursor: Cursor | None) -> dict[str, Any] | None:
    """Return the fields of a cursor of this version; None for any other text, so that reading starts over."""
    try:
        fields = json.loads(cursor or "null")
    except ValueError:
        return None
    return fields if isinstance(fields, dict) and fields.get("version") == VERSION else None
