"""``mailsignals restore``: a store from a backup."""

from pathlib import Path
from typing import Annotated

import typer

from mailsignals.cli.run import Run
from mailsignals.usecases.backup import restore_store


def restore_command(
    context: typer.Context,
    backup: Annotated[Path, typer.Argument(metavar="DIR", help="One backup, a folder named by its time.")],
) -> None:
    """Restore the store from a backup, if there is no store yet."""
    run: Run = context.obj
    store = restore_store(run.workspace(), backup)
    run.output.say(f"{store} is as it was in {backup}. `mailsignals status` shows it.")
