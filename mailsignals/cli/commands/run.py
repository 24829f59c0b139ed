"""``mailsignals run``: the background service, one of its jobs, or the list of jobs."""

import functools
import signal
import sys
import threading
from typing import Annotated

import polars as pl
import typer

from mailsignals import clock
from mailsignals.accounts.nearest import did_you_mean
from mailsignals.cli.cells import UNKNOWN
from mailsignals.cli.output import table
from mailsignals.cli.progress import working
from mailsignals.cli.run import DONE, PARTIAL, Run
from mailsignals.errors import UserError
from mailsignals.jobs.job import Context, perform
from mailsignals.jobs.runs import How, Runs
from mailsignals.schema import INSTANT
from mailsignals.service.logs import log_to
from mailsignals.usecases.job_list import job_list
from mailsignals.wording.numbers import date_and_time
from mailsignals.workspace import Workspace

JOBS_SCHEMA = pl.Schema({"job": pl.String(), "does": pl.String(), "when": pl.String(), "next_at": INSTANT})


def run_command(
    context: typer.Context,
    *,
    once: Annotated[
        str | None, typer.Option("--once", metavar="JOB", help="Run this job once and exit.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List the jobs and their next runs, and exit.")
    ] = False,
) -> int:
    """Run the background service: sync, risk, digests, backups."""
    run: Run = context.obj
    workspace = run.workspace()
    if dry_run:
        _list(run, workspace)
        return DONE
    if once is not None:
        return _once(run, workspace, once)
    from mailsignals.service.server import Server  # noqa: PLC0415  # scheduler and pages, for the service alone

    log_to(sys.stderr, workspace.settings.service.log_style)
    Server(workspace, reload=run.workspace).until_stopped()
    return DONE


def _list(run: Run, workspace: Workspace) -> None:
    now = clock.now()
    rows = [
        (job.name, job.does, str(job.trigger), job.trigger.next_after(now))
        for job in job_list(workspace.settings)
    ]
    found = pl.DataFrame(rows, schema=JOBS_SCHEMA, orient="row")
    timezone = workspace.settings.company.timezone
    shown = [
        (name, does, when, date_and_time(next_at, timezone) if next_at else UNKNOWN)
        for name, does, when, next_at in rows
    ]
    run.output.result(found, table(["job", "task", "schedule", "next run"], shown), to=None)


def _once(run: Run, workspace: Workspace, name: str) -> int:
    """Run one job in this process; Ctrl-C stops it at the next safe point, a second one at once."""
    known = {job.name: job for job in job_list(workspace.settings)}
    if name not in known:
        raise UserError(f"--once {name}: no such job{did_you_mean(name, known, what='jobs')}.")
    stop = threading.Event()

    def give_back(number: int, _: object) -> None:
        stop.set()
        signal.signal(number, signal.default_int_handler)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, give_back)
    workspace.prepare_store(stop)
    job, now = known[name], clock.now()
    runs = Runs(workspace.settings.store.path)
    with working(run.output, f"Running {name}"):
        how = perform(
            name,
            functools.partial(job.work, workspace),
            runs,
            Context(due_at=job.trigger.last_until(now) or now, now=clock.now, stop=stop),
        )
    (ran,) = runs.history(name, limit=1)
    if how in {How.FAILED, How.BLOCKED}:
        raise UserError(ran.outcome)
    run.output.say(f"{name}: {ran.outcome}.")
    return DONE if how is How.DONE else PARTIAL
