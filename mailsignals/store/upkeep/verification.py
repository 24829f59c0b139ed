"""Compares every file of a store or of a backup with what was written, and every table with itself."""

import contextlib
import dataclasses
import sqlite3
import threading
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from connectors.base import StoppedError
from mailsignals.errors import OtherVersionError, UserError
from mailsignals.store.messages import folder_digests, lock, segments
from mailsignals.store.messages.catalogue import FILE, Catalogue
from mailsignals.store.messages.digests import digest, fault_of
from mailsignals.store.messages.errors import missing_store, store_errors
from mailsignals.store.messages.folder_digests import fault_of_folder
from mailsignals.store.messages.key_digests import faults_of_keys
from mailsignals.store.messages.segments import Segment
from mailsignals.store.messages.table_digests import changed_tables
from mailsignals.store.tables.models import FOLDER as MODELS
from mailsignals.store.tables.models import MODEL, Models
from mailsignals.store.upkeep import wiping
from mailsignals.wording.numbers import count_noun


class DamageKind(StrEnum):
    """Kinds of damage, which decide what `mailsignals repair` does."""

    SEGMENT = "segment"
    """A file of messages."""
    PAGE = "page"
    """A page of the newest messages, in the catalogue."""
    CATALOGUE = "catalogue"
    """The SQLite file: its structure."""
    TABLE = "table"
    """A table of the SQLite file: its rows."""
    DERIVED = "derived"
    """A folder that is computed again."""
    OTHER = "other"
    """A model, its journal or a key, which only a backup has."""


REPAIR_MAIL = "`mailsignals repair` drops it and reads its mail again from the mailboxes."
REPAIR_CATALOGUE = "`mailsignals repair` saves what can be read; or restore a backup."
REPAIR_DERIVED = "`mailsignals repair` drops it; it is computed again."
RESTORE_FILE = "Restore the file from a backup."


@dataclasses.dataclass(frozen=True, kw_only=True)
class Damage:
    """One damaged file or table."""

    path: Path
    """The file or folder."""
    what: str
    """The problem, to follow the path: ``is missing``."""
    remedy: str
    """A sentence."""
    kind: DamageKind
    name: str = ""
    """The number of a page or the name of a table; empty for a whole file."""

    def __str__(self) -> str:
        return f"{self.path}: {self.what}. {self.remedy}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Verification:
    """The result of a verification."""

    folder: Path
    read_data: bool
    """True if contents were read, and not only presence, sizes and tables."""
    files: int
    """The number of files that were compared."""
    bytes_read: int
    damages: Sequence[Damage]
    remarks: Sequence[str]
    """Sentences on what isn't damage: files that the manifest doesn't name."""

    @property
    def sound(self) -> bool:
        """True without damage."""
        return not self.damages


def verify_store(folder: Path, *, read_data: bool, stop: threading.Event | None = None) -> Verification:
    """Compare a store or a backup with what was written; nothing is changed.

    Args:
        folder: the store or the backup.
        read_data: True to compare the content of every file, False for presence, sizes and tables only.
        stop: ends the work between two files.

    Raises:
        UserError: no store was found, another version wrote it, or the disk can't be read.
        StoppedError: ``stop`` was set.
    """
    if not (folder / FILE).exists() and not (folder / segments.FOLDER).exists():
        raise missing_store(folder)
    with store_errors(folder), contextlib.ExitStack() as held:
        in_use = (folder / lock.READER_LOCK).exists()  # a backup gets no lock file
        if in_use and (reading := lock.lock_for_reading(folder)):
            held.enter_context(reading)
        return _Inspection(folder, read_data=read_data, stop=stop or threading.Event()).run()


