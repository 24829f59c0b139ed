"""One run of a job, in a process of its own that the service starts: ``python -m mailsignals.service.job_process``."""

import logging
import signal
import sys
import threading

from mailsignals import clock
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
        perform(name, lambda run: _work(settings, name, run), Runs(settings.store.path), context)
    except BusyError:
        log.info("run_by_hand", extra={"job": name})  # somebody was quicker, and it is one and the same job


def _work(settings: Settings, name: str, context: Context) -> str:
    """Do the job's work, with the account book as it is now."""
    from mailsignals.usecases.job_list import job_list  # noqa: PLC0415  # all use cases, once there is work

    (job,) = [each for each in job_list(settings) if each.name == name]
    workspace = Workspace.of(settings, now=context.now())
    if problems := len(workspace.history.problems):  # whose texts may name people
        log.warning("history_file_not_used_whole", extra={"job": name, "problems": problems})
    return job.work(workspace, context)


if __name__ == "__main__":
    main()
