"""Files of messages, written atomically, so that the manifest never names an incomplete one."""

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
"""The sort order of the rows of a segment."""


@dataclasses.dataclass(frozen=True, slots=True)
class Segment:
    """One file of the manifest, with one row per key."""

    number: int
    rows: int
    bytes: int
    rewritten: Hashes
    """Keys with possible older versions in older segments."""

    def path(self, folder: Path) -> Path:
        """Return the path of the segment's file in the store's folder."""
        return folder / FOLDER / f"{self.number:08}.parquet"


def write_segment(folder: Path, number: int, messages: pl.DataFrame, *, rewritten: Hashes) -> Segment:
    """Write the messages, sorted, and flush them to the disk before a manifest can name the file.

    Raises:
        OSError: writing failed; the file is removed again.
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
    """Write several segments, numbered from ``first``, each with the keys that it rewrites: all or none.

    Raises:
        OSError: writing failed; the files are removed again.
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
    """Flush the names in a folder to the disk; Windows does so automatically."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def scan_segments(paths: Sequence[Path]) -> pl.LazyFrame:
    """Return the rows of segment files in ``STORED_SCHEMA``; columns missing in older files are null."""
    return pl.scan_parquet(list(paths), schema=STORED_SCHEMA, missing_columns="insert")


def damaged(folder: Path, manifest: Sequence[Segment]) -> Path | None:
    """Return the first file that is missing or truncated; None if all are complete."""
    for segment in manifest:
        path = segment.path(folder)
        if not path.is_file() or path.stat().st_size != segment.bytes:
            return path
    return None


def refuse_damage(folder: Path, manifest: Sequence[Segment]) -> None:
    """Refuse a store with a missing or truncated file.

    Raises:
        UserError: such a file, with a remedy.
    """
    path = damaged(folder, manifest)
    if path:
        raise UserError(
            f"{path}: the file of the store is missing or truncated. Restore the folder from a backup, "
            "or move it away and import again, which recovers all mail that is still in the mailboxes."
        )


def sweep(folder: Path, manifest: Sequence[Segment]) -> None:
    """Remove the files that the manifest doesn't name: leftovers of crashes, and replaced files."""
    named = {segment.path(folder) for segment in manifest}
    for path in (folder / FOLDER).glob("[0-9]*.parquet"):
        if path not in named:
            path.unlink()


def to_bytes(messages: pl.DataFrame) -> bytes:
    """Return a page as bytes for the catalogue."""
    buffer = io.BytesIO()
    messages.write_ipc(buffer, compression="lz4")
    return buffer.getvalue()
