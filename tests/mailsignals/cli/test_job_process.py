"""A run in a process of its own, as the service starts it."""

import datetime as dt
import threading
import time
from pathlib import Path

from mailsignals.jobs.job import Job
from mailsignals.jobs.runs import RunRow, Runs
from mailsignals.service.processes import JobProcesses
from mailsignals.usecases.job_list import job_list
from mailsignals.workspace import Workspace

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


def test_a_run_that_does_not_heed_is_ended(stocked: Path) -> None:
    """Stopping takes no longer than the patience that there is, and nothing begins after it."""
    workspace = Workspace.load(stocked / "config.toml")
    children = JobProcesses(lambda: workspace.settings, module="tests.mailsignals.service.silent_server")
    thread = threading.Thread(target=children, args=(job_of(workspace, "score"), DUE_AT))
    thread.start()
    while not (stocked / "deaf").exists():
        time.sleep(0.05)
    began = time.monotonic()
    children.stop()
    thread.join(1)
    assert not thread.is_alive()
    assert time.monotonic() - began < 9
    children(job_of(workspace, "score"), DUE_AT)
