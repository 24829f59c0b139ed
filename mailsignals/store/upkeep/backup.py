"""Backups: real copies of a store in use, proven by reading them back."""

import contextlib
import dataclasses
import datetime as dt
import errno
import logging
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mailsignals.errors import UserError
from mailsignals.file_modes import close_to_others
from mailsignals.files import flush_folder
from mailsignals.secret_files import BACKED_UP
from mailsignals.store.messages import segments
from mailsignals.store.messages.catalogue import FILE, Catalogue
from mailsignals.store.messages.errors import store_errors
from mailsignals.store.messages.lock import FILES as LOCK_FILES
from mailsignals.store.messages.lock import discard, lock_alone
from mailsignals.store.messages.store import Store
from mailsignals.store.tables.models import FOLDER as MODELS
from mailsignals.store.upkeep.backup_manifest import (
    MANIFEST,
    BackupManifest,
    CopiedFile,
    backup_problem,
    copy_file,
    digest_file,
    prove_copy,
    read_manifest,
)
from mailsignals.store.upkeep.verification import REPAIR_CATALOGUE, verify_store

log = logging.getLogger(__name__)

DRAFT = ".draft-"
_LOCK = ".lock"
_NAME = "%Y-%m-%dT%H%M%SZ"
_NAMED = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}Z(?:-\d+)?")
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
_NO_BACKUP = "No new backup was made."


@dataclasses.dataclass(frozen=True, kw_only=True)
class BackupReport:
    """A new backup, and the outcome for older ones."""

    place: Path
    files: int
    bytes: int
    removed: int
    """The number of older backups that were removed."""
    problems: tuple[str, ...] = ()
    """Sentences on older backups that are damaged, or could not be removed; they don't count as kept."""


