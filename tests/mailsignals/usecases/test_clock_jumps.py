"""A company whose clock was wrong for two runs of everything, and is right again."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from mailsignals.jobs.runs import How
from mailsignals.readmodel.editions import EditionStore
from mailsignals.store import Store
from mailsignals.store.tables.clock_tables import ProviderDate
from mailsignals.store.upkeep.backup import backups
from mailsignals.usecases.clock_state import clock_sentences, set_aside_future
from mailsignals.usecases.repair import repair
from mailsignals.usecases.status import counted_status
from mailsignals.workspace import Workspace
from tests.mailsignals.usecases.jobs import run_job
from tests.mailsignals.usecases.offices import MIDNIGHT, loaded

NOW = MIDNIGHT + dt.timedelta(hours=10)
A_DAY, DAYS = dt.timedelta(days=1), dt.timedelta(days=200)
GMAIL = """
[gmail]
mailboxes = ["ana@us.test"]

[retention]
mail_days = 30
"""

pytestmark = pytest.mark.scenario("clock-jumps")


def run_all(workspace: Workspace, at: dt.datetime, names: tuple[str, ...]) -> None:
    """Run each job, which is done."""
    for name in names:
        assert run_job(workspace, name, at)[0] is How.DONE, name


def confirmed(folder: Path, date_at: dt.datetime, noted_at: dt.datetime) -> None:
    """Note what Gmail reported, beside the clock at that moment."""
    with Store.open(folder / "store", mode="write") as store:
        store.clock.note_date(ProviderDate(provider="gmail", date_at=date_at, noted_at=noted_at))


@pytest.mark.slow
def test_two_runs_ahead_leave_nothing_behind_that_counts(flagged: Path) -> None:
    """Today is recorded, written and shown again; one sentence names all that is dated in the future."""
    workspace = loaded(flagged, "")
    names = ("score", "digests", "prepare", "backup")
    for ahead in (NOW + DAYS, NOW + DAYS + A_DAY):
        run_all(workspace, ahead, names)
    today = NOW + A_DAY
    (sentence,) = clock_sentences(workspace, today)
    assert "Dated in the future, up to " in sentence
    assert "24 recorded risks" in sentence
    assert "1 dashboard edition" in sentence
    assert sentence.endswith("`mailsignals repair` sets them aside.")

    run_all(workspace, today, names)
    edition = EditionStore(flagged / "store").newest()
    assert edition is not None
    assert edition.as_of == today
    assert edition.table("account_scores")["scored_on"].max() == workspace.day(today)
    with Store.open(flagged / "store", mode="read") as store:
        days = store.scores.frame()["scored_on"].unique().sort().to_list()
        assert workspace.day(today) in days
        assert len(days) == 4
    assert len(list((flagged / "digests").glob(f"{workspace.day(today)}/*.html"))) > 0
    status = counted_status(workspace.settings, now=today, timezone="UTC")
    assert status.state == "degraded"
    assert sum("Dated in the future" in problem for problem in status.problems) == 1
    assert status.jobs.filter(job="score")["last_at"].item() == today

    assert len(set_aside_future(workspace, today)) >= 3
    (left,) = clock_sentences(workspace, today)  # the mail was imported by the real clock
    assert ", and not used: 1 synced source. " in left
    run_all(workspace, NOW + DAYS, ("score",))  # the day itself comes, and is recorded
    with Store.open(flagged / "store", mode="read") as store:
        assert store.scores.of_day(workspace.day(NOW + DAYS)).height == 12
    assert backups(workspace.settings.schedule.backup_folder)


@pytest.mark.parametrize("name", ["score", "digests", "retention"])
def test_work_waits_while_the_clock_is_behind_the_mail(stocked: Path, name: str) -> None:
    """The outcome gives the reason; once the clock is right, the work is done."""
    workspace = loaded(stocked, "[retention]\nmail_days = 1000")
    how, outcome = run_job(workspace, name, NOW - DAYS)
    assert how is How.FAILED
    assert outcome.startswith("The system's clock is at least 193 days behind: the store has emails of ")
    status = counted_status(workspace.settings, now=NOW - DAYS, timezone="UTC")
    assert status.state == "failing"
    assert any(
        "no risk is recorded, nothing is sent, and nothing is deleted" in one for one in status.problems
    )
    assert run_job(workspace, name, NOW)[0] is How.DONE


def test_a_clock_that_is_ahead_deletes_no_mail(stocked: Path) -> None:
    """Before a provider was asked, and after it contradicted; a person's command waits too once it is proven."""
    workspace = loaded(stocked, GMAIL)
    with Store.open(stocked / "store", mode="read") as store:
        before = store.messages().select(pl.len()).collect().item()
    confirmed(stocked, NOW, NOW)
    how, outcome = run_job(workspace, "retention", NOW + DAYS)
    assert (how, "last confirmed by a provider 200 days ago" in outcome) == (How.FAILED, True)
    confirmed(stocked, NOW, NOW + DAYS)
    how, outcome = run_job(workspace, "retention", NOW + DAYS)
    assert (how, "200 days ahead: Gmail reported" in outcome) == (How.FAILED, True)
    with Store.open(stocked / "store", mode="read") as store:
        assert store.messages().select(pl.len()).collect().item() == before
    confirmed(stocked, NOW, NOW)
    assert run_job(workspace, "retention", NOW)[0] is How.DONE


def test_repair_leaves_records_alone_while_the_clock_is_behind(flagged: Path) -> None:
    """What looks like the future may be the truth then; the reason is told."""
    workspace = loaded(flagged, "")
    found = repair(workspace, NOW - DAYS)
    assert found.misdated == ()
    assert found.clock_problem is not None
    assert " behind: the store has emails of " in found.clock_problem
    with Store.open(flagged / "store", mode="read") as store:
        assert store.scores.frame().height == 12
