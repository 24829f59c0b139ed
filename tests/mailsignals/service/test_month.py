"""A month of the service at speed: the real jobs and scheduler, with a clock of ours, killed again and again."""

import datetime as dt
import random
import threading
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mailsignals.jobs.job import Context, Job, perform
from mailsignals.jobs.runs import How, Runs
from mailsignals.notifications.delivery.dispatch import Dispatcher, Envelope
from mailsignals.notifications.delivery.outbox import DeliveryOutcome
from mailsignals.service.scheduler import Service
from mailsignals.store.tables.deliveries import Record
from mailsignals.usecases.digests import DigestPage
from mailsignals.usecases.job_list import job_list
from mailsignals.workspace import Workspace
from tests.mailsignals.service.fake_clock import Clock, Stepped, by_the_clock
from tests.support.smtp import MailServer

pytestmark = pytest.mark.slow

START, END = dt.datetime(2026, 3, 2, 20, tzinfo=dt.UTC), dt.datetime(2026, 4, 1, 23, tzinfo=dt.UTC)
"""Clocks change in New York on 8 March, and in Berlin on 29 March."""
HOLIDAY = dt.date(2026, 3, 17)
MONDAYS = [dt.date(2026, 3, day) for day in (9, 16, 23, 30)]
ZONES = {"ana@us.test": "Europe/Berlin", "bo@us.test": "America/New_York", None: "Europe/Berlin"}
CONFIG = """
[[people]]
address = "bo@us.test"
role = "cs"
timezone = "America/New_York"

[dashboard]
refresh_minutes = 1440

[schedule]
holidays = [2026-03-17]
"""


BY_MAIL = """
[digest]
enabled = true
from = "digest@us.test"
head = ["boss@us.test"]
support_lead = ["lead@us.test"]

[digest.smtp]
host = "127.0.0.1"
port = {port}
security = "none"
"""


class Killed(BaseException):
    """The process ended here."""


class Machine:
    """A computer that runs the service, sleeps, and crashes."""

    def __init__(self, folder: Path, clock: Clock, dice: random.Random, *, crashes: bool = True) -> None:
        self.workspace = Workspace.load(folder / "config.toml")
        self.store = self.workspace.settings.store.path
        self.clock, self.dice, self.crashes = clock, dice, crashes
        self.dead = False
        self.kills = 0
        self.boot()

    def boot(self) -> None:
        """Start the service."""
        self.dead = False
        self.scheduler = Stepped()
        self.service = Service(self.scheduler, Runs(self.store), self, now=self.clock.now)
        self.listed = {job.name: job for job in job_list(self.workspace.settings)}
        self.service.start(self.listed.values())

    def perhaps_die(self, chance: float) -> None:
        """End the process, sometimes."""
        if self.crashes and self.dice.random() < chance:
            self.dead = True
            self.kills += 1
            raise Killed

    def __call__(self, job: Job, due_at: dt.datetime) -> None:
        """Run a job as the service's processes do."""
        context = Context(due_at=due_at, now=self.clock.now, stop=threading.Event())

        def work(given: Context) -> str:
            self.perhaps_die(0.1)
            said = self.listed[job.name].work(self.workspace, given)
            self.perhaps_die(0.1)
            return said

        self.perhaps_die(0.1)
        perform(job.name, work, Runs(self.store), context)

    def stop(self) -> None:
        """Nothing runs beside us."""

    def live(self) -> None:
        """Look for due jobs once, and start the service again after a crash."""
        self.scheduler.look()
        if self.dead:
            self.clock.at += dt.timedelta(minutes=self.dice.randrange(30))
            self.boot()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that APScheduler goes by, too."""
    ours = Clock(START)
    by_the_clock(ours, monkeypatch)
    return ours


def lived(machine: Machine, end: dt.datetime) -> None:
    """Let the machine run, sleep and crash until then."""
    while machine.clock.at < end:
        machine.live()
        long = machine.dice.random() < 0.02
        hours = machine.dice.uniform(3, 9) if long else machine.dice.uniform(0.2, 1.5)
        machine.clock.at += dt.timedelta(hours=hours)


def workdays(days: int) -> list[dt.date]:
    """The workdays of so many days from the first on, without the holiday."""
    all_days = [dt.date(2026, 3, 3) + dt.timedelta(days=number) for number in range(days)]
    return [day for day in all_days if day.weekday() < 5 and day != HOLIDAY]


def test_a_week_has_every_page_once(stocked: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each CSM gets a page each workday, none twice, not before eight where they are, over a change of clocks."""
    with (stocked / "config.toml").open("a") as config:
        config.write(CONFIG)
    machine = Machine(stocked, clock, random.Random(1))
    written: list[tuple[dt.date, str | None]] = []
    write = DigestPage.write

    def counted(self: DigestPage, folder: Path) -> Path:
        machine.perhaps_die(0.05)
        path = write(self, folder)
        here = clock.at.astimezone(ZoneInfo(ZONES[self.digest.csm]))
        assert (here.date().isoformat(), here.hour >= 8) == (folder.name, True)
        written.append((here.date(), self.digest.csm))
        return path

    monkeypatch.setattr(DigestPage, "write", counted)
    lived(machine, START + dt.timedelta(days=8))
    assert Counter(written) == Counter((day, csm) for day in workdays(8) for csm in ZONES)
    assert machine.kills > 3


