"""Faults of the machine over simulated time: every job that is owed runs within two minutes after the end, once."""

import datetime as dt
import errno
import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsignals.errors import MachineError
from mailsignals.jobs.health import Observed, State, health
from mailsignals.jobs.job import Job
from mailsignals.jobs.runs import How, RunEnd, RunRow, Runs
from mailsignals.service.job_service import Service
from mailsignals.usecases.job_list import job_list
from mailsignals.workspace import Workspace
from tests.mailsignals import small_company
from tests.mailsignals.service.fake_clock import Clock, Stepped, by_the_clock
from tests.mailsignals.service.test_month import BY_MAIL

pytestmark = pytest.mark.scenario("full-disk")

START = dt.datetime(2026, 6, 1, 0, 30, tzinfo=dt.UTC)
"""A Monday that is the first of a month, so that every job is due on it."""
BEFORE = START - dt.timedelta(days=40)
MINUTE = dt.timedelta(minutes=1)
BOUND = 2 * MINUTE
FULL = "store: the disk is full. Free some space."
EVERYTHING = """
[gmail]
auth = "token"
token_env = "TOKEN"
mailboxes = ["ana@us.test"]

[retention]
mail_days = 400

[schedule]
train = "monthly"

[alerts]
enabled = true
tiers = []
"""


class Disk:
    """A disk that fails for a while, each time at the given operations."""

    def __init__(self, clock: Clock, begins: dt.datetime, ends: dt.datetime, broken: Collection[str]) -> None:
        self.clock, self.begins, self.ends, self.broken = clock, begins, ends, broken

    @property
    def fails(self) -> bool:
        """True during the fault."""
        return self.begins <= self.clock.at < self.ends

    def touch(self, what: str) -> None:
        """Raise the error of an operation during the fault."""
        if self.fails and what in self.broken:
            raise MachineError(FULL)


class FailingRuns(Runs):
    """A table of runs in memory, on a disk that fails."""

    def __init__(self, disk: Disk) -> None:
        self.disk, self.rows, self.scheduled = disk, list[tuple[int, RunRow]](), dict[str, dt.datetime]()

    def histories(self, jobs: Collection[str], *, limit: int = 50) -> dict[str, list[RunRow]]:
        """Return the newest runs of each job."""
        self.disk.touch("read")
        return {job: [row for _, row in reversed(self.rows) if row.kind == job][:limit] for job in jobs}

    def scheduled_since(self, jobs: Mapping[str, dt.datetime]) -> dict[str, dt.datetime]:
        """Return the time since which each job is scheduled."""
        self.disk.touch("write")
        self.scheduled = {job: self.scheduled.get(job, at) for job, at in jobs.items()}
        return dict(self.scheduled)

    def check_recording(self) -> None:
        """Raise the error of the disk during the fault."""
        self.disk.touch("write")

    def add(self, row: RunRow) -> int:
        """Add a row, and return its number."""
        self.disk.touch("write")
        self.rows.append((len(self.rows), row))
        return len(self.rows) - 1

    def end(self, number: int, how: How, outcome: str, *, at: dt.datetime) -> None:
        """Record the end of a run."""
        self.disk.touch("write")
        _, row = self.rows[number]
        ended = RunRow(
            kind=row.kind, due_at=row.due_at, started_at=row.started_at, ended_at=at, how=how, outcome=outcome
        )
        self.rows[number] = (number, ended)

    def settle(self, job: str, *, how: How, outcome: str, at: dt.datetime) -> bool:
        """Record the end of lost runs."""
        self.disk.touch("write")
        open_rows = [number for number, row in self.rows if row.kind == job and row.how is None]
        for number in open_rows:
            self.end(number, how, outcome, at=at)
        return bool(open_rows)

    def missed(self, job: str, *, due_at: dt.datetime, at: dt.datetime) -> None:
        """Record a due time that is too long ago."""
        self.add(RunRow(kind=job, due_at=due_at, started_at=at, ended_at=at, how=How.MISSED, outcome="late"))


