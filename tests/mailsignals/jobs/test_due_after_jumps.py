"""What every job of the service owes while its clock is wrong, and after it was set right."""

import datetime as dt
from collections.abc import Sequence

import pytest

from mailsignals.config import Settings
from mailsignals.jobs.due import owed_run
from mailsignals.jobs.health import JobRuns, Observed, State, health
from mailsignals.jobs.job import Job
from mailsignals.jobs.runs import How, RunRow
from mailsignals.usecases.job_list import job_list
from tests.mailsignals.jobs.simple import NOON

DAYS, MINUTE = dt.timedelta(days=200), dt.timedelta(minutes=1)
COMPANY = {
    "company": {"name": "Us", "domains": ["us.test"], "timezone": "Europe/Berlin"},
    "accounts": {"file": "accounts.csv"},
    "gmail": {"mailboxes": ["ana@us.test"]},
    "microsoft365": {"mailboxes": ["bo@us.test"]},
    "retention": {"mail_days": 100},
    "schedule": {"train": "monthly"},
    "alerts": {"enabled": True},
    "digest": {
        "enabled": True,
        "from": "d@us.test",
        "head": ["h@us.test"],
        "support_lead": ["s@us.test"],
        "smtp": {"host": "localhost"},
    },
}
JOBS: Sequence[Job] = job_list(Settings.model_validate(COMPANY))

pytestmark = pytest.mark.scenario("clock-jumps")


class Table:
    """The runs of one job, as the service would do them at the times that a test names."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.history: list[RunRow] = []

    def look(self, now: dt.datetime, how: How = How.DONE) -> dt.datetime | None:
        """Run what is owed now, and return the scheduled time of the run."""
        found = owed_run(self.job, self.history, now=now)
        if found is None or found.late or found.run_at > now:
            return None
        ended_at = now + MINUTE
        run = RunRow(
            kind=self.job.name, due_at=found.due_at, started_at=now, ended_at=ended_at, how=how, outcome="."
        )
        self.history.insert(0, run)
        return found.due_at

    def follow(self, since: dt.datetime, number: int) -> dt.datetime:
        """Look at the next scheduled times, each of which runs once; return the last."""
        for _ in range(number):
            due_at = self.job.trigger.next_after(since)
            assert due_at is not None
            assert self.look(due_at) == due_at
            assert self.look(due_at + MINUTE) is None
            since = due_at
        return since


@pytest.fixture(params=JOBS, ids=lambda job: job.name)
def table(request: pytest.FixtureRequest) -> Table:
    """A job that ran at its last scheduled times."""
    table = Table(request.param)
    first = table.job.trigger.last_until(NOON - dt.timedelta(days=70))
    assert first is not None
    table.history.append(
        RunRow(kind=table.job.name, due_at=first, started_at=first, ended_at=first, how=How.DONE, outcome=".")
    )
    last = table.job.trigger.last_until(NOON)
    assert last is not None
    assert table.look(last) == last
    return table


def test_all_jobs_are_here() -> None:
    """A new job is held to these laws too."""
    assert {job.name for job in JOBS} == {
        *("sync-gmail", "sync-microsoft365", "score", "digests", "weekly", "support", "prepare", "alerts"),
        *("drift", "retention", "compact", "backup", "train", "verify"),
    }


@pytest.mark.parametrize("by", [DAYS, -DAYS], ids=["ahead", "behind"])
@pytest.mark.parametrize("how", [How.DONE, How.FAILED])
def test_a_job_is_done_at_each_scheduled_time_after_two_runs_by_a_wrong_clock(
    table: Table, by: dt.timedelta, how: How
) -> None:
    """Nothing is owed that was done before, and nothing is skipped afterwards."""
    wrong = table.job.trigger.last_until(NOON + by)
    assert wrong is not None
    for _ in range(2):
        assert table.look(wrong, how) == wrong
        following = table.job.trigger.next_after(wrong)
        assert following is not None
        wrong = following
    assert table.look(NOON + MINUTE) is None
    table.follow(NOON + MINUTE, 5)


def test_a_run_that_began_in_the_future_and_failed_is_not_waited_for(table: Table) -> None:
    """A clock that was set back during a run leaves a start or an end in the future."""
    due_at = table.job.trigger.next_after(NOON)
    assert due_at is not None
    for started_at, ended_at in ((due_at, due_at + DAYS), (due_at + DAYS, due_at)):
        run = RunRow(
            kind=table.job.name,
            due_at=due_at,
            started_at=started_at,
            ended_at=ended_at,
            how=How.FAILED,
            outcome=".",
        )
        found = owed_run(table.job, [run, *table.history], now=due_at + MINUTE)
        assert found is not None
        assert found.run_at <= due_at + dt.timedelta(hours=1, minutes=1)


def test_health_judges_a_job_by_runs_that_can_be_right(table: Table) -> None:
    """A success of the future hides no failure of today, and a failure of the future is none."""
    done, failed = (
        RunRow(kind="x", due_at=at, started_at=at, ended_at=at, how=how, outcome="no.")
        for at, how in ((NOON + DAYS, How.DONE), (NOON, How.FAILED))
    )
    seen = Observed(jobs=[JobRuns(job=table.job, history=[done, failed])], mailboxes=[], beat_at=None)
    assert health(seen, now=NOON).state is State.DEGRADED
    assert health(seen, now=NOON - DAYS).state is State.OK