@pytest.mark.usefixtures("no_dashboard")
def test_a_month_has_every_mail_once(stocked: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each CSM gets a mail each workday, none on a holiday, none twice, not before eight, and leads get theirs.

    The machine crashes before, during and after runs, sleeps for hours, and passes over both clock changes; the mail
    server is a real one, and is away for a while.
    """
    monkeypatch.setattr("mailsignals.clock.now", clock.now)
    deliver = Dispatcher.deliver
    with MailServer().running() as server:
        with (stocked / "config.toml").open("a") as config:
            config.write(CONFIG + BY_MAIL.format(port=server.port))
        machine = Machine(stocked, clock, random.Random(1))

        def perhaps_delivered(self: Dispatcher, due: Envelope, *, cause: Record | None) -> DeliveryOutcome:
            machine.perhaps_die(0.05)
            return deliver(self, due, cause=cause)

        monkeypatch.setattr(Dispatcher, "deliver", perhaps_delivered)
        lived(machine, END - dt.timedelta(days=10))
        server.replies = {"ana@us.test": "451 come back later"}
        lived(machine, END - dt.timedelta(days=9))
        server.replies = {}
        lived(machine, END)
        mails = server.mails
    sent = []
    for mail in mails:
        to = mail["To"].addresses[0].addr_spec
        here = mail["Date"].datetime.astimezone(ZoneInfo(ZONES.get(to, "Europe/Berlin")))
        assert here.hour >= 8
        sent.append((here.date(), to))
    assert sorted(day for day, to in sent if to == "lead@us.test") == workdays(30)
    assert (
        sorted(day - dt.timedelta(days=day.weekday()) for day, to in sent if to == "boss@us.test") == MONDAYS
    )
    sent = [(day, to) for day, to in sent if to in ZONES]
    late = {(day, to) for day, to in set(sent) ^ {(day, csm) for day in workdays(30) for csm in ZONES if csm}}
    assert late <= {(dt.date(2026, 3, 23), "ana@us.test")}
    assert len(sent) == len(set(sent))
    assert machine.kills > 10
    runs = Runs(machine.store)
    for name, occasions in {"score": 30, "backup": 30, "compact": 30}.items():
        done = [run.due_at for run in runs.history(name, limit=1_000) if run.how is How.DONE]
        assert len(done) == len(set(done))
        assert len(done) >= occasions - 1
    assert len(list((stocked / "backups").iterdir())) == machine.workspace.settings.schedule.backups_kept


def test_a_morning_that_was_slept_through_is_missed(stocked: Path, clock: Clock) -> None:
    """Who opens the laptop in the night gets no digest of the morning, and status says so; the next comes in time."""
    machine = Machine(stocked, clock, random.Random(0), crashes=False)
    clock.at = dt.datetime(2026, 3, 3, 7, 1, tzinfo=dt.UTC)
    machine.live()
    clock.at = dt.datetime(2026, 3, 4, 23, tzinfo=dt.UTC)
    machine.live()
    clock.at = dt.datetime(2026, 3, 5, 7, 1, tzinfo=dt.UTC)
    machine.live()
    hows = [run.how for run in Runs(machine.store).history("digests")]
    assert hows == [How.DONE, How.MISSED, How.DONE]
    assert {path.name for path in (stocked / "digests").iterdir()} == {"2026-03-03", "2026-03-05"}
