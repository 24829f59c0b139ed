"""Faults in log and health, reports of a run's process, and a real disk that is full for a while."""

import contextlib
import datetime as dt
import errno
import io
import logging
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailsignals import clock as system_clock
from mailsignals.errors import MachineError, UserError
from mailsignals.jobs.health import State
from mailsignals.jobs.job import Context, Job, perform
from mailsignals.jobs.runs import How, RunEnd, Runs, UnrecordedError
from mailsignals.jobs.schedule import Every
from mailsignals.service.faults import LOOK, RECORD, FaultWatch, growing_pause, reason_of
from mailsignals.service.job_service import Service
from mailsignals.service.processes import read_report, report_end, report_problem
from mailsignals.service.scheduler import Scheduler
from mailsignals.service.view import ServiceView
from mailsignals.store import Store
from mailsignals.usecases.clock_state import ClockState
from tests.mailsignals.jobs.simple import NOON, a_job
from tests.mailsignals.service.fake_clock import Clock, Stepped, by_the_clock
from tests.support.waiting import wait_until

pytestmark = pytest.mark.scenario("full-disk")

FULL = OSError(errno.ENOSPC, "No space left on device", "store/catalogue.sqlite")


class Calm:
    """A clock that nothing contradicts."""

    def at(self, _: dt.datetime) -> ClockState:
        """Return no doubt."""
        return ClockState()


class Here:
    """Runs jobs in this process, as a process of its own would."""

    def __init__(self, runs: Runs, clock: Clock) -> None:
        self.runs, self.clock, self.done = runs, clock, 0

    def __call__(self, job: Job, due_at: dt.datetime) -> RunEnd | None:
        """Run a job, and return its end if that can't be recorded."""
        context = Context(due_at=due_at, now=self.clock.now, stop=threading.Event())
        try:
            perform(job.name, self.work, self.runs, context)
        except UnrecordedError as error:
            return error.end
        return None

    def work(self, _: Context) -> str:
        """Count."""
        self.done += 1
        return "all of it"

    def stop(self) -> None:
        """Do nothing, because no job is running."""


def test_pauses_grow_up_to_a_minute() -> None:
    """So that a long fault costs little, and its end is noticed within a minute."""
    assert [growing_pause(tries) for tries in (0, 1, 2, 3, 6, 7, 8, 10_000)] == [1, 1, 2, 4, 32, 60, 60, 60]


def test_a_fault_is_logged_at_its_begin_and_at_its_end(caplog: pytest.LogCaptureFixture) -> None:
    """Retries add to its count, not to the log; a traceback is only for what nobody expected."""
    clock = Clock(NOON)
    watch = FaultWatch(clock.now)
    for _ in range(5):
        watch.note(RECORD, FULL)
        clock.at += dt.timedelta(seconds=19)
    assert [(fault.doing, fault.since) for fault in watch.current] == [(RECORD, NOON)]
    assert "store/catalogue.sqlite: the disk is full" in watch.current[0].reason
    watch.clear(RECORD)
    watch.clear(RECORD)
    watch.note(LOOK, KeyError("surprise"))
    begin, end, surprise = caplog.records
    assert (begin.message, begin.levelno, begin.exc_info) == ("fault_begins", logging.ERROR, None)
    assert (end.message, vars(end)["tries"], vars(end)["seconds"]) == ("fault_ends", 5, 95)
    assert surprise.exc_info is not None
    assert "bug" in watch.current[0].reason


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.EMFILE, "Too many open files"), "too many files are open"),
        (OSError(errno.EIO, "Input/output error", "store/x"), "store/x: the disk"),
        (OSError(errno.EROFS, "Read-only file system", "store"), "no write permission"),
        (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), "no room for another process"),
        (MemoryError(), "too little memory"),
        (MachineError("store: in use."), "store: in use."),
    ],
)
def test_faults_of_the_machine_have_words(error: Exception, words: str) -> None:
    """The same words whether they are raised as they are, or behind a sentence of somebody else."""
    assert words.lower() in reason_of(error).lower()
    worded = UserError("It can't be written.")
    worded.__context__ = error
    assert words.lower() in reason_of(worded).lower()


