"""The service's jobs, each run as by hand."""

import datetime as dt
import functools
import threading

from mailsignals import clock
from mailsignals.jobs.job import Context, perform
from mailsignals.jobs.runs import How, Runs
from mailsignals.usecases.job_list import job_list
from mailsignals.usecases.listed_job import ListedJob
from mailsignals.workspace import Workspace


def named(workspace: Workspace, name: str) -> ListedJob:
    """One of the jobs that the configuration asks for."""
    return next(job for job in job_list(workspace.settings) if job.name == name)


def run_job(workspace: Workspace, name: str, at: dt.datetime | None = None) -> tuple[How, str]:
    """How a run of a job ended at an instant, and what came of it; usually now."""
    due_at, runs = at or clock.now(), Runs(workspace.settings.store.path)
    now = clock.now if at is None else lambda: due_at
    work = functools.partial(named(workspace, name).work, workspace)
    how = perform(name, work, runs, Context(due_at=due_at, now=now, stop=threading.Event()))
    return how, runs.history(name, limit=1)[0].outcome
