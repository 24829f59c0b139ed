"""The program: global options, and what becomes of errors."""

import dataclasses
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from connectors.base import ConnectorError, SignInError
from mailsignals.cli.output import Output
from mailsignals.cli.workspace import Workspace
from mailsignals.errors import UserError

app = typer.Typer(
    name="mailsignals",
    help="Which customer accounts are drifting away, and why, from mailbox metadata.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

BUG, USAGE, PARTIAL, SIGN_IN, INTERRUPTED = 1, 2, 3, 4, 130
"""Exit statuses beside 0."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Run:
    """What the global options say."""

    config: Path | None
    output: Output

    def workspace(self) -> Workspace:
        """The configuration that was asked for, loaded."""
        return Workspace.load(self.config)


def _version(value: bool) -> None:  # noqa: FBT001  # typer's signature
    if value:
        sys.stdout.write(f"mailsignals {version('mailsignals')}\n")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    *,
    config: Annotated[
        Path | None,
        typer.Option(help="The configuration; else config.toml here or in your configuration folder."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Results as JSON on standard output.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no remarks, only results.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Which customer accounts are drifting away, and why, from mailbox metadata."""
    context.obj = Run(config=config, output=Output(as_json=as_json, quiet=quiet))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status; a person sees a sentence, never a traceback, unless it is a bug."""
    given = globals_first(sys.argv[1:] if arguments is None else arguments)
    try:
        return int(app(args=given, prog_name="mailsignals", standalone_mode=False) or 0)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # whatever is not known below is a bug, and says so
        return _said(error)


def _said(error: BaseException) -> int:
    """Say what went wrong and return the exit status for it."""
    output = Output()
    match error:
        case typer.TyperException():
            output.complain(error.format_message())
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


def globals_first(arguments: Sequence[str]) -> list[str]:
    """Global options may stand anywhere; move them to the front, where the parser wants them."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in {"--json", "--quiet", "--version"} or word.startswith("--config="):
            front.append(word)
        elif word == "--config":
            front += [word, *[value for value in [next(words, None)] if value is not None]]
        else:
            rest.append(word)
    return front + rest
