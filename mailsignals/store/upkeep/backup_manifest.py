"""The manifest of a backup: its place in the order of backups, and a digest of every file in it."""

import contextlib
import dataclasses
import datetime as dt
import hashlib
import json
import os
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from mailsignals.errors import UserError
from mailsignals.store.messages import segments
from mailsignals.store.messages.catalogue import FILE
from mailsignals.store.messages.digests import file_digest

MANIFEST = "backup.json"
FORMAT = 1
DIGEST_BYTES = 32
_CHUNK = 1 << 20
OTHER = "Use another backup."
"""The remedy for a damaged backup."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CopiedFile:
    """One file of a backup."""

    name: str
    """Its path in the backup, with slashes."""
    bytes: int
    digest: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class BackupManifest:
    """The content of a backup; it is written last, so a backup that has one is complete."""

    sequence: int
    """Its number in the order in which backups were made, which no clock can change."""
    made_at: dt.datetime
    files: tuple[CopiedFile, ...]

    @property
    def bytes(self) -> int:
        """The size of all files."""
        return sum(file.bytes for file in self.files)

    def to_text(self) -> str:
        """Return the manifest as JSON text with a digest of itself."""
        content = {
            "format": FORMAT,
            "sequence": self.sequence,
            "made_at": self.made_at.isoformat(),
            "files": [dataclasses.asdict(file) for file in self.files],
        }
        return json.dumps({**content, "digest": _digest_of(content)}, indent=1) + "\n"


def read_manifest(backup: Path) -> BackupManifest | None:
    """Return the manifest of a backup; None if an older version made the backup, without one.

    Raises:
        UserError: it is damaged, or a newer version wrote it.
    """
    path = backup / MANIFEST
    try:
        content = json.loads(path.read_bytes())
        claimed = content.pop("digest")
        if claimed == _digest_of(content) and content["format"] == FORMAT:
            return _manifest(content)
        newer = claimed == _digest_of(content) and content["format"] > FORMAT
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        newer = False
    if newer:
        raise UserError(f"{path}: a newer mailsignals made this backup. Install the newer mailsignals.")
    raise UserError(f"{path}: the list of the backup's files is damaged. {OTHER}")


def _manifest(content: Mapping[str, Any]) -> BackupManifest:
    files = tuple(
        CopiedFile(name=str(one["name"]), bytes=int(one["bytes"]), digest=str(one["digest"]))
        for one in content["files"]
    )
    if not all(_is_inside(file.name) for file in files):
        raise ValueError
    return BackupManifest(
        sequence=int(content["sequence"]),
        made_at=dt.datetime.fromisoformat(content["made_at"]),
        files=files,
    )


def _is_inside(name: str) -> bool:
    """Return whether a path stays in the folder that it is relative to."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def backup_problem(backup: Path) -> str | None:
    """Return what is wrong with a backup, as a sentence with the file and the remedy; None if it is as it was made.

    Every file is read. A backup of an older version has no digests: its files are only checked for their sizes.
    """
    try:
        manifest = read_manifest(backup)
        if manifest is None:
            _check_sizes(backup)
        for file in manifest.files if manifest else ():
            check_copy(backup / file.name, file)
    except UserError as error:
        return str(error)
    except sqlite3.DatabaseError as error:
        return f"{backup / FILE}: is damaged: {error}. {OTHER}"
    except OSError as error:
        return f"{error.filename or backup}: {error.strerror or error}. {OTHER}"
    return None


def _check_sizes(backup: Path) -> None:
    """Refuse a backup of any older version with a damaged catalogue, or with a file that is missing or truncated."""
    uri = f"{(backup / FILE).resolve().as_uri()}?immutable=1"
    with contextlib.closing(sqlite3.connect(uri, uri=True)) as catalogue:
        (verdict,) = catalogue.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise UserError(f"{backup / FILE}: is damaged: {verdict}. {OTHER}")
        sizes = catalogue.execute("SELECT segment, bytes FROM segment").fetchall()
    for number, size in sizes:
        path = backup / segments.FOLDER / f"{number:08}.parquet"
        if path.stat().st_size != size:
            raise UserError(f"{path}: has another size than when it was written. {OTHER}")


def check_copy(path: Path, file: CopiedFile) -> None:
    """Read a file of a backup, and compare it with its digest.

    Raises:
        UserError: it is missing, or it has another content.
        OSError: it can't be read.
    """
    try:
        found = digest_file(path, name=file.name)
    except FileNotFoundError:
        raise UserError(f"{path}: the file of the backup is missing. {OTHER}") from None
    if found != file:
        raise UserError(f"{path}: the file of the backup is damaged: its content changed. {OTHER}")


def copy_file(source: Path, target: Path, *, name: str) -> CopiedFile:
    """Copy a file byte by byte to the disk, read the copy back, and return its size and digest.

    Raises:
        UserError: the copy reads back differently.
        OSError: a file can't be read or written.
    """
    digest, size = hashlib.blake2b(digest_size=DIGEST_BYTES), 0
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in _chunks(source):
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    copied = CopiedFile(name=name, bytes=size, digest=digest.hexdigest())
    prove_copy(target, copied)
    return copied


def digest_file(path: Path, *, name: str) -> CopiedFile:
    """Return the size and digest of a file."""
    digest = file_digest(path, size=DIGEST_BYTES)
    return CopiedFile(name=name, bytes=path.stat().st_size, digest=digest.hex())


def prove_copy(path: Path, file: CopiedFile) -> None:
    """Wait until a file is on the disk, drop it from memory, read it back, and compare it with its digest.

    Raises:
        UserError: it reads back differently.
        OSError: it can't be flushed or read.
    """
    with path.open("r+b") as opened:
        os.fsync(opened.fileno())
        if sys.platform == "linux":
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    if digest_file(path, name=file.name) != file:
        raise UserError(f"{path}: the copy reads back differently. Check the disk, or use another folder.")


def _chunks(path: Path) -> Iterator[bytes]:
    """Yield the content of a file, one megabyte at a time."""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _digest_of(content: Mapping[str, Any]) -> str:
    plain = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(plain.encode(), digest_size=DIGEST_BYTES).hexdigest()