class Machine:
    """Runs jobs without processes, as a process would; ``done`` counts work that was completed."""

    def __init__(self, runs: FailingRuns, clock: Clock) -> None:
        self.runs, self.clock, self.disk = runs, clock, runs.disk
        self.done = Counter[tuple[str, dt.datetime]]()
        self.done_at: dict[tuple[str, dt.datetime], dt.datetime] = {}

    def __call__(self, job: Job, due_at: dt.datetime) -> RunEnd | None:
        """Start, claim, work and record; each may fail."""
        if self.disk.fails and "start" in self.disk.broken:
            raise OSError(errno.EMFILE, "Too many open files")
        began = self.clock.at
        number = self.runs.add(
            RunRow(kind=job.name, due_at=due_at, started_at=began, ended_at=None, how=None, outcome="")
        )
        self.clock.at += dt.timedelta(seconds=1)
        if self.disk.fails and "die" in self.disk.broken:
            return None
        how = How.BLOCKED if self.disk.fails and "work" in self.disk.broken else How.DONE
        if how is How.DONE:
            self.done[job.name, due_at] += 1
            self.done_at.setdefault((job.name, due_at), self.clock.at)
        end = RunEnd(number=number, how=how, outcome="so", ended_at=self.clock.at)
        try:
            self.runs.end(end.number, end.how, end.outcome, at=end.ended_at)
        except MachineError:
            return end
        return None

    def stop(self) -> None:
        """Do nothing, because no job is running."""


def lived(service: Service, scheduler: Stepped, clock: Clock, until: dt.datetime) -> None:
    """Look for due jobs as the scheduler's thread does, at its pauses, with a wake-up at least every 30 seconds."""
    while clock.at < until:
        pause = scheduler.look()
        clock.at += dt.timedelta(seconds=max(0.5, min(pause, 30)))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that APScheduler goes by, too."""
    ours = Clock(START)
    by_the_clock(ours, monkeypatch)
    return ours


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Job]:
    """Every job that there is."""
    folder = tmp_path_factory.mktemp("company")
    small_company.write(folder)
    small_company.add(folder, EVERYTHING + BY_MAIL.format(port=25))
    found = job_list(Workspace.load(folder / "config.toml").settings)
    assert len(found) >= 12
    return found


FAULTS = st.sampled_from(
    [
        *({"write"}, {"read", "write"}, {"start"}, {"work"}, {"work", "write"}, {"die", "write"}),
        {"read", "write", "start", "work"},
    ]
)


@settings(max_examples=25)
@given(
    broken=FAULTS,
    hour=st.integers(0, 11),
    begins=st.integers(0, 20 * 60),
    lasts=st.integers(30, 40 * 60),
)
def test_all_that_is_owed_runs_within_two_minutes_once(
    jobs: Sequence[Job], broken: set[str], hour: int, begins: int, lasts: int
) -> None:
    """Whatever fails and for how long: after the end nothing waits for longer, and nothing is done twice."""
    clock = Clock(START + hour * 60 * MINUTE)
    with pytest.MonkeyPatch.context() as patch:
        by_the_clock(clock, patch)
        begin = clock.at + dt.timedelta(seconds=begins)
        end = begin + dt.timedelta(seconds=lasts)
        runs = FailingRuns(Disk(clock, begin, end, broken))
        runs.scheduled = {job.name: BEFORE for job in jobs}
        machine, scheduler = Machine(runs, clock), Stepped()
        service = Service(scheduler, runs, machine, now=clock.now)
        service.start(jobs)
        lived(service, scheduler, clock, end + BOUND)
    assert set(machine.done.values()) == {1}
    for job in jobs:
        owed = job.trigger.last_until(end)
        assert owed is not None
        if job.grace is None or end - owed <= job.grace:
            assert any(name == job.name and due_at >= owed for name, due_at in machine.done), job.name
    assert not service.faults.current


@pytest.mark.parametrize("broken", [{"write"}, {"read", "write"}, {"start"}])
def test_a_fault_is_two_lines_of_the_log(
    jobs: Sequence[Job], clock: Clock, caplog: pytest.LogCaptureFixture, broken: set[str]
) -> None:
    """One when it begins, one when it ends with the number of failures; health has it at once, with the reason."""
    begin, end = START + 5 * MINUTE, START + 50 * MINUTE
    runs = FailingRuns(Disk(clock, begin, end, broken))
    scheduler = Stepped()
    service = Service(scheduler, runs, Machine(runs, clock), now=clock.now)
    service.start(jobs)
    lived(service, scheduler, clock, begin + 11 * MINUTE)
    seen = Observed(jobs=[], mailboxes=[], beat_at=clock.at, faults=service.faults.current)
    found = health(seen, now=clock.at)
    assert found.state is State.FAILING
    assert "can't" in found.problems[0].text
    lived(service, scheduler, clock, end + BOUND)
    lines = [record for record in caplog.records if record.message.startswith("fault_")]
    assert [record.message for record in lines] == ["fault_begins", "fault_ends"] * (len(lines) // 2)
    assert len(lines) <= 4
    others = [record.message for record in caplog.records if record.levelno > logging.INFO]
    assert len(others) == len(lines)
