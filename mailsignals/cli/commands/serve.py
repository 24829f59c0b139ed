"""``mailsignals serve``: serve the dashboard until it is stopped."""

import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from mailsignals.cli.run import DONE, Run
from mailsignals.service.dashboard import Dashboard
from mailsignals.service.logs import log_to

if TYPE_CHECKING:  # takes longer to import than the dashboard takes to listen
    from mailsignals.readmodel.editions import PreparationStep


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
    service = run.settings().service
    log_to(sys.stderr, service.log_style)
    _serve(
        run,
        host=service.host if host is None else host,
        port=service.port if port is None else port,
    )
    return DONE


def _serve(run: Run, *, host: str, port: int) -> None:
    dashboard = Dashboard(run.settings(), host=host)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: dashboard.stop())

    def report(step: "PreparationStep | None") -> None:
        if step is None:
            run.output.say("The pages are ready.")
        else:
            run.output.say(f"Preparing the pages, step {step.number} of {step.of}: {step.text} ...")

    with dashboard.served(port) as found:
        run.output.say(f"The dashboard is at http://{_in_url(host)}:{found}/. Press Ctrl-C to stop it.")
        dashboard.run(run.workspace, watch=report)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
