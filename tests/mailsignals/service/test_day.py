"""A day of the service on a clock of ours: disk, processes, clock and provider fail in turn, and its log is short."""

import contextlib
import datetime as dt
import errno
import io
import logging
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from mailsignals import clock as system_clock
from mailsignals.credentials import Runtime
from mailsignals.jobs.clock_watch import ClockWatch
from mailsignals.jobs.job import Context, Job, perform
from mailsignals.jobs.runs import How, RunEnd, Runs, UnrecordedError
from mailsignals.service.job_service import Service
from mailsignals.service.logs import Lines
from mailsignals.usecases.job_list import job_list
from mailsignals.workspace import Workspace
from tests.mailsignals.service.fake_clock import Clock, Stepped, by_the_clock
from tests.support.graph.server import GraphServer
from tests.support.loopback import Answer, Fault

pytestmark = [pytest.mark.slow, pytest.mark.scenario("full-disk"), pytest.mark.scenario("clock-jumps")]

START = dt.datetime(2026, 3, 2, 23, 2, tzinfo=dt.UTC)
"""Just after midnight of a Tuesday in Berlin."""
STEP = dt.timedelta(minutes=5)
CONFIG = """
[microsoft365]
auth = "token"
token_env = "TOKEN"
graph_root = "{root}"
mailboxes = ["ana@us.test"]

[dashboard]
refresh_minutes = 1440

[schedule]
sync_minutes = 60
"""
Span = tuple[float, float]
"""Hours since the start: when something begins and ends."""
DISK, PROCESSES, AHEAD, GATEWAY, REFUSED = (2.9, 3.4), (5.9, 6.3), (9.0, 9.2), (11.9, 12.4), (13.9, 14.1)


class Day:
    """One service, and everything that goes wrong around it."""

    def __init__(self, folder: Path, server: GraphServer, clock: Clock, patch: pytest.MonkeyPatch) -> None:
        self.workspace = Workspace.load(folder / "config.toml")
        self.clock, self.server = clock, server
        self.runs = Runs(self.workspace.settings.store.path)
        self.scheduler = Stepped()
        self.service = Service(self.scheduler, self.runs, self, now=clock.now)
        self.listed = {job.name: job for job in job_list(self.workspace.settings)}
        self.passed = dt.timedelta()
        self.watch = ClockWatch(self.reading())
        self.done = Counter[tuple[str, str]]()
        patch.setattr(Runs, "check_recording", self.check_recording)

    def reading(self) -> system_clock.ClockReading:
        """Both clocks."""
        return system_clock.ClockReading(wall=self.clock.at, elapsed=self.passed)

    def is_now(self, span: Span) -> bool:
        """Whether something goes wrong now."""
        return span[0] <= self.passed / dt.timedelta(hours=1) < span[1]

    def check_recording(self) -> None:
        """What the service does before it begins runs: it writes to the disk."""
        if self.is_now(DISK):
            raise OSError(errno.ENOSPC, "No space left on device", str(self.runs.folder))

    def __call__(self, job: Job, due_at: dt.datetime) -> RunEnd | None:
        """Run a job as its process does."""
        if self.is_now(PROCESSES):
            raise OSError(errno.EMFILE, "Too many open files")
        context = Context(due_at=due_at, now=self.clock.now, stop=threading.Event())
        try:
            how = perform(
                job.name, lambda given: self.listed[job.name].work(self.workspace, given), self.runs, context
            )
        except UnrecordedError as error:
            return error.end
        self.done[job.name, f"{due_at:%m-%d %H:%M}"] += how is How.DONE
        return None

    def stop(self) -> None:
        """Nothing runs beside us."""

    def live(self, hours: float) -> None:
        """Let time pass, and let the service look every five minutes."""
        self.service.start(self.listed.values())
        answers: Mapping[Span, Answer] = {
            GATEWAY: Answer(status=503, body=b"<html>gateway"),
            REFUSED: Answer(status=429, headers={"Retry-After": "3600"}),
        }
        while self.passed < dt.timedelta(hours=hours):
            now = [
                Fault(matches=lambda _: True, answer=a, times=None)
                for s, a in answers.items()
                if self.is_now(s)
            ]
            self.server.faults[:] = now
            self.scheduler.look()
            was_ahead = self.is_now(AHEAD)
            self.passed += STEP
            self.clock.at += STEP + dt.timedelta(days=200) * (self.is_now(AHEAD) - was_ahead)
            if (jump := self.watch.look(self.reading())) is not None:
                logging.getLogger("mailsignals.service.server").warning(
                    "clock_jumped", extra={"clock": jump.text}
                )
                self.service.arrange(self.service.jobs)


@contextlib.contextmanager
def logged(clock: Clock) -> Iterator[io.StringIO]:
    """The log of the program, as an operator reads it."""

    def dated(record: logging.LogRecord) -> bool:
        record.created = clock.at.timestamp()
        return True

    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines())
    handler.addFilter(dated)
    root.addHandler(handler)
    level = logging.getLogger("mailsignals").level
    logging.getLogger("mailsignals").setLevel(logging.INFO)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        logging.getLogger("mailsignals").setLevel(level)


@pytest.mark.usefixtures("no_dashboard")
def test_a_day_of_faults(stocked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every job that is due on this day is done, nothing twice, and a person can read the log to the end."""
    ours = Clock(START)
    by_the_clock(ours, monkeypatch)
    monkeypatch.setattr(system_clock, "now", ours.now)
    monkeypatch.setattr(Runtime, "pause", lambda *_: None)  # a connector's waits between tries
    with GraphServer(now=ours.now).running() as server, logged(ours) as stream:
        with (stocked / "config.toml").open("a") as config:
            config.write(CONFIG.format(root=server.root))
        monkeypatch.setenv("TOKEN", server.entra.token())
        server.dates = ours.now
        for _ in range(3):
            server.mailbox("ana@us.test").put()
        day = Day(stocked, server, ours, monkeypatch)
        day.live(23)
    text = stream.getvalue()
    (tmp_path / "day.log").write_text(text)
    ends = {
        job: day.runs.history(job, limit=1)[0].how for job in day.listed if day.runs.history(job, limit=1)
    }
    assert set(ends.values()) == {How.DONE}, ends
    daily = {
        ("compact", "03-03 00:30"),
        ("backup", "03-03 01:00"),
        ("score", "03-03 05:00"),
        ("digests", "03-03 07:00"),
    }
    assert daily <= day.done.keys()
    assert set(day.done.values()) == {1}
    assert "bug" not in text
    assert "@us.test" not in text
    troubles = [line for line in text.splitlines() if " warning " in line or " error " in line]
    assert len(troubles) < 40, text
    for sign in ("the disk is full", "too many files are open", "clock_jumped"):
        assert any(sign.lower() in line.lower() for line in troubles), (sign, troubles)
