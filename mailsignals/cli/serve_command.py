"""``mailsignals serve``: the dashboard, until somebody stops it."""

import contextlib
import datetime as dt
import functools
import signal
import sys
import threading
from collections.abc import Callable
from typing import Annotated

import typer

from mailsignals import clock
from mailsignals.cli.jobs import prepare_job
from mailsignals.cli.preparing import prepare_edition
from mailsignals.cli.run import DONE, Run
from mailsignals.cli.serving_rules import refuse_openness
from mailsignals.cli.system import live
from mailsignals.errors import UserError
from mailsignals.jobs.job import Job
from mailsignals.readmodel.editions import EditionStore
from mailsignals.service.logs import log_to
from mailsignals.service.processes import JobProcesses
from mailsignals.store.messages.catalogue import FILE
from mailsignals.workspace import Workspace

CHILD = "mailsignals.cli.job_process"


def serve_command(
    context: typer.Context,
    *,
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Where it answers. Default: that of [service].")
    ] = None,
    port: Annotated[
        int | None, typer.Option(metavar="N", help="The port. Default: that of [service].", min=0, max=65_535)
    ] = None,
) -> int:
    """Show the dashboard. `run` shows it, too, and keeps the mail up to date."""
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
    from mailsignals.cli.serving import prepare  # noqa: PLC0415  # the server, which few other commands need
    from mailsignals.service.http import served  # noqa: PLC0415
    from mailsignals.web.app import application  # noqa: PLC0415
    from mailsignals.web.site import Site  # noqa: PLC0415

    settings = workspace.settings
    refuse_openness(settings, host)
    if settings.dashboard.access == "off":
        raise UserError('dashboard.access is "off", so there are no pages to serve.')
    shelf, stop = EditionStore(settings.store.path), threading.Event()
    if (settings.store.path / FILE).is_file():
        prepare(workspace, stop)  # an older store cannot hold who saw what
    children, job = JobProcesses(CHILD, lambda: settings), prepare_job(workspace)
    _fresh_edition(run, workspace, shelf, lambda: children(job, clock.now()))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    site = Site(
        settings=lambda: settings, now=clock.now, shelf=shelf, system=functools.partial(live, workspace)
    )
    app = application(site, bound=host)
    with contextlib.closing(app.state.access), served(app, host=host, port=port) as found:
        run.output.say(f"The dashboard is at http://{_in_url(host)}:{found}/ until you press Ctrl-C.")
        refresher = threading.Thread(target=_refresh, args=(children, job, stop), daemon=True)
        refresher.start()
        stop.wait()
        children.stop()


def _fresh_edition(run: Run, workspace: Workspace, shelf: EditionStore, prepare: Callable[[], None]) -> None:
    """See to it that there is one, made lately, by a process whose memory goes back when it ends.

    Raises:
        UserError: there is no store, or none can be made of it.
    """
    newest, now = shelf.newest(), clock.now()
    minutes = workspace.settings.dashboard.refresh_minutes
    if newest is None or now - newest.as_of > dt.timedelta(minutes=minutes):
        run.output.say("Preparing what the pages show ...")
        with workspace.reading():
            prepare()
        if shelf.newest() is None:
            prepare_edition(workspace, now)  # which says why it cannot be made


def _refresh(children: JobProcesses, job: Job, stop: threading.Event) -> None:
    """Prepare at every occasion, each in a process of its own."""
    while not stop.is_set():
        now = clock.now()
        due_at = job.trigger.next_after(now) or now
        if not stop.wait((due_at - now).total_seconds()):
            children(job, due_at)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
