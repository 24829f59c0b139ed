"""Files of messages, written atomically, so that the manifest never names an incomplete one."""

import dataclasses
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

import polars as pl

from mailsignals.files import flush_folder
from mailsignals.store.messages.digests import CheckedFiles, Digest, damaged_file, digest
from mailsignals.store.messages.fingerprints import KEY_HASH, STANDS, STORED_SCHEMA, Hashes, has_fingerprints
from mailsignals.store.messages.lock import WRITER_LOCK

FOLDER = "segments"
ORDER = ("provider", "mailbox", "sent_at", "provider_id")
"""The sort order of the rows of a segment."""


Mailboxes: TypeAlias = tuple[tuple[str, str, int], ...]
"""Provider, mailbox, and a number of emails."""


@dataclasses.dataclass(frozen=True, slots=True)
class Segment:
    """One file of the manifest, with one row per key."""

    number: int
    rows: int
    bytes: int
    rewritten: Hashes
    """Keys with possible older versions in older segments."""
    digest: Digest | None
    """The digest of the file; None for a file of an older version, until it was read once."""
    mailboxes: Mailboxes
    """The number of its emails by mailbox, to read them again if the file is damaged."""

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
    content = buffer.getbuffer()
    segment = Segment(
        number,
        rows=messages.height,
        bytes=content.nbytes,
        rewritten=rewritten,
        digest=digest(content),
        mailboxes=emails_by_mailbox(messages),
    )
    path = segment.path(folder)
    try:
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        for parent in (path.parent, folder):
            flush_folder(parent)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return segment


def emails_by_mailbox(messages: pl.DataFrame) -> Mailboxes:
    """Return the number of messages of each mailbox, without records of removed ones."""
    keys = ["provider", "mailbox"]
    return tuple(messages.filter(STANDS).group_by(keys).len().sort(keys).iter_rows())


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


def scan_segments(paths: Sequence[Path]) -> pl.LazyFrame:
    """Return the rows of segment files in ``STORED_SCHEMA``; columns missing in older files are null."""
    return pl.scan_parquet(list(paths), schema=STORED_SCHEMA, missing_columns="insert")


def checked_files(folder: Path) -> CheckedFiles:
    """Return the files of a store that were checked before; a backup, which nobody writes to, gets no memo."""
    return CheckedFiles(folder, remembered=(folder / WRITER_LOCK).exists())


def refuse_damage(checked: CheckedFiles, folder: Path, manifest: Sequence[Segment], *, read: bool) -> None:
    """Refuse a store with a segment that isn't as it was written.

    Args:
        checked: the files that were checked before.
        folder: the store.
        manifest: its segments.
        read: True before their rows are used; False to read only files in another state than when last checked.

    Raises:
        UserError: such a file, with a remedy.
    """
    files = ((segment.path(folder), segment.bytes, segment.digest) for segment in manifest)
    found = checked.first_fault(files, read=read)
    if found:
        raise damaged_file(*found)


def fault_of_rows(path: Path, segment: Segment, *, hashed: bool) -> str | None:
    """Return in words how the rows of a file differ from the manifest; without a digest, also from their fingerprints.

    Args:
        path: the file.
        segment: its entry in the manifest.
        hashed: True to compare the fingerprints of contents too, which another version of polars computes differently.
    """
    try:
        rows = scan_segments([path]).collect()
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return "is damaged: its rows can't be read"
    if rows.height != segment.rows:
        return f"has {rows.height:,} rows instead of {segment.rows:,}"
    if rows[KEY_HASH].n_unique() != rows.height:
        return "has an email twice"
    if segment.digest is None and not has_fingerprints(rows.filter(STANDS), hashed=hashed):
        return "is damaged: its rows aren't those that were written"
    return None


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
