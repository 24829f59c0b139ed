"""``mailsignals completion``: print a shell's completion script, or install it."""

import enum
import sys
from typing import Annotated

import typer
from typer._completion_shared import get_completion_script, install

from mailsignals.cli.app import COMPLETE
from mailsignals.cli.run import Run
from mailsignals.errors import UserError

PROGRAM = "mailsignals"


class Shell(enum.StrEnum):
    """A shell that completes commands, options and values."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def completion_command(
    context: typer.Context,
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="Shell to complete in.")],
    *,
    write: Annotated[
        bool, typer.Option("--install", help="Add the script to the shell's start-up files.")
    ] = False,
) -> None:
    """Print or install shell completion."""
    run: Run = context.obj
    if not write:
        sys.stdout.write(get_completion_script(prog_name=PROGRAM, complete_var=COMPLETE, shell=shell) + "\n")
        return
    try:
        _, file = install(shell=shell, prog_name=PROGRAM, complete_var=COMPLETE)
    except (OSError, typer.Exit) as error:
        raise UserError(
            f"Completion for {shell} was not installed: {error}. "
            f"Save the output of `mailsignals completion {shell}` where {shell} reads its settings."
        ) from None
    run.output.say(f"Completion for {shell} is installed in {file}. Open a new terminal to use it.")
