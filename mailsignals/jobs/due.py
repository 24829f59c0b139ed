"""Which occasion of a job is still to be run, and when: from its rule and from what came of its last runs."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

from mailsignals.jobs.job import Job
from mailsignals.jobs.runs import How, RunRow

FIRST_PAUSE = dt.timedelta(minutes=5)
LAST_PAUSE = dt.timedelta(hours=1)
"""How long until a run that failed is tried again at first, and at most: each time twice as long as before."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class OwedRun:
    """An occasion that has come and is not done."""

    due_at: dt.datetime
    run_at: dt.datetime
    """When to try (again)."""
    late: bool
    """Whether it is too late for it by now."""


def owed_run(job: Job, history: Sequence[RunRow], *, now: dt.datetime) -> OwedRun | None:
    """The last occasion of a job, unless it is done, under way, or given up; ``history`` has its newest runs first.

    A job that did not run before the occasion owes it only if it may be late for ever: whoever installs the service at
    noon wants today's mail, but no digest of the morning.
    """
    due_at = job.trigger.last_until(now)
    if due_at is None:
        return None
    tries = [run for run in history if run.due_at == due_at]
    older = [run for run in history if run.started_at <= due_at]
    if not tries and not older and job.grace is not None:
        return None
    if any(run.how in {None, How.DONE, How.MISSED} for run in tries):
        return None
    run_at = max(due_at, again_at(tries)) if tries else due_at
    late = job.grace is not None and max(now, run_at) - due_at > job.grace
    return OwedRun(due_at=due_at, run_at=run_at, late=late)


def again_at(tries: Sequence[RunRow]) -> dt.datetime:
    """Return the time of the next try after these runs of one occasion, given newest first.

    The pause is 5 minutes after the first failure, doubled each time, an hour at most.
    A run that was given back continues at once.
    """
    newest = tries[0]
    ended_at = newest.ended_at or newest.started_at
    if newest.how is How.GIVEN_BACK:
        return ended_at
    failures = sum(run.how is not How.GIVEN_BACK for run in tries)
    doublings = min(failures - 1, 10)
    return ended_at + min(FIRST_PAUSE * (1 << doublings), LAST_PAUSE)
