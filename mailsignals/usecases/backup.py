"""Copy the store, and make a store of a copy."""

import datetime as dt
from pathlib import Path

from mailsignals.jobs.job import Context
from mailsignals.store.upkeep import backup
from mailsignals.workspace import Workspace


def back_up_store(workspace: Workspace, folder: Path, at: dt.datetime) -> Path:
    """Copy the store, beside whoever uses it, into a new folder named by the instant, and return that folder.

    Raises:
        UserError: there is no store, or the copy cannot be written; then nothing of it is left.
    """
    return backup.back_up(workspace.settings.store.path, folder, at=at, kept=None)


def back_up_by_job(workspace: Workspace, context: Context) -> str:
    """Do as ``back_up_store`` in the folder of the configuration, and return in words what was written.

    Backups beyond ``schedule.backups_kept`` are removed, the oldest first.

    Raises:
        UserError: there is no store, or the copy cannot be written; then nothing of it is left.
    """
    schedule = workspace.settings.schedule
    path = workspace.settings.store.path
    place = backup.back_up(path, schedule.backup_folder, at=context.now(), kept=schedule.backups_kept)
    return f"{place.name} written"


def restore_store(workspace: Workspace, copy: Path) -> Path:
    """Make the company's store of a backup, which stays as it is, and return the store's folder.

    Raises:
        UserError: there is a store already, or the backup is none, or is damaged.
    """
    path = workspace.settings.store.path
    backup.restore(copy, path)
    return path
