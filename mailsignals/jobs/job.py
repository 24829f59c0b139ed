"""A job: what the service does, when, how late it may be, and one run of it from claim to end."""

import dataclasses
import datetime as dt
import logging
import threading
from collections.abc import Callable

from connectors.base import ConnectorError, StoppedError
from mailsignals.errors import UserError
from mailsignals.jobs.runs import How, Runs
from mailsignals.jobs.schedule import Trigger

log = logging.getLogger(__name__)


class GaveBackError(Exception):
    """Somebody wanted the run to stop, and it is not done; the text says how far it came."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Context:
    """The context of a run: its occasion, the clock and the stop event."""

    due_at: dt.datetime
    """The occasion that it is for."""
    now: Callable[[], dt.datetime]
    stop: threading.Event
    """Set once the run should give back what it has not done yet."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Job:
    """Something that the service does again and again.

    Occasions that were missed are made up for by one run: each job looks at what is the case when it runs, so a
    second run would find nothing to do.
    """

    name: str
    does: str
    """A sentence."""
    trigger: Trigger
    grace: dt.timedelta | None
    """How late it may begin; none: late is always better than not at all."""


def perform(name: str, work: Callable[[Context], str], runs: Runs, context: Context) -> How:
    """Do a job's work for an occasion, and keep how it ended.

    Args:
        name: the job's.
        work: does it, and says in words what came of it. A run may be killed anywhere, so all that it writes appears
            whole or not at all, and again is harmless.
        runs: the table of runs.
        context: the occasion.

    Raises:
        BusyError: it is running already.
    """
    with runs.claimed(name, due_at=context.due_at, at=context.now()) as claim:
        try:
            how, words = How.DONE, work(context)
        except StoppedError:
            how, words = How.GIVEN_BACK, "stopped; finished work is kept"
        except GaveBackError as error:
            how, words = How.GIVEN_BACK, f"{error}; the next run continues"
        except (UserError, ConnectorError) as error:
            how, words = How.FAILED, str(error)
        except OSError as error:
            log.exception("job_broke", extra={"job": name})
            how, words = (
                How.FAILED,
                f"the operating system reported: {error.strerror or type(error).__name__}",
            )
        except Exception as error:
            log.exception("job_broke", extra={"job": name})
            how, words = How.FAILED, f"a bug in mailsignals ({type(error).__name__}); see the log"
        claim.end(how, words, at=context.now())
    return how
