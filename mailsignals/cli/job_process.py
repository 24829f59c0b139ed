"""One run of a job, in a process of its own that the service starts: ``python -m mailsignals.cli.job_process``."""

import signal
import sys
import threading

from mailsignals import clock
from mailsignals.cli.jobs import jobs
from mailsignals.cli.run import DONE, PARTIAL
from mailsignals.cli.workspace import Workspace
from mailsignals.service.children import taken_over
from mailsignals.service.jobs import Context, perform
from mailsignals.service.logs import log_to
from mailsignals.service.runs import How, Runs


def main() -> int:
    """Take the order over, and carry it out; how it ended is in the table of runs."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    name, due_at, settings = taken_over(sys.stdin.buffer, stop)
    log_to(sys.stderr, settings.service.log_style)
    context = Context(due_at=due_at, now=clock.now, stop=stop)
    workspace = Workspace.of(settings)
    job = next(job for job in jobs(workspace) if job.name == name)
    how = perform(job, Runs(settings.store.path), context)
    return DONE if how is How.DONE else PARTIAL


if __name__ == "__main__":
    sys.exit(main())
