"""Back up the store, and restore it from a backup."""

import datetime as dt
from pathlib import Path

from mailsignals.jobs.job import Context
from mailsignals.store.upkeep import backup
from mailsignals.workspace import Workspace


def back_up_store(workspace: Workspace, folder: Path, at: dt.datetime) -> Path:
    """Copy the store, even while it is in use, into a new folder named by the time; return that folder.

    Raises:
        UserError: the store does not exist, or the copy can't be written; no partial copy is left.
    """
    return backup.back_up(workspace.settings.store.path, folder, at=at, kept=None)


def back_up_by_job(workspace: Workspace, context: Context) -> str:
    """Back up the store to the configured folder, and return the outcome in words.

    Backups beyond ``schedule.backups_kept`` are deleted, oldest first.

    Raises:
        UserError: the store does not exist, or the copy can't be written; no partial copy is left.
    """
    schedule = workspace.settings.schedule
    path = workspace.settings.store.path
    place = backup.back_up(path, schedule.backup_folder, at=context.now(), kept=schedule.backups_kept)
    return f"{place.name} written"


def restore_store(workspace: Workspace, copy: Path) -> Path:
    """Restore the company's store from a backup, which is unchanged; return the store's folder.

    Raises:
        UserError: a store already exists, or the folder isn't a backup, or is damaged.
    """
    path = workspace.settings.store.path
    backup.restore(copy, path)
    return path
