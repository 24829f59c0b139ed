"""Restores a store from a backup, without the access that the backup brings back."""

import contextlib
import dataclasses
import datetime as dt
import logging
import shutil
from pathlib import Path

from mailsignals.errors import UserError
from mailsignals.files import flush_folder, new_draft
from mailsignals.secret_files import BACKED_UP
from mailsignals.store.messages import segments
from mailsignals.store.messages.catalogue import FILE, Catalogue
from mailsignals.store.messages.errors import missing_store, store_errors
from mailsignals.store.messages.lock import FILES as LOCK_FILES
from mailsignals.store.tables.audit import Audit, AuditEntry, AuditKind
from mailsignals.store.tables.models import FOLDER as MODELS
from mailsignals.store.tables.restores import EndedAccess, end_access, note_restore
from mailsignals.store.upkeep.backup_manifest import (
    OTHER,
    BackupManifest,
    CopiedFile,
    check_copy,
    copy_file,
    read_manifest,
)
from mailsignals.store.upkeep.verification import verify_store
from mailsignals.wording.numbers import count_noun

log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, kw_only=True)
class RestoreReport:
    """A restored store, and the access that ended with it."""

    made_at: dt.datetime | None
    """The time of the backup; None for one of an older version."""
    bytes: int
    ended: EndedAccess


def restore(backup: Path, store: Path, *, at: dt.datetime, by: str) -> RestoreReport:
    """Copy a backup to the folder of a store, compare each file with its digest, and end the access in it.

    The backup stays unchanged. API tokens are revoked, the keys of sessions and links are made anew, and the audit
    log gets an entry. Nothing that may have been sent since the backup is sent again.

    Args:
        backup: the backup.
        store: the folder of the store, which holds nothing yet.
        at: the current time.
        by: who restores, for the audit log.

    Raises:
        UserError: the folder isn't empty, or the backup isn't a store or is damaged; nothing is restored.
    """
    with store_errors(store):
        if store.exists() and {path.name for path in store.iterdir()} - LOCK_FILES:
            raise UserError(
                f"{store}: the folder is not empty. Stop the service and move the folder away, then restore again."
            )
        store.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = new_draft(store)
        draft.mkdir(mode=0o700)
        try:
            manifest = read_manifest(backup)
            copied = _copy_back(backup, manifest, draft)
            (draft / segments.FOLDER).mkdir(mode=0o700, exist_ok=True)
            ended = _take_over(draft, name=backup.name, at=at, by=by)
            _refuse_damage(backup, draft)
            flush_folder(draft, below=True)
            shutil.rmtree(store, ignore_errors=True)
            draft.rename(store)
            flush_folder(store.parent)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    size = sum(file.bytes for file in copied)
    log.info("restored", extra={"backup": backup.name, "files": len(copied), "bytes": size})
    return RestoreReport(made_at=manifest.made_at if manifest else None, bytes=size, ended=ended)


def _copy_back(backup: Path, manifest: BackupManifest | None, draft: Path) -> list[CopiedFile]:
    """Copy the files that the manifest names, or all files of a backup of an older version, which has none."""
    if manifest is None:
        return [copy_file(backup / name, draft / name, name=name) for name in _names(backup)]
    copied = []
    for file in manifest.files:
        check_copy(backup / file.name, file)
        copied.append(copy_file(backup / file.name, draft / file.name, name=file.name))
        check_copy(draft / file.name, file)
    return copied


def _names(backup: Path) -> list[str]:
    """The files of a backup of an older version that belong into a store."""
    if not (backup / FILE).is_file():
        raise missing_store(backup)
    found = [FILE, f"{FILE}-wal", *(which.file_name for which in BACKED_UP)]
    for folder in (segments.FOLDER, MODELS):
        found += [path.relative_to(backup).as_posix() for path in sorted((backup / folder).rglob("*"))]
    return [name for name in found if (backup / name).is_file()]


def _take_over(draft: Path, *, name: str, at: dt.datetime, by: str) -> EndedAccess:
    """End the access in a restored store, and note the restore."""
    with contextlib.closing(Catalogue.for_writing(draft)) as catalogue, catalogue.transaction(durable=True):
        ended = end_access(catalogue.sql, at=at)
        note_restore(
            catalogue.sql,
            at=at,
            outcome=f"restored from {name}; {count_noun(len(ended.tokens), 'API token')} revoked",
        )
    entry = AuditEntry(
        at=at,
        who=by,
        way="command",
        client="",
        kind=AuditKind.CHANGED,
        what="restore",
        detail=f"store restored from {name}; API tokens revoked: {', '.join(ended.tokens) or 'none'}; sessions ended",
    )
    Audit(draft).add([entry], durable=True)
    return ended


def _refuse_damage(backup: Path, draft: Path) -> None:
    """Refuse a backup that was damaged when it was made, or before; only one of an older version can be."""
    for damage in verify_store(draft, read_data=True).damages:
        raise UserError(f"{backup / damage.path.relative_to(draft)}: {damage.what}. {OTHER}")
