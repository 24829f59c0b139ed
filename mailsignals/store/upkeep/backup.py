"""Copies of a store that is in use: consistent, and as cheap as the disk permits."""

import contextlib
import datetime as dt
import os
import re
import shutil
import sqlite3
import tempfile
from pathlib import Path

from mailsignals.errors import UserError
from mailsignals.store.messages import segments
from mailsignals.store.messages.catalogue import FILE, Catalogue
from mailsignals.store.messages.errors import store_errors
from mailsignals.store.messages.lock import FILES as LOCK_FILES
from mailsignals.store.messages.store import Store
from mailsignals.store.tables.models import FOLDER as MODELS

KEYS = ("subjects.key", "labels.key", "links.key", "forgotten.key")
"""Secrets without which what is stored, or was sent, could not be continued; sign-ins are not in a backup."""

_DRAFT = ".draft-"
_NAME = "%Y-%m-%dT%H%M%SZ"
_NAMED = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}Z")


def back_up(store: Path, folder: Path, *, at: dt.datetime, kept: int | None) -> Path:
    """Copy a store, beside whoever uses it, into a new folder named by the instant; the newest ``kept`` stay, or all.

    Raises:
        UserError: there is no store, or the copy cannot be written; then nothing of it is left.
    """
    place = folder / at.astimezone(dt.UTC).strftime(_NAME)
    with store_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f"{_DRAFT}*"):  # by a backup that was killed
            shutil.rmtree(left, ignore_errors=True)
        draft = Path(tempfile.mkdtemp(dir=folder, prefix=_DRAFT))
        try:
            _copied(store, draft)
            draft.rename(place)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        for outdated in backups(folder)[:-kept] if kept else ():
            shutil.rmtree(outdated)
    return place


def backups(folder: Path) -> list[Path]:
    """The backups in a folder, oldest first."""
    return sorted(path for path in folder.glob("*") if _NAMED.fullmatch(path.name)) if folder.is_dir() else []


def restore(backup: Path, store: Path) -> None:
    """Make a store of a backup, which stays as it is.

    Raises:
        UserError: the folder for it is not empty, or the backup is none, or is damaged.
    """
    with store_errors(store):
        if store.exists() and {path.name for path in store.iterdir()} - LOCK_FILES:
            raise UserError(
                f"{store}: this folder is not empty. Stop the service and move the folder away; then restore again."
            )
        store.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=store.parent, prefix=_DRAFT))
        try:
            _copied(backup, draft)
            shutil.rmtree(store, ignore_errors=True)
            draft.rename(store)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def _copied(source: Path, target: Path) -> None:
    """Copy what cannot be computed again; the catalogue first, since it says which files belong to it."""
    with Store.open(source, mode="read"):  # which keeps the files of this moment in place
        with (
            contextlib.closing(Catalogue.for_reading(source)) as catalogue,
            contextlib.closing(sqlite3.connect(target / FILE)) as copy,
        ):
            catalogue.sql.backup(copy)
            manifest = catalogue.segments()
        (target / segments.FOLDER).mkdir()
        for segment in manifest:
            _linked(segment.path(source), segment.path(target))
        if (source / MODELS).is_dir():
            shutil.copytree(source / MODELS, target / MODELS)
        for name in KEYS:
            with contextlib.suppress(FileNotFoundError):
                shutil.copy2(source / name, target / name)
    with Store.open(target, mode="read"):  # which refuses what is not whole
        pass


def _linked(source: Path, target: Path) -> None:
    """The same file under another name where the disk can, since no segment is ever changed; else a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
