"""Files of messages: written so that no crash can leave half of one in the manifest."""

import dataclasses
import io
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from mailsignals.errors import UserError
from mailsignals.store.messages.fingerprints import STORED_SCHEMA, Hashes

FOLDER = "segments"
ORDER = ("provider", "mailbox", "sent_at", "provider_id")
"""How the rows of a segment are sorted."""


@dataclasses.dataclass(frozen=True, slots=True)
class Segment:
    """One file of the manifest, in which each key comes once."""

    number: int
    rows: int
    bytes: int
    rewritten: Hashes
    """Keys of which an older segment may hold an older version."""

    def path(self, folder: Path) -> Path:
        """Return the path of the segment's file in the store's folder."""
        return folder / FOLDER / f"{self.number:08}.parquet"


def write_segment(folder: Path, number: int, messages: pl.DataFrame, *, rewritten: Hashes) -> Segment:
    """Write the messages, sorted, so that they are on the disk before a manifest can name them.

    Raises:
        OSError: the file is removed again.
    """
    buffer = io.BytesIO()
    messages.sort(ORDER).write_parquet(buffer, compression="lz4", row_group_size=128 * 1024)
    segment = Segment(number, rows=messages.height, bytes=buffer.tell(), rewritten=rewritten)
    path = segment.path(folder)
    try:
        with path.open("wb") as file:
            file.write(buffer.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        for parent in (path.parent, folder):
            _sync_folder(parent)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return segment


def write_all(folder: Path, first: int, parts: Iterable[tuple[pl.DataFrame, Hashes]]) -> list[Segment]:
    """Write several segments, numbered from ``first``, each part with the keys it rewrites: all or none.

    Raises:
        OSError: the files are removed again.
    """
    written: list[Segment] = []
    try:
        for number, (messages, rewritten) in enumerate(parts, start=first):
            written.append(write_segment(folder, number, messages, rewritten=rewritten))
    except BaseException:
        for segment in written:
            segment.path(folder).unlink(missing_ok=True)
        raise
    return written


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; Windows does that by itself."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def scan_segments(paths: Sequence[Path]) -> pl.LazyFrame:
    """The rows of some segments' files in ``STORED_SCHEMA``; a column that an older program did not write is null."""
    return pl.scan_parquet(list(paths), schema=STORED_SCHEMA, missing_columns="insert")


def damaged(folder: Path, manifest: Sequence[Segment]) -> Path | None:
    """The first file that is missing or cut short."""
    for segment in manifest:
        path = segment.path(folder)
        if not path.is_file() or path.stat().st_size != segment.bytes:
            return path
    return None


def refuse_damage(folder: Path, manifest: Sequence[Segment]) -> None:
    """Do not work with a store of which a file is missing.

    Raises:
        UserError: it is.
    """
    path = damaged(folder, manifest)
    if path:
        raise UserError(
            f"{path}: this file of the store is missing or cut short. Bring the folder back from a backup; "
            "or set it aside and import again, which loses nothing that is still in the mailboxes."
        )


def sweep(folder: Path, manifest: Sequence[Segment]) -> None:
    """Remove the files that no manifest row names: what a crash left, and what was replaced."""
    named = {segment.path(folder) for segment in manifest}
    for path in (folder / FOLDER).glob("[0-9]*.parquet"):
        if path not in named:
            path.unlink()


def to_bytes(messages: pl.DataFrame) -> bytes:
    """A page as the catalogue keeps it."""
    buffer = io.BytesIO()
    messages.write_ipc(buffer, compression="lz4")
    return buffer.getvalue()
