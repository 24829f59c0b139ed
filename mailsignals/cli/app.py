"""The program: its commands, the global options, and the handling of errors.

A command's module is imported when the command is called, so `--version` and `--help` import no command.
"""

import dataclasses
import importlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core
import typer.main

from mailsignals.cli.global_options import Command, globals_first
from mailsignals.cli.run import DONE, INTERRUPTED, USAGE, Run
from mailsignals.file_modes import keep_private

COMPLETE = "_MAILSIGNALS_COMPLETE"
"""The environment variable by which a shell requests completions."""


@dataclasses.dataclass(frozen=True)
class CommandPlace:
    """The module and function of a command, and the first line of its help."""

    module: str
    name: str
    """The name of a function, or of a group of commands."""
    help: str


COMMANDS = {
    "demo": CommandPlace(
        "mailsignals.cli.commands.demo",
        "demo_command",
        "Show an invented company: its risks and dashboard.",
    ),
    "init": CommandPlace(
        "mailsignals.cli.commands.init",
        "init_command",
        "Write a starter configuration and account list.",
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
        "Import the account list from an export, and show its history.",
    ),
    "check": CommandPlace(
        "mailsignals.cli.commands.check",
        "check_command",
        "Check the configuration, mailbox access and account list.",
    ),
    "sync": CommandPlace(
        "mailsignals.cli.commands.sync",
        "sync_command",
        "Fetch new mail from the configured mailboxes.",
    ),
    "import": CommandPlace(
        "mailsignals.cli.commands.import_files",
        "import_command",
        "Import mail from files (headers only; safe to repeat).",
    ),
    "status": CommandPlace(
        "mailsignals.cli.commands.status",
        "status_command",
        "Show mailboxes, freshness, jobs and problems.",
    ),
    "signals": CommandPlace(
        "mailsignals.cli.commands.signals",
        "signals_command",
        "Show the signals of each account over 30, 60 and 90 days.",
    ),
    "risk": CommandPlace(
        "mailsignals.cli.commands.risk",
        "risk_command",
        "List accounts that may go quiet or churn, with reasons.",
    ),
    "sla": CommandPlace(
        "mailsignals.cli.commands.sla",
        "sla",
        "Show SLA compliance, response times and open tickets.",
    ),
    "digest": CommandPlace(
        "mailsignals.cli.commands.digest",
        "digest_command",
        "Write or send each CSM's digest of accounts at risk.",
    ),
    "alerts": CommandPlace(
        "mailsignals.cli.commands.alerts",
        "alerts_command",
        "List or send the alerts that are due between digests.",
    ),
    "flag": CommandPlace(
        "mailsignals.cli.commands.flag",
        "flag",
        "List flagged accounts, and record feedback on them.",
    ),
    "serve": CommandPlace(
        "mailsignals.cli.commands.serve",
        "serve_command",
        "Serve the dashboard (`run` also keeps the mail up to date).",
    ),
    "audit": CommandPlace(
        "mailsignals.cli.commands.audit",
        "audit_command",
        "Show the dashboard's audit log.",
    ),
    "token": CommandPlace(
        "mailsignals.cli.commands.token",
        "token",
        "Manage API tokens.",
    ),
    "run": CommandPlace(
        "mailsignals.cli.commands.run",
        "run_command",
        "Run the background service: sync, risk, digests, backups.",
    ),
    "train": CommandPlace(
        "mailsignals.cli.commands.train",
        "train_command",
        "Train the chance of churn on churned accounts, and use it.",
    ),
    "backtest": CommandPlace(
        "mailsignals.cli.commands.backtest",
        "backtest_command",
        "Replay history to test how early the risk list warned.",
    ),
    "model": CommandPlace(
        "mailsignals.cli.commands.model",
        "model_command",
        "Show the calibration, the model in use and its drift.",
    ),
    "export": CommandPlace(
        "mailsignals.cli.commands.export",
        "export_command",
        "Export the tables behind the figures.",
    ),
    "backup": CommandPlace(
        "mailsignals.cli.commands.backup",
        "backup_command",
        "Back up the store, also while the service runs.",
    ),
    "restore": CommandPlace(
        "mailsignals.cli.commands.restore",
        "restore_command",
        "Restore the store from a backup, where none exists yet.",
    ),
    "verify": CommandPlace(
        "mailsignals.cli.commands.verify",
        "verify_command",
        "Verify the files and tables of the store or of a backup.",
    ),
    "repair": CommandPlace(
        "mailsignals.cli.commands.repair",
        "repair_command",
        "Drop damaged files; a sync reads their mail again.",
    ),
    "prune": CommandPlace(
        "mailsignals.cli.commands.prune",
        "prune_command",
        "Delete data that is past its retention period.",
    ),
    "forget": CommandPlace(
        "mailsignals.cli.commands.forget",
        "forget_command",
        "Erase a person: a random name replaces the address.",
    ),
    "completion": CommandPlace(
        "mailsignals.cli.commands.completion",
        "completion_command",
        "Print or install shell completion.",
    ),
}
"""Commands by name, in the order of their likely first use."""


def command(name: str) -> typer.core.TyperCommand | typer.core.TyperGroup:
    """Import a command's module and return the command.

    Raises:
        KeyError: the command doesn't exist.
    """
    place = COMMANDS[name]
    found = getattr(importlib.import_module(place.module), place.name)
    holder = _typer()
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=name)
    else:
        holder.command(name, cls=Command)(found)
    made = typer.main.get_group(holder).commands[name]
    assert isinstance(made, typer.core.TyperCommand | typer.core.TyperGroup)
    return made


class LazyGroup(typer.core.TyperGroup):
    """A group that lists commands by name and help, and imports the one that is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401  # typer's own types
        """Return the name, the imported command, and the remaining arguments.

        Raises:
            typer.TyperException: the command is unknown.
        """
        name, _, rest = super().resolve_command(ctx, args)
        return name, None if name is None else command(name), rest


def _typer(**more: Any) -> typer.Typer:  # noqa: ANN401  # typer's own parameters
    return typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        **more,
    )


def _stub() -> None:
    """Represent a command in the list; never called."""


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
            metavar="FILE",
            help="Configuration file. Default: config.toml here, then in your configuration folder.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print results as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print results and errors only.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Find customer accounts at risk of churn from email metadata alone, with reasons."""
    from mailsignals.cli.output import Output  # noqa: PLC0415  # --help needs no tables

    context.obj = Run(config=config, output=Output(as_json=as_json, quiet=quiet))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status; an expected error prints one sentence, never a traceback."""
    keep_private()
    given = globals_first(sys.argv[1:] if arguments is None else arguments)
    if COMPLETE in os.environ:
        _register_shells()
    try:
        status = int(app(args=given or ["--help"], prog_name="mailsignals", standalone_mode=False) or DONE)
    except SystemExit:
        return DONE  # completion was printed, or the reader of the output went away, as `head` does
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # an unexpected error is reported as a bug
        if COMPLETE in os.environ:
            return INTERRUPTED  # a message would land in the line that somebody types
        return _report(error, given)
    if status == INTERRUPTED:
        return _report(KeyboardInterrupt(), given)
    return status if given else USAGE


def _register_shells() -> None:
    from typer._completion_classes import completion_init  # noqa: PLC0415  # for completion only

    completion_init()


def _report(error: BaseException, given: Sequence[str]) -> int:
    from mailsignals.cli.failures import report_failure  # noqa: PLC0415  # it imports every error, and is rarely needed

    return report_failure(error, given)
