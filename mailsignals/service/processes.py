"""Each run in a process of its own: its memory goes back when it ends, and what kills it kills nothing else."""

import contextlib
import datetime as dt
import logging
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any

from mailsignals.jobs.job import Job

log = logging.getLogger(__name__)

JOB_PROCESS = "mailsignals.service.job_process"
"""The module that such a process runs."""

PATIENCE_SECONDS = 7.0
"""How long a run may take to finish or give back; the service itself has ten seconds in all."""


class JobProcesses:
    """Starts a process for each run, which is handed ``order`` with the job's name and its occasion."""

    def __init__(self, order: Callable[[], Any], *, module: str = JOB_PROCESS) -> None:
        self._command = (sys.executable, "-m", module)
        self._order = order
        self._running: set[subprocess.Popen[bytes]] = set()
        self._turn = threading.Lock()
        self._stopping = False

    def __call__(self, job: Job, due_at: dt.datetime) -> None:
        """Run a job, and return when its process has ended."""
        with self._turn:
            if self._stopping:
                return
            # A process group of its own, so that Ctrl-C at a terminal reaches the service alone.
            child = subprocess.Popen(  # noqa: S603  # our own module, by our own Python
                self._command, stdin=subprocess.PIPE, start_new_session=True
            )
            self._running.add(child)
        assert child.stdin is not None
        # Closed only when the child has ended: while the pipe is open, the child knows that we live.
        with contextlib.suppress(BrokenPipeError), child.stdin:
            with contextlib.suppress(BrokenPipeError):
                hand_over(child.stdin, (job.name, due_at, self._order()))
            status = child.wait()
        with self._turn:
            self._running.discard(child)
        if status and not self._stopping:
            log.error("process_failed", extra={"job": job.name, "status": status})

    def stop(self) -> None:
        """Ask all to finish or give back, and end those that do not: whatever they write is whole or not there."""
        with self._turn:
            self._stopping = True
            running = list(self._running)
        for child in running:
            child.terminate()
        until = time.monotonic() + PATIENCE_SECONDS
        for child in running:
            try:
                child.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def hand_over(pipe: IO[bytes], order: Any) -> None:  # noqa: ANN401  # whatever can be pickled
    """Write what a child is to do; the pipe stays open."""
    pickle.dump(order, pipe)
    pipe.flush()


def taken_over(pipe: IO[bytes], stop: threading.Event) -> Any:  # noqa: ANN401  # as it was handed over
    """Read what to do from the parent, and set ``stop`` when the parent is no more."""
    order = pickle.load(pipe)  # noqa: S301  # our own parent wrote it, into a pipe that nobody else has

    def watch() -> None:
        os.read(pipe.fileno(), 1)  # past the pipe's buffer, which nobody may hold when the program ends
        stop.set()

    threading.Thread(target=watch, daemon=True).start()
    return order
