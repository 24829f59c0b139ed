"""Errors that end the program: what a person reads of them, and the exit status."""

import traceback

import typer

from connectors.base import ConnectorError, SignInError
from mailsignals.cli.output import Output
from mailsignals.cli.run import BUG, INTERRUPTED, SIGN_IN, USAGE
from mailsignals.errors import UserError


def report(error: BaseException) -> int:
    """Say what went wrong, and return the exit status for it."""
    output = Output()
    match error:
        case typer.TyperException():
            text = error.format_message()
            output.complain(f"{text}{'' if text.endswith(('.', '?')) else '.'} See `mailsignals --help`.")
            return USAGE
        case typer.Abort() | KeyboardInterrupt():
            output.complain("Interrupted. What was finished is kept; run the same command again to go on.")
            return INTERRUPTED
        case UserError():
            output.complain(str(error))
            return error.exit_status
        case ConnectorError():
            output.complain(str(error))
            return SIGN_IN if isinstance(error, SignInError) else USAGE
        case _:
            traceback.print_exception(error)
            output.complain("This is a bug in mailsignals. Please report it with the lines above.")
            return BUG
