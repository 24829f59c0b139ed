"""The pending run of a job, from its schedule and the outcomes of its last runs."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

from mailsignals.clock import latest_credible
from mailsignals.jobs.job import Job
from mailsignals.jobs.runs import How, RunRow

FIRST_PAUSE = dt.timedelta(minutes=5)
LAST_PAUSE = dt.timedelta(hours=1)
"""The pauses before a failed run is retried: the first one and the longest; each doubles the one before."""
BLOCKED_PAUSE = dt.timedelta(minutes=1)
"""The pause before a run that the machine blocked is retried, so that it follows the end of the fault closely."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class OwedRun:
    """A scheduled time of a job that has passed without a completed run."""

    due_at: dt.datetime
    run_at: dt.datetime
    """The time of the next try."""
    late: bool
    """Whether it is later than the grace of the job allows."""


def owed_run(
    job: Job, history: Sequence[RunRow], *, now: dt.datetime, since: dt.datetime | None = None
) -> OwedRun | None:
    """Return the run due at a job's last scheduled time; None if that run is done, active or given up.

    A job without any runs before that time is due only if it has no limit of lateness. After an installation at noon
    the service syncs today's mail, but doesn't send the digest of the morning.

    A run that is dated in the future is ignored, because the clock was ahead when it was recorded. It only shows that
    the job is not new.

    Args:
        job: the job.
        history: the runs of the job, the newest first.
        now: the current time.
        since: the time since which the job is scheduled; None if that is unknown.
    """
    due_at = job.trigger.last_until(now)
    if due_at is None:
        return None
    credible = credible_runs(history, now=now)
    tries = [run for run in credible if run.due_at == due_at]
    older = len(credible) < len(history) or any(run.started_at <= due_at for run in credible)
    is_new = not older and (since is None or since > due_at)
    if not tries and is_new and job.grace is not None:
        return None
    if any(run.how in {None, How.DONE, How.MISSED} for run in tries):
        return None
    run_at = max(due_at, min(again_at(tries), now + LAST_PAUSE)) if tries else due_at
    late = job.grace is not None and max(now, run_at) - due_at > job.grace
    return OwedRun(due_at=due_at, run_at=run_at, late=late)


def credible_runs(history: Sequence[RunRow], *, now: dt.datetime) -> list[RunRow]:
    """Return the runs that are not dated in the future, in the same order."""
    latest = latest_credible(now)
    return [run for run in history if run.started_at <= latest]


def again_at(tries: Sequence[RunRow]) -> dt.datetime:
    """Return the time of the next try after these runs of one scheduled time, given newest first.

    The pause is 5 minutes after the first failure, doubled each time, an hour at most.
    A run that was given back continues at once, and one that the machine blocked after a minute.
    """
    newest = tries[0]
    ended_at = newest.ended_at or newest.started_at
    if newest.how is How.GIVEN_BACK:
        return ended_at
    if newest.how is How.BLOCKED:
        return ended_at + BLOCKED_PAUSE
    failures = sum(run.how not in {How.GIVEN_BACK, How.BLOCKED} for run in tries)
    doublings = min(failures - 1, 10)
    return ended_at + min(FIRST_PAUSE * (1 << doublings), LAST_PAUSE)
