"""Backing up and restoring a company's store."""

import datetime as dt
import re
import threading
from pathlib import Path

import pytest

from mailsignals.errors import UserError
from mailsignals.jobs.job import Context
from mailsignals.usecases.backup import back_up_by_job, back_up_store, restore_store
from tests.mailsignals.usecases.offices import MIDNIGHT, loaded

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def job(at: dt.datetime) -> Context:
    """What a job is given at an instant."""
    return Context(due_at=at, now=lambda: at, stop=threading.Event())


@pytest.mark.slow
def test_a_restored_store_gives_the_same_answers(stocked: Path) -> None:
    """Back up, move the store away, restore: signals and risk are the same, and a store in use is left alone."""
    workspace = loaded(stocked)
    with workspace.at(MIDNIGHT) as snapshot:
        before = snapshot.signals, snapshot.risk
    copy = back_up_store(workspace, stocked / "copies", NOW).place
    with pytest.raises(UserError, match="not empty"):
        restore_store(workspace, copy, at=NOW, by="ops")
    (stocked / "store").rename(stocked / "old")
    assert restore_store(workspace, copy, at=NOW, by="ops").made_at == NOW
    with workspace.at(MIDNIGHT) as snapshot:
        assert snapshot.signals.equals(before[0])
        assert snapshot.risk.equals(before[1])


def test_the_job_keeps_as_many_as_are_configured(stocked: Path) -> None:
    """It writes to the configured folder, says the name, and removes the oldest; a backup by hand removes none."""
    workspace = loaded(stocked, "[schedule]\nbackups_kept = 2")
    folder = workspace.settings.schedule.backup_folder
    for day in range(3):
        outcome = back_up_by_job(workspace, job(NOW + dt.timedelta(days=day)))
        assert re.fullmatch(rf"2026-03-0{2 + day}T090000Z written: \d+ files, [\d.]+ MB in 0.0 s", outcome)
    assert sorted(path.name for path in folder.iterdir()) == ["2026-03-03T090000Z", "2026-03-04T090000Z"]
    back_up_store(workspace, folder, NOW)
    assert len(list(folder.iterdir())) == 3


def test_without_a_store_there_is_no_backup(company: Path) -> None:
    """It says so, and leaves no folder of a backup behind."""
    with pytest.raises(UserError, match="no store here"):
        back_up_store(loaded(company), company / "copies", NOW)
    assert list((company / "copies").iterdir()) == []
