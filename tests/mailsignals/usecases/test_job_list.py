"""The jobs that a configuration asks for, and what becomes of their runs."""

from pathlib import Path

import pytest

from mailsignals import clock
from mailsignals.errors import UserError
from mailsignals.jobs.runs import How
from mailsignals.store import Store
from mailsignals.store.messages.lock import StoreBusyError
from mailsignals.usecases.job_list import job_list
from mailsignals.usecases.status import counted_status
from mailsignals.workspace import workspace as workspaces
from tests.mailsignals.usecases.alerting import utc
from tests.mailsignals.usecases.jobs import run_job
from tests.mailsignals.usecases.offices import loaded
from tests.support.smtp import MailServer

SYNCED = '[gmail]\nmailboxes = ["ana@us.test"]\n[microsoft365]\nmailboxes = ["ana@us.test"]'


def test_the_jobs_are_those_that_the_configuration_asks_for(company: Path) -> None:
    """In an order that stays, each with its next instant."""
    assert [job.name for job in job_list(loaded(company).settings)] == [
        *("score", "digests", "prepare", "drift", "compact", "backup", "verify")
    ]
    more = loaded(company, f'[schedule]\nbackups_kept = 0\ntrain = "monthly"\n{SYNCED}')
    jobs = job_list(more.settings)
    assert [job.name for job in jobs] == [
        *(
            "sync-gmail",
            "sync-microsoft365",
            "score",
            "digests",
            "prepare",
            "drift",
            "compact",
            "verify",
            "train",
        )
    ]
    assert all(job.trigger.next_after(clock.now()) for job in jobs)


def test_alerts_are_a_job_where_they_are_enabled(alert_desk: tuple[Path, MailServer]) -> None:
    """What came of it stands in status; without alerts there is no such job."""
    folder, _ = alert_desk
    workspace, now = loaded(folder), utc("03 12:15")
    assert run_job(workspace, "alerts", now) == (How.DONE, "2 sent")
    assert run_job(workspace, "alerts", now) == (How.DONE, "no alerts")
    status = counted_status(workspace.settings, now=now, timezone=workspace.timezone)
    (job,) = status.jobs.filter(job="alerts").to_dicts()
    assert (job["how"], job["outcome"]) == ("done", "no alerts")
    text = (folder / "config.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(text.replace("[alerts]\nenabled = true\n", "[alerts]\n"))
    assert "alerts" not in [each.name for each in job_list(loaded(folder).settings)]


def test_a_job_waits_for_the_store(stocked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside somebody who writes it waits for a while, and then says who that is; with the store free it goes on."""
    monkeypatch.setattr(workspaces, "BUSY_SECONDS", 0.01)
    monkeypatch.setattr(workspaces, "BUSY_TRIES", 5)
    workspace = loaded(stocked)
    with Store.open(stocked / "store", mode="write"):
        how, outcome = run_job(workspace, "compact")
        assert how is How.BLOCKED
        assert "another program is writing to this store: process" in outcome
        with pytest.raises(StoreBusyError):
            Store.open(stocked / "store", mode="write")
    assert run_job(workspace, "compact")[0] is How.DONE


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('[schedule]\ndigest_at = "8"', "'8' is not a time of day; use one such as '08:00'"),
        ('[schedule]\nworkdays = ["funday"]', "schedule.workdays"),
        ("[schedule]\nsync_minutes = 0", "schedule.sync_minutes"),
        ('[schedule]\nholidays = "XX"', "not a country"),
        ("[service]\nport = 70000", "service.port"),
    ],
)
def test_a_schedule_that_cannot_be_kept_is_refused(company: Path, line: str, named: str) -> None:
    """The message names the key and what is wanted."""
    with pytest.raises(UserError) as refused:
        loaded(company, line)
    assert named in str(refused.value)
