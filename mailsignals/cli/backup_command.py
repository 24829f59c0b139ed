"""``mailsignals backup`` and ``mailsignals restore``: a copy of the store, and a store from a copy."""

from pathlib import Path
from typing import Annotated

import typer

from mailsignals import clock
from mailsignals.cli.run import Run
from mailsignals.store.upkeep.backup import back_up, restore


def backup_command(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that backups go to.")],
) -> None:
    """Copy the store, even while the service runs."""
    run: Run = context.obj
    place = back_up(run.workspace().settings.store.path, folder, at=clock.now(), kept=None)
    run.output.lines("backup", [str(place)])


def restore_command(
    context: typer.Context,
    backup: Annotated[Path, typer.Argument(metavar="DIR", help="One backup, a folder named by its time.")],
) -> None:
    """Make a store of a backup; there must be none yet."""
    run: Run = context.obj
    store = run.workspace().settings.store.path
    restore(backup, store)
    run.output.say(f"{store} is as it was in {backup}. `mailsignals status` shows it.")