class _Inspection:
    """One verification in progress."""

    def __init__(self, folder: Path, *, read_data: bool, stop: threading.Event) -> None:
        self._folder = folder
        self._read_data = read_data
        self._stop = stop
        self._damages: list[Damage] = []
        self._remarks: list[str] = []
        self._files = self._bytes = 0

    def run(self) -> Verification:
        manifest = self._catalogue()
        if manifest is not None:
            self._segments(manifest)
            self._unnamed(manifest)
        for name in (wiping.DERIVED, wiping.PREPARED):
            self._folders(self._folder / name, DamageKind.DERIVED, REPAIR_DERIVED)
        self._folders(self._folder / MODELS, DamageKind.OTHER, RESTORE_FILE)
        self._models()
        return Verification(
            folder=self._folder,
            read_data=self._read_data,
            files=self._files,
            bytes_read=self._bytes,
            damages=self._damages,
            remarks=self._remarks,
        )

    def _catalogue(self) -> list[Segment] | None:
        """Check the SQLite file, and return the manifest; None if it can't be read."""
        path = self._folder / FILE
        self._count(path, read=True)
        try:
            with contextlib.closing(Catalogue.for_reading(self._folder)) as catalogue:
                self._structure(path, catalogue.sql)
                self._pages(path, catalogue.sql)
                self._keys(catalogue.sql)
                return catalogue.segments()
        except OtherVersionError:
            raise
        except (sqlite3.DatabaseError, UserError) as error:
            if isinstance(error, sqlite3.OperationalError) and _is_of_the_disk(error):
                raise
            self._add(path, f"can't be used: {error}", REPAIR_CATALOGUE, DamageKind.CATALOGUE)
            return None

    def _structure(self, path: Path, sql: sqlite3.Connection) -> None:
        check = "integrity_check" if self._read_data else "quick_check"
        for (found,) in sql.execute(f"PRAGMA {check}(10)").fetchall():
            if found != "ok":
                self._add(path, f"is damaged: {found}", REPAIR_CATALOGUE, DamageKind.CATALOGUE)
        for table in changed_tables(sql):
            what = f"is damaged: the rows of its table {table} aren't what was written"
            self._add(path, what, REPAIR_CATALOGUE, DamageKind.TABLE, table)

    def _pages(self, path: Path, sql: sqlite3.Connection) -> None:
        for page, messages, expected in sql.execute("SELECT page, messages, digest FROM page ORDER BY page"):
            if digest(messages) != expected:
                what = f"is damaged: page {page} of the newest emails isn't what was written"
                self._add(path, what, REPAIR_MAIL, DamageKind.PAGE, str(page))

    def _keys(self, sql: sqlite3.Connection) -> None:
        for path, what in faults_of_keys(sql, self._folder):
            self._add(path, what, RESTORE_FILE, DamageKind.OTHER)

    def _folders(self, parent: Path, kind: DamageKind, remedy: str) -> None:
        """Check the folders with digests of their files; those of older versions have none."""
        for digests in sorted(parent.glob(f"[!.]*/{folder_digests.FILE}")):
            self._count(digests, read=self._read_data)
            again = kind is DamageKind.DERIVED  # a memo among models would go into backups
            fault = fault_of_folder(digests.parent, read=self._read_data, remembered=again)
            if fault is not None:
                self._add(*fault, remedy, kind)

    def _models(self) -> None:
        """Check that every model and the journal of their use can be read."""
        models = Models(self._folder / MODELS)
        named = {damage.path.parent for damage in self._damages}
        try:
            models.journal()
        except UserError as error:
            self._add(models.journal_file, _without_path(error), RESTORE_FILE, DamageKind.OTHER)
        retired = models.retired()
        for model_id in models.ids():
            path = self._folder / MODELS / model_id / MODEL
            if path.parent in named or model_id in retired:
                continue
            try:
                models.read(model_id)
            except UserError as error:
                self._add(path, _without_path(error), RESTORE_FILE, DamageKind.OTHER)

    def _segments(self, manifest: Sequence[Segment]) -> None:
        if not self._read_data:
            files = [(segment.path(self._folder), segment.bytes, segment.digest) for segment in manifest]
            for path, fault in segments.checked_files(self._folder).faults(files, read=False):
                self._add(path, fault, REPAIR_MAIL, DamageKind.SEGMENT)
        for segment in manifest:
            path = segment.path(self._folder)
            self._count(path, read=self._read_data)
            if not self._read_data:
                continue
            what = fault_of(path, size=segment.bytes, expected=segment.digest, read=True)
            if what is None:
                what = segments.fault_of_rows(path, segment, hashed=False)
            if what is not None:
                self._add(path, what, REPAIR_MAIL, DamageKind.SEGMENT)

    def _unnamed(self, manifest: Sequence[Segment]) -> None:
        named = {segment.path(self._folder) for segment in manifest}
        place = self._folder / segments.FOLDER
        others = [path for path in place.glob("*") if path not in named]
        if others:
            self._remarks.append(
                f"{place}: {count_noun(len(others), 'file')} no longer part of the store; "
                "the next program that writes removes what it replaced."
            )

    def _count(self, path: Path, *, read: bool) -> None:
        if self._stop.is_set():
            raise StoppedError
        self._files += 1
        with contextlib.suppress(OSError):
            self._bytes += path.stat().st_size if read else 0

    def _add(self, path: Path, what: str, remedy: str, kind: DamageKind, name: str = "") -> None:
        self._damages.append(Damage(path=path, what=what, remedy=remedy, kind=kind, name=name))


def _is_of_the_disk(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_PERM)


def _without_path(error: UserError) -> str:
    """The problem of a file in words, without its path and the remedy after it."""
    text = str(error).split(": ", 1)[-1]
    return f"can't be used: {text.split('. ', 1)[0].rstrip('.')}"
