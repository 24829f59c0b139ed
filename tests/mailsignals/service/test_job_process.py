"""A run in a process of its own, as the service starts it."""

import datetime as dt
import threading
import time
from pathlib import Path

import pytest

from mailsignals.jobs.job import Job
from mailsignals.jobs.runs import RunRow, Runs
from mailsignals.service.processes import PATIENCE_SECONDS, JobProcesses
from mailsignals.usecases.job_list import job_list
from mailsignals.workspace import Workspace
from tests.support.waiting import PATIENCE_SECONDS as LONG
from tests.support.waiting import wait_until

pytestmark = pytest.mark.subprocess

DUE_AT = dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC)


def job_of(workspace: Workspace, name: str) -> Job:
    """One of the service's jobs."""
    return next(job for job in job_list(workspace.settings) if job.name == name)


def ran(workspace: Workspace, name: str) -> RunRow:
    """How a run of it ended."""
    JobProcesses(lambda: workspace.settings)(job_of(workspace, name), DUE_AT)
    return Runs(workspace.settings.store.path).history(name)[0]


def test_a_run_goes_by_the_settings_that_were_accepted(stocked: Path) -> None:
    """A configuration that was broken since does not matter; the run is for the occasion that it was given."""
    workspace = Workspace.load(stocked / "config.toml")
    (stocked / "config.toml").write_text("[company", encoding="utf-8")
    found = ran(workspace, "score")
    assert (found.how, found.due_at) == ("done", DUE_AT)


def test_a_broken_account_book_is_a_run_that_failed(stocked: Path) -> None:
    """The book is read anew by every run; what is wrong in it is what came of the run."""
    workspace = Workspace.load(stocked / "config.toml")
    with (stocked / "accounts.csv").open("a") as book:
        book.write("A99,Twice,gold,,a01.test,,,,,\n")
    found = ran(workspace, "score")
    assert found.how == "failed"
    assert "accounts.csv, line 14" in found.outcome


def test_a_run_that_does_not_heed_is_ended(stocked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopping takes no longer than the patience that there is, and nothing begins after it."""
    workspace = Workspace.load(stocked / "config.toml")
    assert PATIENCE_SECONDS < 9, "the service itself has ten seconds in all"
    monkeypatch.setattr("mailsignals.service.processes.PATIENCE_SECONDS", 1.0)
    monkeypatch.chdir(stocked)  # where the process leaves its sign
    children = JobProcesses(lambda: workspace.settings, module="tests.mailsignals.service.silent_server")
    thread = threading.Thread(target=children, args=(job_of(workspace, "score"), DUE_AT))
    thread.start()
    wait_until((stocked / "deaf").exists)
    began = time.monotonic()
    children.stop()
    thread.join(LONG)
    assert not thread.is_alive()
    assert 1 <= time.monotonic() - began < LONG
    children(job_of(workspace, "score"), DUE_AT)
