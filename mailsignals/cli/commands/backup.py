"""``mailsignals backup``: copy the store."""

from pathlib import Path
from typing import Annotated

import typer

from mailsignals import clock
from mailsignals.cli.progress import working
from mailsignals.cli.run import Run
from mailsignals.usecases.backup import back_up_store


def backup_command(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder for backups.")],
) -> None:
    """Back up the store, even while the service runs."""
    run: Run = context.obj
    workspace = run.workspace()
    with working(run.output, "Copying the store"):
        copy = back_up_store(workspace, folder, clock.now())
    run.output.lines("backup", [str(copy)])
