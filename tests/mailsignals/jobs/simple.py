"""Jobs and runs that state only what matters."""

import datetime as dt
import threading

from mailsignals.jobs.job import Context, Job
from mailsignals.jobs.runs import How, RunRow
from mailsignals.jobs.schedule import Daily, Trigger

NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
MORNING = NOON - 4 * HOUR
DAILY = Daily(at=dt.time(8), zones=("UTC",))


def a_job(*, trigger: Trigger = DAILY, grace: dt.timedelta | None = 10 * HOUR) -> Job:
    """A job at eight."""
    return Job(name="tidy", does="Tidy up.", trigger=trigger, grace=grace)


def a_run(how: How | None, *, due_at: dt.datetime = MORNING, started_at: dt.datetime | None = None) -> RunRow:
    """A run that took a minute."""
    began = started_at or due_at
    ended = None if how is None else began + dt.timedelta(minutes=1)
    return RunRow(kind="tidy", due_at=due_at, started_at=began, ended_at=ended, how=how, outcome="something.")


def a_context(now: dt.datetime = NOON) -> Context:
    """At noon, for the morning's occasion."""
    return Context(due_at=MORNING, now=lambda: now, stop=threading.Event())
