"""The process of one run of a job, which the service starts: ``python -m mailsignals.service.job_process``."""

import logging
import os
import signal
import sys
import threading

from mailsignals import clock
from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.file_modes import keep_private
from mailsignals.jobs.job import Context, perform
from mailsignals.jobs.runs import BusyError, Runs, UnrecordedError
from mailsignals.service.logs import log_to
from mailsignals.service.processes import report_end, report_problem, taken_over
from mailsignals.workspace import Workspace

log = logging.getLogger(__name__)


def main() -> None:
    """Run the job that the parent process requests, and record its outcome in the table of runs.

    What can't be recorded is reported to the parent through standard output; all other output goes to standard error.
    """
    reports = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    keep_private()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    name, due_at, settings = taken_over(sys.stdin.buffer, stop)
    log_to(sys.stderr, settings.service.log_style)
    context = Context(due_at=due_at, now=clock.now, stop=stop)
    try:
        perform(name, lambda run: _work(settings, name, run), Runs(settings.store.path), context)
    except BusyError:
        log.info("run_by_hand", extra={"job": name})  # the same job is running already
    except UnrecordedError as error:
        report_end(reports, error.end)
    except UserError as error:
        report_problem(reports, str(error))


def _work(settings: Settings, name: str, context: Context) -> str:
    """Do the work of a job with the current account list, and return its outcome in words."""
    from mailsignals.usecases.job_list import job_list  # noqa: PLC0415  # imports all use cases

    (job,) = [each for each in job_list(settings) if each.name == name]
    workspace = Workspace.of(settings, now=context.now())
    if problems := len(workspace.history.problems):  # their texts may name people
        log.warning("history_file_not_used_whole", extra={"job": name, "problems": problems})
    return job.work(workspace, context)


if __name__ == "__main__":
    main()
