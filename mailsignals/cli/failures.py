"""Errors and interruptions: the sentence to print, and the exit status."""

import traceback
from collections.abc import Sequence

import typer

from connectors.base import ConnectorError, SignInError
from mailsignals.cli.exit_status import BUG, INTERRUPTED, SIGN_IN, USAGE
from mailsignals.cli.output import Output
from mailsignals.errors import UserError
from mailsignals.store.messages.errors import disk_problem

NOTHING = "Nothing was changed."
STORED = "Emails stored so far are kept; run the same command again to continue."

KEPT = {
    "import": STORED,
    "sync": STORED,
    "demo": "The demo is incomplete; run the same command again to rebuild it.",
    "accounts import": "The account list is either as before or written whole.",
    "digest": "Digests already written or sent are kept. Run the same command again: none is sent twice.",
    "alerts": "Alerts already sent are recorded. Run the same command again: none is sent twice.",
    "train": "The model in use is unchanged, unless training had finished.",
    "backtest": "No report was written, unless the replay had finished.",
    "backup": "The unfinished copy was removed; the store is unchanged.",
    "restore": "Delete the store's folder if it exists, then run the same command again.",
    "prune": "Either all old data is deleted or none; run the same command again to be sure.",
    "forget": "Either the person is erased or nothing changed; run the same command again to be sure.",
    "serve": "The dashboard stopped; the store is unchanged.",
    "run": "Finished jobs are recorded; the next run continues.",
    "flag record": "The day is either recorded whole or not at all; run the same command again.",
    "init": "Run the same command again; existing files are never overwritten.",
}
"""What an interrupted command leaves, by command; the others only read."""


def report_failure(error: BaseException, given: Sequence[str] = ()) -> int:
    """Print what went wrong, and return the exit status.

    Args:
        error: what ended the program.
        given: its arguments.
    """
    output = Output()
    match error:
        case typer.TyperException():
            text = error.format_message().replace("Value error, ", "")
            context = getattr(error, "ctx", None)
            command = "mailsignals" if context is None else context.command_path
            output.complain(f"{text}{'' if text.endswith(('.', '?')) else '.'} See `{command} --help`.")
            return USAGE
        case typer.Abort() | KeyboardInterrupt():
            output.complain(f"Interrupted. {kept_words(given)}")
            return INTERRUPTED
        case UserError():
            output.complain(str(error))
            return error.exit_status
        case ConnectorError():
            output.complain(str(error))
            return SIGN_IN if isinstance(error, SignInError) else USAGE
        case _ if (problem := disk_problem(error)) is not None:
            output.complain(problem)
            return USAGE
        case _:
            traceback.print_exception(error)
            output.complain("This is a bug in mailsignals. Please report it with the lines above.")
            return BUG


def kept_words(given: Sequence[str]) -> str:
    """Return a sentence about what an interrupted command leaves in the store.

    Args:
        given: the arguments, global options first.
    """
    words = iter(given)
    named = []
    for word in words:
        if word == "--config":
            next(words, None)
        elif not word.startswith("-"):
            named.append(word)
    return KEPT.get(" ".join(named[:2])) or KEPT.get(" ".join(named[:1])) or NOTHING
