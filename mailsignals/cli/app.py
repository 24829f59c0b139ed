"""The program: the names of its commands, the global options, and what becomes of errors.

A command's module is imported when the command is called, so that `--version` and `--help` wait for none of them,
and a command does not wait for the others.
"""

import dataclasses
import importlib
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core
import typer.main

from mailsignals.cli.run import DONE, INTERRUPTED, USAGE, Run


@dataclasses.dataclass(frozen=True)
class CommandPlace:
    """The module and function of a command, and the first line of its own help."""

    module: str
    name: str
    """Of a function, or of a group of commands."""
    help: str


COMMANDS = {
    "demo": CommandPlace(
        "mailsignals.cli.commands.demo",
        "demo_command",
        "Invent a company, and show which of its customers drift away.",
    ),
    "init": CommandPlace(
        "mailsignals.cli.commands.init",
        "init_command",
        "Write a first configuration, and a list of customers to fill in.",
    ),
    "config": CommandPlace(
        "mailsignals.cli.commands.config",
        "config",
        "Print an example configuration.",
    ),
    "docs": CommandPlace(
        "mailsignals.cli.commands.docs",
        "docs_command",
        "List the pages of the documentation, or show one.",
    ),
    "accounts": CommandPlace(
        "mailsignals.cli.commands.accounts",
        "accounts",
        "Import the account list from an export, and show its past.",
    ),
    "check": CommandPlace(
        "mailsignals.cli.commands.check",
        "check_command",
        "Would it work: configuration, mailboxes, account book?",
    ),
    "sync": CommandPlace(
        "mailsignals.cli.commands.sync",
        "sync_command",
        "Read what is new in the configured mailboxes.",
    ),
    "import": CommandPlace(
        "mailsignals.cli.commands.import_files",
        "import_command",
        "Read mail from files; headers only, and again is harmless.",
    ),
    "status": CommandPlace(
        "mailsignals.cli.commands.status",
        "status_command",
        "What the store holds, how fresh it is, and what is wrong.",
    ),
    "signals": CommandPlace(
        "mailsignals.cli.commands.signals",
        "signals_command",
        "One row an account and window of 30, 60 and 90 days.",
    ),
    "risk": CommandPlace(
        "mailsignals.cli.commands.risk",
        "risk_command",
        "List accounts that may go quiet or churn, with reasons.",
    ),
    "sla": CommandPlace(
        "mailsignals.cli.commands.sla",
        "sla",
        "Whether each tier got what it was promised, and what is due.",
    ),
    "digest": CommandPlace(
        "mailsignals.cli.commands.digest",
        "digest_command",
        "Each CSM's page: who is at risk, why, what is new, what waits.",
    ),
    "alerts": CommandPlace(
        "mailsignals.cli.commands.alerts",
        "alerts_command",
        "What to tell people between digests, and why not yet.",
    ),
    "flag": CommandPlace(
        "mailsignals.cli.commands.flag",
        "flag",
        "Accounts at risk day by day, and what people say of them.",
    ),
    "serve": CommandPlace(
        "mailsignals.cli.commands.serve",
        "serve_command",
        "Show the dashboard. `run` shows it, too, and keeps the mail up to date.",
    ),
    "audit": CommandPlace(
        "mailsignals.cli.commands.audit",
        "audit_command",
        "Who saw, changed and took away what on the dashboard.",
    ),
    "token": CommandPlace(
        "mailsignals.cli.commands.token",
        "token",
        "With what programs ask the API: create, list and revoke tokens.",
    ),
    "run": CommandPlace(
        "mailsignals.cli.commands.run",
        "run_command",
        "Sync, assess, write digests and back up, day after day.",
    ),
    "train": CommandPlace(
        "mailsignals.cli.commands.train",
        "train_command",
        "Train the chance of leaving on customers who left, and use it.",
    ),
    "backtest": CommandPlace(
        "mailsignals.cli.commands.backtest",
        "backtest_command",
        "Replay history: would the risk list have warned us?",
    ),
    "model": CommandPlace(
        "mailsignals.cli.commands.model",
        "model_command",
        "Show the chance of going quiet, the model in use and its drift.",
    ),
    "export": CommandPlace(
        "mailsignals.cli.commands.export",
        "export_command",
        "The tables behind the figures, as they stood at an instant.",
    ),
    "backup": CommandPlace(
        "mailsignals.cli.commands.backup",
        "backup_command",
        "Copy the store, even while the service runs.",
    ),
    "restore": CommandPlace(
        "mailsignals.cli.commands.restore",
        "restore_command",
        "Make a store of a backup; there must be none yet.",
    ),
    "prune": CommandPlace(
        "mailsignals.cli.commands.prune",
        "prune_command",
        "Remove for good what [retention] no longer keeps.",
    ),
    "forget": CommandPlace(
        "mailsignals.cli.commands.forget",
        "forget_command",
        "Erase a person: a random name takes the address's place.",
    ),
}
"""In the order in which somebody meets them."""


def command(name: str) -> typer.core.TyperCommand | typer.core.TyperGroup:
    """A command of the program, for which its module is imported.

    Raises:
        KeyError: there is no such command.
    """
    place = COMMANDS[name]
    found = getattr(importlib.import_module(place.module), place.name)
    holder = _typer()
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=name)
    else:
        holder.command(name)(found)
    made = typer.main.get_group(holder).commands[name]
    assert isinstance(made, typer.core.TyperCommand | typer.core.TyperGroup)
    return made


class LazyGroup(typer.core.TyperGroup):
    """A group whose own commands have a name and a help alone; the one that is called is put in its place."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401  # of typer's own
        """The name, the command itself, and what is left of the arguments; raises as typer does for an unknown one."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, command(name or ""), rest


def _typer(**more: Any) -> typer.Typer:  # noqa: ANN401  # what typer takes
    return typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, **more)


def _stub() -> None:
    """Stands for a command in the list, and is never called."""


app = _typer(name="mailsignals", cls=LazyGroup)
for _name, _place in COMMANDS.items():
    app.command(_name, help=_place.help)(_stub)


def _version(asked: bool) -> None:  # noqa: FBT001  # typer's signature
    if asked:
        sys.stdout.write(f"mailsignals {version('mailsignals')}\n")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The configuration; else config.toml here or in your configuration folder."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Results as JSON on standard output.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no remarks, only results.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Which customer accounts are drifting away, and why, from mailbox metadata."""
    from mailsignals.cli.output import Output  # noqa: PLC0415  # which draws tables, and is not for --help

    context.obj = Run(config=config, output=Output(as_json=as_json, quiet=quiet))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status; a person sees a sentence, never a traceback, unless it is a bug."""
    given = globals_first(sys.argv[1:] if arguments is None else arguments)
    try:
        status = int(app(args=given or ["--help"], prog_name="mailsignals", standalone_mode=False) or DONE)
    except SystemExit:
        return DONE  # whoever read our output went away, as `head` does, which typer and rich take as an end
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # whatever is not known below is a bug, and says so
        return _ended_by(error)
    if status == INTERRUPTED:
        return _ended_by(KeyboardInterrupt())
    return status if given else USAGE


def _ended_by(error: BaseException) -> int:
    from mailsignals.cli.output import report_failure  # noqa: PLC0415  # it knows all errors, and hardly ever is there one

    return report_failure(error)


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
