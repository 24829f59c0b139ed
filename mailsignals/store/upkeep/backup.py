"""Consistent copies of a store in use, with hard links if possible."""

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
"""Secrets that stored data and sent links depend on; sign-ins aren't in a backup."""

_DRAFT = ".draft-"
_NAME = "%Y-%m-%dT%H%M%SZ"
_NAMED = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}Z")


def back_up(store: Path, folder: Path, *, at: dt.datetime, kept: int | None) -> Path:
    """Copy a store in use into a new folder named by the time, and return the folder.

    Of older backups only the newest ``kept`` stay; None keeps all.

    Raises:
        UserError: the folder has no store, or the copy can't be written; an incomplete copy is removed.
    """
    place = folder / at.astimezone(dt.UTC).strftime(_NAME)
    with store_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f"{_DRAFT}*"):  # left by a backup that was killed
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
    """Return the backups in a folder, oldest first."""
    return sorted(path for path in folder.glob("*") if _NAMED.fullmatch(path.name)) if folder.is_dir() else []


def restore(backup: Path, store: Path) -> None:
    """Copy a backup to the folder of a store; the backup stays unchanged.

    Raises:
        UserError: the folder isn't empty, or the backup isn't a store or is damaged.
    """
    with store_errors(store):
        if store.exists() and {path.name for path in store.iterdir()} - LOCK_FILES:
            raise UserError(
                f"{store}: the folder is not empty. Stop the service and move the folder away, then restore again."
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
    """Copy everything that can't be computed again; the catalogue first, because it names its files."""
    with Store.open(source, mode="read"):  # protects the current files from removal
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
    with Store.open(target, mode="read"):  # refuses an incomplete copy
        pass


def _linked(source: Path, target: Path) -> None:
    """A hard link if possible, because segments never change; else a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
