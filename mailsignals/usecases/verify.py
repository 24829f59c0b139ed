"""Compare the store, or a backup, with what was written."""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from mailsignals.errors import UserError
from mailsignals.jobs.job import Context
from mailsignals.store.upkeep.verification import Verification, verify_store
from mailsignals.wording.numbers import count_noun
from mailsignals.workspace import Workspace

NICENESS = 10
"""The priority of the weekly reading of all files, below that of everything else."""

SHOWN = 3
"""The number of damaged files that the outcome of the job names."""


def verify(
    workspace: Workspace, *, read_data: bool, backup: Path | None = None, stop: threading.Event | None = None
) -> Verification:
    """Compare the company's store, or a backup of it, with what was written; nothing is changed.

    Args:
        workspace: the company's.
        read_data: True to read every file, False for presence, sizes and the catalogue only.
        backup: a backup; None for the store.
        stop: ends the work between two files.

    Raises:
        UserError: there is no store, or its disk can't be read.
        StoppedError: ``stop`` was set.
    """
    return verify_store(backup or workspace.settings.store.path, read_data=read_data, stop=stop)


def verify_by_job(workspace: Workspace, context: Context) -> str:
    """Read and compare every file of the store at low priority, and return the outcome in words.

    Raises:
        UserError: something is damaged; names it, with the remedy.
        StoppedError: the run was asked to stop.
    """
    with low_priority():
        found = verify(workspace, read_data=True, stop=context.stop)
    if found.damages:
        more = len(found.damages) - SHOWN
        words = "\n".join(str(damage) for damage in found.damages[:SHOWN])
        raise UserError(words if more <= 0 else f"{words}\n{more:,} more: `mailsignals verify --read-data`.")
    return f"{count_noun(found.files, 'file')} verified"


@contextlib.contextmanager
def low_priority() -> Iterator[None]:
    """Leave processor and disk to other work, where the system knows priorities."""
    if not hasattr(os, "setpriority"):
        yield
        return
    before = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, max(before, NICENESS))
    try:
        yield
    finally:
        with contextlib.suppress(PermissionError):  # only root may raise it again
            os.setpriority(os.PRIO_PROCESS, 0, before)
