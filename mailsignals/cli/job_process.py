"""One run of a job, in a process of its own that the service starts: ``python -m mailsignals.cli.job_process``."""

import functools
import logging
import signal
import sys
import threading

from mailsignals import clock
from mailsignals.cli.jobs import jobs
from mailsignals.config import Settings
from mailsignals.jobs.job import Context, perform
from mailsignals.jobs.runs import BusyError, Runs
from mailsignals.service.logs import log_to
from mailsignals.service.processes import taken_over
from mailsignals.workspace import Workspace

log = logging.getLogger(__name__)


def main() -> None:
    """Take the order over, and carry it out; how it ended is in the table of runs."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    name, due_at, settings = taken_over(sys.stdin.buffer, stop)
    log_to(sys.stderr, settings.service.log_style)
    context = Context(due_at=due_at, now=clock.now, stop=stop)
    try:
        perform(name, functools.partial(_work, settings, name), Runs(settings.store.path), context)
    except BusyError:
        log.info("run_by_hand", extra={"job": name})  # somebody was quicker, and it is one and the same job


def _work(settings: Settings, name: str, context: Context) -> str:
    """The job's work, with the account book as it is now."""
    (job,) = [each for each in jobs(Workspace.of(settings)) if each.name == name]
    return job.work(context)


if __name__ == "__main__":
    main()
