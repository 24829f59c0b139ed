"""Run each job in a process of its own, which frees its memory and can't crash the service."""

import contextlib
import datetime as dt
import json
import logging
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any

from mailsignals.errors import MachineError
from mailsignals.jobs.job import Job
from mailsignals.jobs.runs import How, RunEnd

log = logging.getLogger(__name__)

JOB_PROCESS = "mailsignals.service.job_process"
"""The module that each process runs."""

PATIENCE_SECONDS = 7.0
"""Seconds that a run gets to stop; the service has ten in total."""


class JobProcesses:
    """Starts a process for each run and passes it the job's name, its due time, and the result of ``order``."""

    def __init__(self, order: Callable[[], Any], *, module: str = JOB_PROCESS) -> None:
        self._command = (sys.executable, "-m", module)
        self._order = order
        self._running: set[subprocess.Popen[bytes]] = set()
        self._turn = threading.Lock()
        self._stopping = False

    def __call__(self, job: Job, due_at: dt.datetime) -> RunEnd | None:
        """Run a job in a process, and return when it has ended.

        Returns:
            The end of the run if the process could not record it, otherwise None.

        Raises:
            OSError: the process could not be started.
            MachineError: the process could not claim the run.
        """
        with self._turn:
            if self._stopping:
                return None
            # A process group of its own, so that Ctrl-C in a terminal only reaches the service.
            child = subprocess.Popen(  # noqa: S603  # a module of this program
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
            self._running.add(child)
        assert child.stdin is not None
        assert child.stdout is not None
        # The pipe stays open until the child has ended: the child sees by it that the parent is alive.
        try:
            with contextlib.suppress(BrokenPipeError), child.stdin, child.stdout:
                with contextlib.suppress(BrokenPipeError):
                    hand_over(child.stdin, (job.name, due_at, self._order()))
                report = child.stdout.read()
                status = child.wait()
        finally:
            with self._turn:
                self._running.discard(child)
        if status and not self._stopping:
            log.error("process_failed", extra={"job": job.name, "status": status})
        return read_report(report)

    def stop(self) -> None:
        """Stop all processes, and kill those that take too long; their writes are atomic."""
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


def hand_over(pipe: IO[bytes], order: Any) -> None:  # noqa: ANN401  # anything that can be pickled
    """Write an order to a child process; the pipe stays open."""
    pickle.dump(order, pipe)
    pipe.flush()


def report_end(pipe: IO[bytes], end: RunEnd) -> None:
    """Report to the parent process the end of a run that could not be recorded."""
    moment = end.ended_at.isoformat()
    pipe.write(json.dumps([end.number, end.how, end.outcome, moment]).encode())
    pipe.flush()


def report_problem(pipe: IO[bytes], problem: str) -> None:
    """Report to the parent process why the run could not be claimed."""
    pipe.write(json.dumps(problem).encode())
    pipe.flush()


def read_report(report: bytes) -> RunEnd | None:
    """Return the end of a run that a process reports; None if it has recorded all itself, or died.

    Raises:
        MachineError: the process could not claim the run; with its reason.
    """
    try:
        match json.loads(report or b"null"):
            case str(problem):
                raise MachineError(problem)
            case [int(number), how, str(outcome), ended_at]:
                moment = dt.datetime.fromisoformat(ended_at)
                return RunEnd(number=number, how=How(how), outcome=outcome, ended_at=moment)
            case _:
                return None
    except ValueError:  # the process died while it wrote
        return None


def taken_over(pipe: IO[bytes], stop: threading.Event) -> Any:  # noqa: ANN401  # as it was written
    """Return the order of the parent process, and set ``stop`` when the parent ends."""
    order = pickle.load(pipe)  # noqa: S301  # written by the parent into a private pipe

    def watch() -> None:
        os.read(pipe.fileno(), 1)  # not through the pipe's buffer, which must be free at exit
        stop.set()

    threading.Thread(target=watch, daemon=True).start()
    return order
