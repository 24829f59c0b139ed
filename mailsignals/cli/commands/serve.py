"""``mailsignals serve``: serve the dashboard until it is stopped."""

import signal
import sys
from typing import Annotated

import typer

from mailsignals.cli.run import DONE, Run
from mailsignals.service.dashboard import Dashboard
from mailsignals.service.logs import log_to
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
    workspace = run.workspace()
    service = workspace.settings.service
    log_to(sys.stderr, service.log_style)
    show(
        run,
        workspace,
        host=service.host if host is None else host,
        port=service.port if port is None else port,
    )
    return DONE


def show(run: Run, workspace: Workspace, *, host: str, port: int) -> None:
    """Show the dashboard at an address until somebody stops it.

    Raises:
        UserError: others would get in unasked, there are no pages, or the address or the store cannot be used.
    """
    dashboard = Dashboard(workspace, host=host)
    if dashboard.is_stale():
        run.output.say("Preparing what the pages show ...")
        dashboard.prepare()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: dashboard.stop())
    with dashboard.served(port) as found:
        run.output.say(f"The dashboard is at http://{_in_url(host)}:{found}/ until you press Ctrl-C.")
        dashboard.wait()


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
