"""``mailsignals restore``: restore the store from a backup."""

from pathlib import Path
from typing import Annotated

import typer

from mailsignals.cli.progress import working
from mailsignals.cli.run import Run
from mailsignals.usecases.backup import restore_store


def restore_command(
    context: typer.Context,
    backup: Annotated[Path, typer.Argument(metavar="DIR", help="A backup: a folder named by its time.")],
) -> None:
    """Restore the store from a backup, where none exists yet."""
    run: Run = context.obj
    workspace = run.workspace()
    with working(run.output, "Restoring the store"):
        store = restore_store(workspace, backup)
    run.output.say(f"Restored {store} from {backup}. To look at it: `mailsignals status`.")
