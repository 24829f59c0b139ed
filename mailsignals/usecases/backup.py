"""Back up the store, and restore it from a backup."""

import datetime as dt
from pathlib import Path

from mailsignals.jobs.job import Context
from mailsignals.store.upkeep import backup
from mailsignals.store.upkeep.backup import BackupReport
from mailsignals.store.upkeep.restore import RestoreReport, restore
from mailsignals.wording.numbers import count_noun
from mailsignals.workspace import Workspace


def back_up_store(workspace: Workspace, folder: Path, at: dt.datetime) -> BackupReport:
    """Copy the store, even while it is in use, into a new folder named by the time.

    Raises:
        UserError: the store does not exist or is damaged, or the copy can't be written; no partial copy is left.
    """
    return backup.back_up(workspace.settings.store.path, folder, at=at, kept=None)


def back_up_by_job(workspace: Workspace, context: Context) -> str:
    """Back up the store to the configured folder, and return the outcome in words.

    Backups beyond ``schedule.backups_kept`` are deleted in the order of their making, after the new one is proven.

    Raises:
        UserError: the store does not exist or is damaged, or the copy can't be written; no partial copy is left, and
            no older backup is deleted.
    """
    schedule = workspace.settings.schedule
    path, began_at = workspace.settings.store.path, context.now()
    made = backup.back_up(path, schedule.backup_folder, at=began_at, kept=schedule.backups_kept)
    seconds = max((context.now() - began_at).total_seconds(), 0.0)
    return "; ".join([f"{made.place.name} written: {size_words(made)} in {seconds:.1f} s", *made.problems])


def size_words(made: BackupReport) -> str:
    """Return the size of a backup in words: ``12 files, 3.4 MB``."""
    return f"{count_noun(made.files, 'file')}, {made.bytes / 1e6:,.1f} MB"


def restore_store(workspace: Workspace, copy: Path, *, at: dt.datetime, by: str) -> RestoreReport:
    """Restore the company's store from a backup, which is unchanged, and end the access that it brings back.

    Raises:
        UserError: a store already exists, or the folder isn't a backup, or is damaged.
    """
    return restore(copy, workspace.settings.store.path, at=at, by=by)
