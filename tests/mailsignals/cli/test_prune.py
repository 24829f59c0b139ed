"""``prune``, the job ``retention``, and what ``import`` and ``check`` say of what is not kept."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from mailsignals import clock
from mailsignals.store import Store
from mailsignals.store.upkeep import retention
from tests.mailsignals.cli import small_company
from tests.mailsignals.cli.program import Program, messages
from tests.mailsignals.cli.test_service import configure
from tests.mailsignals.store.traces import traces

SINCE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def days_since(since: dt.datetime) -> int:
    """How many days to keep so that what is of before an instant goes."""
    return (clock.now() - since).days + 1


@pytest.fixture
def limited(stocked: Path) -> Path:
    """The small company, which keeps mail of 2026 alone."""
    configure(stocked, f"[retention]\nmail_days = {days_since(SINCE)}\nrecords_days = 300")
    return stocked


def test_nothing_is_removed_unless_somebody_wants_it(run: Program, stocked: Path) -> None:
    """Without [retention] it says what to write, and the store is as it was."""
    before = messages()
    run("prune").refused("[retention]", "mail_days", "records_days")
    assert messages().equals(before)
    assert "retention" not in {row["job"] for row in run("run", "--dry-run", "--json").json}


def test_a_dry_run_says_what_would_go(run: Program, limited: Path) -> None:
    """With the numbers that a run then has, and nothing is changed."""
    before = messages()
    told = {row["kind"]: row["removed"] for row in run("prune", "--dry-run", "--json").json}
    assert messages().equals(before)
    old = before.filter(before["sent_at"] < SINCE - dt.timedelta(days=1)).height
    assert told["messages"] == old > 100
    ran = run("prune", "--json")
    assert {row["kind"]: row["removed"] for row in ran.json} == told
    assert messages().height == before.height - old


def test_what_is_removed_leaves_the_disk(run: Program, limited: Path) -> None:
    """Addresses that only old mail has are in no file of the store any more; imported again, they stay out."""
    assert traces(limited / "store", "x@stranger.test")
    ran = run("prune")
    assert ran.status == 0
    assert "messages" in ran.out
    assert traces(limited / "store", "x@stranger.test") == []
    kept = messages()
    (limited / "copy.mbox").write_bytes(small_company.mbox())
    ran = run("import", "copy.mbox", "--mailbox", small_company.DESK)
    assert "left out: older than retention.mail_days" in ran.err
    assert messages().equals(kept)
    assert traces(limited / "store", "x@stranger.test") == []


def test_mail_that_is_kept_for_longer_comes_back_with_its_file(run: Program, limited: Path) -> None:
    """Once the days are raised, a file that was read to its end is read again."""
    run("import", "inbox.mbox", "--mailbox", small_company.DESK)
    everything = messages()
    run("prune")
    run("import", "inbox.mbox", "--mailbox", small_company.DESK)
    assert messages().height < everything.height
    config = (limited / "config.toml").read_text(encoding="utf-8")
    (limited / "config.toml").write_text(config.partition("[retention]")[0], encoding="utf-8")
    run("import", "inbox.mbox", "--mailbox", small_company.DESK)
    assert messages().equals(everything)


def test_the_job_removes_what_is_too_old(run: Program, limited: Path) -> None:
    """It is listed before files are put in order and backed up, and says what it removed."""
    jobs = [row["job"] for row in run("run", "--dry-run", "--json").json]
    assert jobs.index("retention") < jobs.index("compact") < jobs.index("backup")
    ran = run("run", "--once", "retention")
    assert ran.status == 0
    assert "messages removed" in ran.err
    assert messages().filter(pl.col("sent_at") < SINCE - dt.timedelta(days=1)).is_empty()
    assert "nothing was too old" in run("run", "--once", "retention").err


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


def test_backups_are_told_of(run: Program, limited: Path) -> None:
    """Those of before still hold what was removed."""
    run("run", "--once", "backup")
    assert "1 backup in" in run("prune").err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mail_days = 100", "look back up to 180 days"),
        ("mail_days = 300", "past of up to 364 days"),
        ("mail_days = 3000", None),
        ("records_days = 100", "how often flags are right"),
        ("records_days = 300", None),
    ],
)
def test_check_says_what_is_lost(run: Program, company: Path, text: str, said: str | None) -> None:
    """Where less is kept than figures look at, it says which figures suffer."""
    configure(company, f"[retention]\n{text}")
    err = run("check").err
    assert said in err if said else "retention" not in err


def test_check_counts_the_departures_that_no_model_can_learn_from(run: Program, company: Path) -> None:
    """Of customers who left before the mail that is kept, nothing is known."""
    book = small_company.accounts().replace("2024-01-01,,", "2024-01-01,2024-06-01,", 3)
    (company / "accounts.csv").write_text(book, encoding="utf-8")
    configure(company, f"[retention]\nmail_days = {days_since(SINCE)}")
    assert "3 of 3 departures" in run("check").err


def test_no_store_is_made_to_remove_something_from_it(run: Program, company: Path) -> None:
    """Where there is none yet, that is said."""
    configure(company, "[retention]\nmail_days = 100")
    run("prune").refused("there is no store here yet")
    assert not (company / "store").exists()


def test_days_are_whole_and_not_negative(run: Program, company: Path) -> None:
    """Anything else is refused with its line."""
    configure(company, "[retention]\nmail_days = -1")
    run("check").refused("retention.mail_days", "config.toml")
