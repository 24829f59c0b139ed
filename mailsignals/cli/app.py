"""The program: its commands, the global options, and what becomes of errors."""

import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
import typer.core

from connectors.base import ConnectorError, SignInError
from mailsignals.cli.commands.alerts import alerts_command
from mailsignals.cli.commands.audit import audit_command
from mailsignals.cli.commands.backtest import backtest_command
from mailsignals.cli.commands.backup import backup_command
from mailsignals.cli.commands.check import check_command
from mailsignals.cli.commands.demo import demo_command
from mailsignals.cli.commands.digest import digest_command
from mailsignals.cli.commands.export import export_command
from mailsignals.cli.commands.flag import flag
from mailsignals.cli.commands.forget import forget_command
from mailsignals.cli.commands.import_files import import_command
from mailsignals.cli.commands.init import init_command
from mailsignals.cli.commands.model import model_command
from mailsignals.cli.commands.prune import prune_command
from mailsignals.cli.commands.restore import restore_command
from mailsignals.cli.commands.risk import risk_command
from mailsignals.cli.commands.run import run_command
from mailsignals.cli.commands.serve import serve_command
from mailsignals.cli.commands.signals import signals_command
from mailsignals.cli.commands.sla import sla
from mailsignals.cli.commands.status import status_command
from mailsignals.cli.commands.sync import sync_command
from mailsignals.cli.commands.token import token
from mailsignals.cli.commands.train import train_command
from mailsignals.cli.output import Output
from mailsignals.cli.run import BUG, DONE, INTERRUPTED, SIGN_IN, USAGE, Run
from mailsignals.errors import UserError


class InOrder(typer.core.TyperGroup):
    """Lists commands in the order in which somebody meets them."""

    def list_commands(self, ctx: object) -> list[str]:  # noqa: ARG002  # typer's signature
        """The names; what is not placed yet comes last."""
        place = {name: number for number, name in enumerate(ORDER)}
        return sorted(self.commands, key=lambda name: place.get(name, len(place)))


ORDER = (
    *("demo", "init", "check", "sync", "import", "status", "signals", "risk", "sla", "digest", "alerts"),
    *("flag", "serve", "audit", "token", "run", "train", "backtest", "model", "export", "backup", "restore"),
    *("prune", "forget"),
)

app = typer.Typer(
    name="mailsignals",
    cls=InOrder,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

app.command("demo")(demo_command)
app.command("init")(init_command)
app.command("check")(check_command)
app.command("sync")(sync_command)
app.command("import")(import_command)
app.command("status")(status_command)
app.command("signals")(signals_command)
app.command("risk")(risk_command)
app.add_typer(sla, name="sla")
app.command("digest")(digest_command)
app.command("alerts")(alerts_command)
app.add_typer(flag, name="flag")
app.command("serve")(serve_command)
app.command("audit")(audit_command)
app.add_typer(token, name="token")
app.command("run")(run_command)
app.command("train")(train_command)
app.command("backtest")(backtest_command)
app.command("model")(model_command)
app.command("export")(export_command)
app.command("backup")(backup_command)
app.command("restore")(restore_command)
app.command("prune")(prune_command)
app.command("forget")(forget_command)


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
    context.obj = Run(config=config, output=Output(as_json=as_json, quiet=quiet))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status; a person sees a sentence, never a traceback, unless it is a bug."""
    given = globals_first(sys.argv[1:] if arguments is None else arguments)
    try:
        status = int(app(args=given or ["--help"], prog_name="mailsignals", standalone_mode=False) or DONE)
    except SystemExit:
        return DONE  # whoever read our output went away, as `head` does, which typer and rich take as an end
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # whatever is not known below is a bug, and says so
        return _said(error)
    if status == INTERRUPTED:
        return _said(KeyboardInterrupt())
    return status if given else USAGE


def _said(error: BaseException) -> int:
    """Say what went wrong and return the exit status for it."""
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
