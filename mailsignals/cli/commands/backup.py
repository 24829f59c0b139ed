"""``mailsignals backup``: copy the store."""

from pathlib import Path
from typing import Annotated

import typer

from mailsignals import clock
from mailsignals.cli.progress import working
from mailsignals.cli.run import Run
from mailsignals.usecases.backup import back_up_store, size_words


def backup_command(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder for backups.")],
) -> None:
    """Back up the store, also while the service runs."""
    run: Run = context.obj
    workspace = run.workspace()
    with working(run.output, "Copying the store"):
        began_at = clock.now()
        made = back_up_store(workspace, folder, began_at)
        seconds = (clock.now() - began_at).total_seconds()
    run.output.lines("backup", [str(made.place)])
    run.output.say(f"Copied and read back {size_words(made)}, in {seconds:.1f} s.")
