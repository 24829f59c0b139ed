"""``mailsignals demo``: an invented company, from its mail to the dashboard."""

import contextlib
import shlex
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailsignals.cli.run import DONE, Run

if TYPE_CHECKING:  # at run time it is imported after the first line is shown, because that takes seconds
    from mailsignals.demo.sights import Sights


def demo_command(  # noqa: PLR0913  # one parameter per option
    context: typer.Context,
    *,
    accounts: Annotated[
        int | None,
        typer.Option(metavar="N", help="Compute a company with N customers. Default: a prepared one.", min=1),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", help="Compute another company; equal seeds give equal companies.", min=0),
    ] = None,
    folder: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for the demo. An earlier demo there is replaced.")
    ] = Path("mailsignals-demo"),
    port: Annotated[
        int,
        typer.Option(metavar="N", help="Port of the dashboard. If in use, another one.", min=0, max=65_535),
    ] = 8321,
    serve: Annotated[
        bool,
        typer.Option(
            "--serve", help="Serve the dashboard until Ctrl-C; without a terminal it ends with the demo."
        ),
    ] = False,
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="Compute everything without serving the dashboard.")
    ] = False,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the dashboard's address instead of opening it.")
    ] = False,
) -> int:
    """Show an invented company: its risks and dashboard."""
    run: Run = context.obj
    on_terminal = sys.stdin.isatty() and sys.stderr.isatty() and run.output.for_people(None)
    stays = (serve or on_terminal) and not no_serve
    browser = on_terminal and not no_browser
    ready = False
    handler = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run.output.say("Starting the demo ...")
        from mailsignals.cli.demo_tour import DemoTour  # noqa: PLC0415  # see above

        tour = DemoTour(run.output, folder, port=port)
        company = tour.open(accounts, seed)
        with tour.served(company, browser=browser) if not no_serve else contextlib.nullcontext():
            ready = True
            _end(run, tour.learn(company), tour.url, folder, serve=stays)
            while stays:
                threading.Event().wait(1.0)
    except KeyboardInterrupt:
        if not ready:
            raise
        run.output.say(f"\nStopped. `{_serve_command(folder)}` shows the demo again.")
    finally:
        signal.signal(signal.SIGTERM, handler)
    return DONE


def _end(run: Run, sights: "Sights", url: str, folder: Path, *, serve: bool) -> None:
    """Print what to look at; with ``--json`` the risk of all accounts."""
    if not run.output.for_people(None):
        run.output.save(sights.risk, "-")
        return
    at = url if serve else f"`{_serve_command(folder)}`, then {url}"
    run.output.say(f"\nDashboard  {at}{'  (Ctrl-C stops it)' if serve else ''}")
    if sights.account is not None:
        name, reason = sights.account["name"], sights.account["reasons"][0]["text"]
        run.output.say(f"Look at    {name}: {reason} {url}/accounts/{sights.account['account_id']}")
    if sights.digest is not None:
        run.output.say(f"Digest     {sights.digest.resolve()}")


def _serve_command(folder: Path) -> str:
    """The command by its name, or by its path where the name leads nowhere, as in the environment of a checkout."""
    program = (
        "mailsignals" if shutil.which("mailsignals") else str(Path(sys.executable).with_name("mailsignals"))
    )
    return shlex.join([program, "serve", "--config", str(folder / "config.toml")])
