"""``prune``, the job ``retention``, and what ``import`` and ``check`` say of what is not kept."""

import datetime as dt
from pathlib import Path

import pytest

from mailsignals import clock
from mailsignals.store import Store
from mailsignals.store.upkeep import retention
from tests.mailsignals import small_company
from tests.mailsignals.cli.program import Program, messages
from tests.mailsignals.small_company import add

SINCE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def days_since(since: dt.datetime) -> int:
    """How many days to keep so that what is of before an instant goes."""
    return (clock.now() - since).days + 1


@pytest.fixture
def limited(stocked: Path) -> Path:
    """The small company, which keeps mail of 2026 alone."""
    add(stocked, f"[retention]\nmail_days = {days_since(SINCE)}\nrecords_days = 300")
    return stocked


def test_nothing_is_removed_unless_somebody_wants_it(run: Program, stocked: Path) -> None:
    """Without [retention] it says what to write, and there is no job for it."""
    run("prune").refused("[retention]", "mail_days", "records_days")
    assert "retention" not in {row["job"] for row in run("run", "--dry-run", "--json").json}


def test_a_dry_run_says_what_would_go(run: Program, limited: Path) -> None:
    """With the numbers that a run then has, and nothing is changed."""
    before = messages()
    assert "would be deleted" in run("prune", "--dry-run").out
    told = run("prune", "--dry-run", "--json").json
    assert messages().equals(before)
    ran = run("prune", "--json").json
    assert [(row["kind"], row["removed"]) for row in ran] == [(row["kind"], row["removed"]) for row in told]


def test_what_is_removed_is_said(run: Program, limited: Path) -> None:
    """By prune, with the backups that still hold it; imported again, it is left out, and that is said too."""
    run("run", "--once", "backup")
    ran = run("prune")
    assert ran.status == 0
    assert "messages" in ran.out
    assert "1 backup in" in ran.err
    (limited / "copy.mbox").write_bytes(small_company.mbox())
    ran = run("import", "copy.mbox", "--mailbox", small_company.DESK)
    assert "skipped: older than retention.mail_days" in ran.err


def test_the_job_removes_what_is_too_old(run: Program, limited: Path) -> None:
    """It is listed before files are put in order and backed up, and says what it removed."""
    jobs = [row["job"] for row in run("run", "--dry-run", "--json").json]
    assert jobs.index("retention") < jobs.index("compact") < jobs.index("backup")
    ran = run("run", "--once", "retention")
    assert ran.status == 0
    assert "messages deleted" in ran.err


@pytest.mark.slow
def test_who_reads_at_the_time_is_told_of(
    run: Program, limited: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody reads old files, they stay, and it is said; status says it too, until they are gone."""
    monkeypatch.setattr(retention, "WAIT_TRIES", 1)
    with Store.open(limited / "store", mode="read"):
        ran = run("prune")
        assert "still reads files" in ran.err
        assert "wiped" in run("run", "--once", "retention").err
        assert "not yet wiped" in run("status").err
    run("prune")
    assert "not yet wiped" not in run("status").err


def test_check_says_what_is_lost(run: Program, company: Path) -> None:
    """Where less is kept than figures look at, it says which figures suffer."""
    add(company, "[retention]\nmail_days = 100")
    assert "look back up to 180 days" in run("check").err


def test_days_are_whole_and_not_negative(run: Program, company: Path) -> None:
    """Anything else is refused with its line."""
    add(company, "[retention]\nmail_days = -1")
    run("check").refused("retention.mail_days", "config.toml")
