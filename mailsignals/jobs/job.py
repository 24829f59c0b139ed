"""Jobs of the background service, and one run of a job from its claim to its outcome."""

import dataclasses
import datetime as dt
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from connectors.base import ConnectorError, StoppedError
from mailsignals.errors import UserError
from mailsignals.jobs.runs import How, RunEnd, Runs, UnrecordedError
from mailsignals.jobs.schedule import Trigger
from mailsignals.store.messages.errors import disk_problem, machine_problem

log = logging.getLogger(__name__)


class GaveBackError(Exception):
    """Raised by a run that stopped on request before its end, with the progress as its text."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Context:
    """The context of a run: its scheduled time, the clock and the stop event."""

    due_at: dt.datetime
    """The scheduled time of the run."""
    now: Callable[[], dt.datetime]
    stop: threading.Event
    """The event that requests the run to stop and give back the rest of its work."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Job:
    """A task that the service runs on a schedule.

    One run catches up after any number of missed ones. Each job works on the current state, so a second run would have
    nothing to do.
    """

    name: str
    does: str
    """A sentence that describes the work."""
    trigger: Trigger
    grace: dt.timedelta | None
    """The longest delay with which a run may begin; None: no limit."""


def perform(name: str, work: Callable[[Context], str], runs: Runs, context: Context) -> How:
    """Do a job's work for a scheduled time, record the outcome, and return how the run ended.

    Args:
        name: the name of the job.
        work: a function that does the work and returns the outcome as a sentence. A run may be killed at any point, so
            its writes must be atomic and safe to repeat.
        runs: the table of runs.
        context: the scheduled time, the clock and the stop event.

    Raises:
        BusyError: the job is running already.
        UnrecordedError: the run has ended, and its end could not be recorded.
        UserError: the run could not be claimed.
    """
    with runs.claimed(name, due_at=context.due_at, at=context.now()) as claim:
        how, outcome = _work(name, work, context, runs.folder)
        end = RunEnd(number=claim.number, how=how, outcome=outcome, ended_at=context.now())
        try:
            claim.end(how, outcome, at=end.ended_at)
        except UserError as error:
            raise UnrecordedError(end, str(error)) from error
    return how


def _work(name: str, work: Callable[[Context], str], context: Context, store: Path) -> tuple[How, str]:
    """Do the work, and return how it ended and the outcome in words."""
    try:
        return How.DONE, work(context)
    except StoppedError:
        return How.GIVEN_BACK, "stopped; finished work is kept"
    except GaveBackError as error:
        return How.GIVEN_BACK, f"{error}; the next run continues"
    except Exception as error:  # noqa: BLE001  # every error is an outcome
        return _failure(name, error, store)


def _failure(name: str, error: Exception, store: Path) -> tuple[How, str]:
    """Return how a run ended that raised an error, and a sentence on it; unexpected ones are logged."""
    is_worded = isinstance(error, UserError | ConnectorError)
    if (problem := machine_problem(error, store)) is not None:
        return How.BLOCKED, str(error) if is_worded else problem
    if is_worded:
        return How.FAILED, str(error)
    log.error("job_broke", extra={"job": name}, exc_info=error)
    if (problem := disk_problem(error, store)) is not None:
        return How.FAILED, problem
    if isinstance(error, OSError):
        return How.FAILED, f"the operating system reported: {error.strerror or type(error).__name__}"
    return How.FAILED, f"a bug in mailsignals ({type(error).__name__}); see the log"
