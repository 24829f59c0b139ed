"""``mailsignals serve``: serve the dashboard until it is stopped."""

import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from mailsignals.cli.run import DONE, Run
from mailsignals.service.dashboard import Dashboard
from mailsignals.service.logs import log_to

if TYPE_CHECKING:  # takes longer to import than the dashboard takes to listen
    from mailsignals.readmodel.editions import PreparationStep
    from mailsignals.workspace import Workspace


def serve_command(
    context: typer.Context,
    *,
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Address to listen on. Default: service.host.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(metavar="N", help="Port to listen on. Default: service.port.", min=0, max=65_535),
    ] = None,
) -> int:
    """Serve the dashboard (`run` also keeps the mail up to date)."""
    run: Run = context.obj
    settings = run.settings()
    service = settings.service
    log_to(sys.stderr, service.log_style)
    _serve(
        run,
        Dashboard(settings, host=service.host if host is None else host),
        run.workspace,
        host=service.host if host is None else host,
        port=service.port if port is None else port,
    )
    return DONE


def show(run: Run, workspace: "Workspace", *, host: str, port: int) -> None:
    """Show the dashboard of a loaded company at an address until somebody stops it.

    Raises:
        UserError: others would get in unasked, there are no pages, or the address or the store cannot be used.
    """
    _serve(run, Dashboard(workspace.settings, host=host), lambda: workspace, host=host, port=port)


def _serve(run: Run, dashboard: Dashboard, load: Callable[[], "Workspace"], *, host: str, port: int) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: dashboard.stop())

    def report(step: "PreparationStep | None") -> None:
        if step is None:
            run.output.say("The pages are ready.")
        else:
            run.output.say(f"Preparing the pages, step {step.number} of {step.of}: {step.text} ...")

    with dashboard.served(port) as found:
        run.output.say(f"The dashboard is at http://{_in_url(host)}:{found}/. Press Ctrl-C to stop it.")
        dashboard.run(load, watch=report)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