def back_up(store: Path, folder: Path, *, at: dt.datetime, kept: int | None) -> BackupReport:
    """Copy a store in use into a new folder named by the time, prove the copy, and only then remove old ones.

    Of all backups that read back without damage, the newest ``kept`` stay, in the order of their making; None keeps
    all. Damaged ones neither count nor are they removed.

    Raises:
        UserError: the folder has no store, a file of it is damaged, or the copy can't be written; the incomplete copy
            is removed, and older backups stay.
    """
    with _older_stay(folder), store_errors(folder), contextlib.ExitStack() as held:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _lock(folder, held)
        for left in folder.glob(f"{DRAFT}*"):  # left by a backup that was killed
            shutil.rmtree(left, ignore_errors=True)
        for older in backups(folder):
            close_to_others(older)
        draft = Path(tempfile.mkdtemp(dir=folder, prefix=DRAFT))
        try:
            copied = _copy(store, draft)
            manifest = BackupManifest(sequence=_last_sequence(folder) + 1, made_at=at, files=tuple(copied))
            _complete(store, draft, manifest)
            place = draft.rename(_free_name(folder, at))
            flush_folder(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        removed, problems = _rotate(folder, kept, newest=place) if kept else (0, [])
    log.info(
        "backed_up",
        extra={
            "backup": place.name,
            "files": len(manifest.files),
            "bytes": manifest.bytes,
            "removed": removed,
        },
    )
    return BackupReport(
        place=place,
        files=len(manifest.files),
        bytes=manifest.bytes,
        removed=removed,
        problems=tuple(problems),
    )


def backups(folder: Path) -> list[Path]:
    """Return the backups in a folder in the order of their making, oldest first; ones of older versions by name."""
    if not folder.is_dir():
        return []
    return sorted(
        (path for path in folder.glob("*") if _NAMED.fullmatch(path.name)),
        key=lambda path: (_sequence(path), path.name),
    )


def _sequence(backup: Path) -> int:
    """The number of a backup in the order of making; 0 without a readable manifest."""
    try:
        manifest = read_manifest(backup)
    except (UserError, OSError):
        return 0
    return manifest.sequence if manifest else 0


def _last_sequence(folder: Path) -> int:
    return max(map(_sequence, backups(folder)), default=0)


def _free_name(folder: Path, at: dt.datetime) -> Path:
    """The path of a backup named by the time, with a number if a clock that was set back gives the name again."""
    name, number = at.astimezone(dt.UTC).strftime(_NAME), 2
    place = folder / name
    while place.exists():
        place, number = folder / f"{name}-{number}", number + 1
    return place


def _lock(folder: Path, held: contextlib.ExitStack) -> None:
    """Keep other backups out of a folder; a file system without locks goes without.

    Raises:
        UserError: another backup is being written there.
    """
    try:
        alone = lock_alone(folder / _LOCK)
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return
        raise
    if alone is None:
        raise UserError(
            f"{folder}: another backup is being written there. Wait until it ends, then try again."
        )
    held.callback(discard, alone, folder / _LOCK)


def _rotate(folder: Path, kept: int, *, newest: Path) -> tuple[int, list[str]]:
    """Remove the oldest of the backups that are proven by reading them; return how many, and the problems."""
    made = backups(folder)
    if len(made) <= kept:
        return 0, []
    found = {path: None if path == newest else backup_problem(path) for path in made}
    problems = [problem for problem in found.values() if problem]
    removed = 0
    for outdated in [path for path in made if found[path] is None][:-kept]:
        try:
            aside = outdated.rename(folder / f"{DRAFT}{outdated.name}")  # half of a backup has no name of one
            shutil.rmtree(aside)
            removed += 1
        except OSError as error:
            problems.append(f"{outdated}: {error.strerror or error}. Remove the old backup by hand.")
    return removed, problems


@contextlib.contextmanager
def _older_stay(folder: Path) -> Iterator[None]:
    """Add to an error that older backups are as they were."""
    try:
        yield
    except UserError as error:
        if not backups(folder):
            raise
        raise UserError(f"{error} Older backups are unchanged.") from error


def _copy(store: Path, draft: Path) -> list[CopiedFile]:
    """Copy everything of a store that can't be computed again; the catalogue first, because it names its files."""
    with Store.open(store, mode="read"):  # protects the current files from removal
        with store_errors(store):
            catalogue = Catalogue.for_reading(store)
        with contextlib.closing(catalogue):
            copied = [_copy_catalogue(catalogue, store / FILE, draft / FILE)]
            manifest = catalogue.segments()
        names = [segment.path(Path()).as_posix() for segment in manifest]
        names += [path.relative_to(store).as_posix() for path in _model_files(store)]
        names += [which.file_name for which in BACKED_UP if (store / which.file_name).exists()]
        (draft / segments.FOLDER).mkdir(mode=0o700)
        copied += [copy_file(store / name, draft / name, name=name) for name in names]
    return copied


def _copy_catalogue(catalogue: Catalogue, source: Path, target: Path) -> CopiedFile:
    """Copy a snapshot of the catalogue, and compare the copy after reading it back."""
    try:
        with contextlib.closing(sqlite3.connect(target)) as copy:
            catalogue.sql.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # the file is complete without a log
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            raise UserError(f"{source}: is damaged: {error}. {REPAIR_CATALOGUE} {_NO_BACKUP}") from error
        raise
    copied = digest_file(target, name=FILE)
    prove_copy(target, copied)
    return copied


def _model_files(store: Path) -> list[Path]:
    """The files of models, without drafts."""
    if not (store / MODELS).is_dir():
        return []
    found = ((path, path.relative_to(store).parts) for path in sorted((store / MODELS).rglob("*")))
    return [
        path for path, parts in found if path.is_file() and not any(each.startswith(".") for each in parts)
    ]


def _complete(store: Path, draft: Path, manifest: BackupManifest) -> None:
    """Verify a copy, which reads back as it was copied, and write its manifest.

    Raises:
        UserError: a file of the store is damaged; names it, with a remedy.
    """
    for damage in verify_store(draft, read_data=True).damages:
        path = store / damage.path.relative_to(draft)
        raise UserError(f"{path}: {damage.what}. {damage.remedy} {_NO_BACKUP}")
    for name in LOCK_FILES:
        (draft / name).unlink(missing_ok=True)
    path = draft / MANIFEST
    path.write_text(manifest.to_text(), encoding="utf-8")
    prove_copy(path, digest_file(path, name=MANIFEST))
    flush_folder(draft, below=True)
