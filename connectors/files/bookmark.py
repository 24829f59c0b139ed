"""The cursor of one file: how far it was read, and how to tell that it is still that file."""

import dataclasses
import hashlib
import json
from typing import Any, Self

from connectors.base import Cursor
from connectors.files.stream import Stream

VERSION = 2  # of the cursor and of what is read out of a file; another one reads everything again


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FileBookmark:
    """A place in a file."""

    settings: str
    """A digest of the settings that the messages before this place depend on."""
    offset: int = 0
    """Where to go on: bytes of the unpacked content of an mbox, rows of a Parquet file."""
    known: bool = False
    """The mail at ``offset`` was read; it is the last one, and the file may have grown since."""
    count: int = 0
    """How many mails were read."""
    disk: int = 0
    """How many bytes on disk the fingerprint vouches for."""
    fingerprint: str = ""
    finished: bool = False
    """The file was read to its end, which was at ``disk``."""

    @classmethod
    def at_start(cls, settings_key: str) -> Self:
        """The beginning of a file, to be read with these settings."""
        return cls(settings=settings_digest(settings_key))

    def moved(
        self, stream: Stream, *, offset: int, count: int, known: bool = False, finished: bool = False
    ) -> Self:
        """The bookmark at ``offset`` of ``stream``; a finished one vouches for the whole file."""
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
        """This place as a cursor."""
        return Cursor(json.dumps({"version": VERSION, **dataclasses.asdict(self)}, sort_keys=True))

    def resumed(self, cursor: Cursor | None, stream: Stream) -> Self:
        """The place of ``cursor``, or this one where the settings or the file are no longer the same."""
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
    """A short stand-in for the settings that a reader was given."""
    return hashlib.blake2b(settings_key.encode(), digest_size=8).hexdigest()


def read_cursor(cursor: Cursor | None) -> dict[str, Any] | None:
    """The fields of a cursor of this version; null for any other text, which means to start over."""
    try:
        fields = json.loads(cursor or "null")
    except ValueError:
        return None
    return fields if isinstance(fields, dict) and fields.get("version") == VERSION else None