def test_a_store_that_cannot_be_opened_for_want_of_handles(tmp_path: Path) -> None:
    """SQLite alone would blame the permissions of the folder."""
    resource = pytest.importorskip("resource")
    Store.open(tmp_path, mode="write").close()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
        with pytest.raises(MachineError, match="too many files are open"):
            Runs(tmp_path).histories(["tidy"])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_process_of_a_run_reports_what_it_cannot_record() -> None:
    """The end of a run comes back whole, a reason is raised, and a process that died has said nothing."""
    end = RunEnd(number=7, how=How.DONE, outcome="all of it", ended_at=NOON)
    pipe = io.BytesIO()
    report_end(pipe, end)
    assert read_report(pipe.getvalue()) == end
    assert read_report(pipe.getvalue()[:-5]) is None
    assert read_report(b"") is None
    pipe = io.BytesIO()
    report_problem(pipe, "store: the disk is full.")
    with pytest.raises(MachineError, match="the disk is full"):
        read_report(pipe.getvalue())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_ends_is_noticed() -> None:
    """Nothing but the end of the interpreter's patience ends it, and then it is not alive."""
    scheduler = Scheduler()

    def ends(_: object) -> float:
        raise SystemExit

    scheduler.step = ends
    scheduler.start()
    wait_until(lambda: not scheduler.is_alive)
    scheduler.shutdown(wait=True)


@pytest.mark.parametrize("damage", ["locked", "gone", "no database"])
def test_health_has_an_answer_whatever_the_store_is_like(tmp_path: Path, damage: str) -> None:
    """It is failing with the reason, and keeps what it saw last."""
    Store.open(tmp_path, mode="write").close()
    runs = Runs(tmp_path, patience_seconds=0)
    service = Service(Stepped(), runs, Here(runs, Clock(NOON)), now=system_clock.now)
    service.arrange([a_job()])
    view = ServiceView(service, Scheduler(), runs, Calm(), refusals=dict)  # type: ignore[arg-type]  # the clock is not at issue
    assert view.health().state is State.OK
    with contextlib.ExitStack() as held:
        if damage == "locked":
            other = held.enter_context(contextlib.closing(sqlite3.connect(tmp_path / "catalogue.sqlite")))
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
            other.execute("BEGIN EXCLUSIVE")
        elif damage == "gone":
            (tmp_path / "catalogue.sqlite").unlink()
        else:
            (tmp_path / "catalogue.sqlite").write_bytes(b"no database" * 1_000)
        found = view.health()
        assert found.state is State.FAILING
        assert str(tmp_path) in found.problems[0].text
        assert len(view.observed().jobs) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    if sys.platform != "linux" or os.getuid() != 0:
        pytest.skip("only root on Linux can mount a small file system")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def fill(disk: Path) -> Path:
    """Fill a disk to the last byte, and return the file that does."""
    ballast = disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        for size in (1 << 14, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass
    return ballast


@pytest.mark.subprocess
def test_a_disk_that_was_full_for_a_while(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A run that ends meanwhile is not repeated; nothing begins until there is room, and then all that is due does."""
    folder = small_disk / "store"
    Store.open(folder, mode="write").close()
    clock, runs = Clock(NOON), Runs(folder, patience_seconds=0)
    by_the_clock(clock, monkeypatch)
    launch, scheduler = Here(runs, clock), Stepped()
    service = Service(scheduler, runs, launch, now=clock.now)
    service.start([a_job(trigger=Every(minutes=10), grace=None)])
    ballast: list[Path] = []

    def filled(_: Context) -> str:
        ballast.append(fill(small_disk))
        launch.done += 1
        return "done on a full disk"

    monkeypatch.setattr(launch, "work", filled)
    scheduler.look()
    monkeypatch.undo()
    by_the_clock(clock, monkeypatch)
    for _ in range(40):
        clock.at += dt.timedelta(seconds=30)
        scheduler.look()
    assert launch.done == 1
    assert "the disk is full" in service.faults.current[0].reason
    ballast[0].unlink()
    clock.at += dt.timedelta(seconds=60)
    scheduler.look()
    assert launch.done == 2
    assert [run.outcome for run in runs.history("tidy")] == ["all of it", "done on a full disk"]
    faults = [record.message for record in caplog.records if record.message.startswith("fault")]
    assert faults == ["fault_begins", "fault_ends"]
