"""``mailsignals backup``: a copy of the store."""

from pathlib import Path
from typing import Annotated

import typer

from mailsignals import clock
from mailsignals.cli.run import Run
from mailsignals.usecases.backup import back_up_store


def backup_command(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that backups go to.")],
) -> None:
    """Back up the store, even while the service runs."""
    run: Run = context.obj
    run.output.lines("backup", [str(back_up_store(run.workspace(), folder, clock.now()))])
