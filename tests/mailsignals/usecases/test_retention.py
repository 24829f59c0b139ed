"""Retention: what goes, what stays away, and what it costs."""

import datetime as dt
import threading
from pathlib import Path

import polars as pl
import pytest

from mailsignals import clock
from mailsignals.errors import UserError
from mailsignals.jobs.job import Context
from mailsignals.store import Store
from mailsignals.store.upkeep import retention
from mailsignals.usecases.retention import Pruning, preview_pruning, price, prune, prune_by_job
from mailsignals.workspace import Workspace
from tests.mailsignals import small_company
from tests.mailsignals.store.traces import traces
from tests.mailsignals.usecases.offices import imported, loaded, messages

SINCE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def days_since(since: dt.datetime) -> int:
    """How many days to keep so that what is of before an instant goes."""
    return (clock.now() - since).days + 1


@pytest.fixture
def limited(stocked: Path) -> Path:
    """The small company, which keeps mail of 2026 alone."""
    loaded(stocked, f"[retention]\nmail_days = {days_since(SINCE)}\nrecords_days = 300")
    return stocked


def by_job(workspace: Workspace) -> str:
    """What the job says of a run now."""
    return prune_by_job(workspace, Context(due_at=clock.now(), now=clock.now, stop=threading.Event()))


def counts(removed: pl.DataFrame) -> dict[str, int]:
    """How much there is of each kind."""
    return dict(removed.select("kind", "removed").iter_rows())


def test_nothing_is_removed_unless_somebody_wants_it(stocked: Path) -> None:
    """Without [retention] it says what to write, and the store is as it was."""
    before, workspace = messages(stocked), loaded(stocked)
    with pytest.raises(UserError, match=r"mail_days and records_days under \[retention\]"):
        prune(workspace, clock.now())
    with pytest.raises(UserError, match=r"\[retention\]"):
        preview_pruning(workspace, clock.now())
    assert messages(stocked).equals(before)


def test_a_preview_has_the_numbers_of_the_run(limited: Path) -> None:
    """With the numbers that a run then has, and nothing is changed."""
    before, workspace = messages(limited), loaded(limited)
    told = preview_pruning(workspace, clock.now())
    assert messages(limited).equals(before)
    old = before.filter(before["sent_at"] < SINCE - dt.timedelta(days=1)).height
    assert counts(told)["messages"] == old > 100
    assert counts(prune(workspace, clock.now()).removed) == counts(told)
    assert messages(limited).height == before.height - old


def test_what_is_removed_leaves_the_disk(limited: Path) -> None:
    """Addresses that only old mail has are in no file of the store any more; imported again, they stay out."""
    assert traces(limited / "store", "x@stranger.test")
    assert prune(loaded(limited), clock.now()).wiped
    assert traces(limited / "store", "x@stranger.test") == []
    kept = messages(limited)
    (limited / "copy").mkdir()
    (limited / "copy" / "inbox.mbox").write_bytes(small_company.mbox())
    (report,) = imported(limited, "copy/inbox.mbox")
    assert report.report is not None
    assert report.report.too_old > 100
    assert messages(limited).equals(kept)
    assert traces(limited / "store", "x@stranger.test") == []


def test_mail_that_is_kept_for_longer_comes_back_with_its_file(limited: Path) -> None:
    """Once the days are raised, a file that was read to its end is read again."""
    imported(limited, "inbox.mbox")
    everything = messages(limited)
    prune(loaded(limited), clock.now())
    imported(limited, "inbox.mbox")
    assert messages(limited).height < everything.height
    config = (limited / "config.toml").read_text(encoding="utf-8")
    (limited / "config.toml").write_text(config.partition("[retention]")[0], encoding="utf-8")
    imported(limited, "inbox.mbox")
    assert messages(limited).equals(everything)


def test_the_job_says_what_it_removed(limited: Path) -> None:
    """The numbers of each kind, or that nothing was too old."""
    workspace = loaded(limited)
    expected = counts(preview_pruning(workspace, clock.now()))["messages"]
    assert by_job(workspace) == f"{expected:,} messages deleted"
    assert messages(limited).filter(pl.col("sent_at") < SINCE - dt.timedelta(days=1)).is_empty()
    assert by_job(workspace) == "nothing was too old"


@pytest.mark.slow
def test_files_that_somebody_reads_are_wiped_later(limited: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody reads old files, they stay, and it is said, by the job too, until they are gone."""
    monkeypatch.setattr(retention, "WAIT_TRIES", 1)
    workspace = loaded(limited)
    with Store.open(limited / "store", mode="read"):
        assert not prune(workspace, clock.now()).wiped
        assert by_job(workspace).endswith("; files in use are wiped later")
    assert prune(workspace, clock.now()).wiped


def test_backups_of_before_are_counted(limited: Path) -> None:
    """Those still hold what was removed; anything else in their folder is none."""
    (limited / "backups" / "2026-03-01T000000Z").mkdir(parents=True)
    (limited / "backups" / "notes").mkdir()
    assert prune(loaded(limited), clock.now()).backups == 1


def test_no_store_is_made_to_remove_something_from_it(company: Path) -> None:
    """Where there is none yet, that is said."""
    workspace = loaded(company, "[retention]\nmail_days = 100")
    for remove in (prune, preview_pruning):
        with pytest.raises(UserError, match="no store here yet"):
            remove(workspace, clock.now())
    assert not (company / "store").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mail_days = 100", "look back up to 180 days"),
        ("mail_days = 300", "past of up to 364 days"),
        ("mail_days = 3000", None),
        ("records_days = 100", "the precision of flags"),
        ("records_days = 300", None),
    ],
)
def test_what_figures_suffer_is_said(company: Path, text: str, said: str | None) -> None:
    """Where less is kept than figures look at, it says which figures suffer."""
    workspace = loaded(company, f"[retention]\n{text}")
    told = price(workspace.settings.retention, workspace.book, clock.now())
    assert len(told) == (said is not None)
    assert all(said in sentence for sentence in told if said)


def test_departures_that_no_model_can_learn_from_are_counted(company: Path) -> None:
    """Of customers who left before the mail that is kept, nothing is known."""
    book = small_company.accounts().replace("2024-01-01,,", "2024-01-01,2024-06-01,", 3)
    (company / "accounts.csv").write_text(book, encoding="utf-8")
    workspace = loaded(company, f"[retention]\nmail_days = {days_since(SINCE)}")
    told = price(workspace.settings.retention, workspace.book, clock.now())
    assert any("3 of 3 churn dates" in sentence for sentence in told)


@pytest.mark.parametrize(
    ("removed", "wiped", "summary"),
    [
        ([], True, "nothing was too old"),
        ([("messages", 1_200), ("scores", 0), ("feedback", 2)], True, "1,200 messages, 2 feedback deleted"),
        (
            [("scores", 3)],
            False,
            "3 scores deleted; files in use are wiped later",
        ),
    ],
)
def test_a_summary_names_what_went(removed: list[tuple[str, int]], wiped: bool, summary: str) -> None:
    """Kinds of which nothing went are left out; what is still on the disk is said."""
    frame = pl.DataFrame(removed, schema={"kind": pl.String(), "removed": pl.Int64()}, orient="row")
    assert Pruning(removed=frame, wiped=wiped, backups=0).summary == summary
