"""The table of runs."""

import datetime as dt
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.base import StoppedError
from mailsignals.errors import UserError
from mailsignals.jobs.job import Context, GaveBackError, perform
from mailsignals.jobs.runs import LOST, BusyError, How, Runs
from mailsignals.store import Store
from mailsignals.store.messages import migrations
from mailsignals.store.tables.mailbox_status import KEPT_RUNS
from tests.mailsignals.jobs.simple import HOUR, MORNING, NOON, a_context
from tests.mailsignals.store.pages import an_older_store


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    """Of an empty store."""
    Store.open(tmp_path, mode="write").close()
    return Runs(tmp_path)


def tidied(_: Context) -> str:
    """Work that succeeds."""
    return "all of it"


class Killed(BaseException):
    """The process ended here."""


def fails(error: BaseException) -> Callable[[Context], str]:
    """Work that ends by an error."""

    def work(_: Context) -> str:
        raise error

    return work


def test_a_run_is_claimed_and_ended(runs: Runs) -> None:
    """Its row says for which occasion, from when until when, how and with which result."""
    seen = []

    def work(_: Context) -> str:
        seen.extend(runs.history("tidy"))
        return "all of it"

    assert perform("tidy", work, runs, a_context()) is How.DONE
    (during,), (after,) = seen, runs.history("tidy")
    assert (during.how, during.ended_at) == (None, None)
    assert (after.due_at, after.started_at, after.how, after.outcome) == (
        MORNING,
        NOON,
        How.DONE,
        "all of it",
    )


@pytest.mark.parametrize(
    ("error", "how", "words"),
    [
        (UserError("The disk is full."), How.FAILED, "The disk is full."),
        (StoppedError(), How.GIVEN_BACK, "stopped"),
        (GaveBackError("3 of 9 mailboxes"), How.GIVEN_BACK, "3 of 9 mailboxes"),
        (ValueError("bo@us.test"), How.FAILED, "a bug in mailsignals (ValueError)"),
    ],
)
def test_a_run_ends_in_words_however_it_ends(runs: Runs, error: Exception, how: How, words: str) -> None:
    """What goes wrong is kept with its reason, and a bug says that it is one and keeps its text to the log."""
    assert perform("tidy", fails(error), runs, a_context()) is how
    (run,) = runs.history("tidy")
    assert run.how is how
    assert words in run.outcome
    assert "bo@us.test" not in run.outcome


def test_a_run_whose_process_died_is_found_out(runs: Runs) -> None:
    """Its claim stays without an end until somebody looks, who notes that it was lost."""
    with pytest.raises(Killed):
        perform("tidy", fails(Killed()), runs, a_context())
    assert runs.history("tidy")[0].how is None
    assert runs.settle("tidy", how=How.LOST, outcome=LOST, at=NOON)
    assert runs.history("tidy")[0].how is How.LOST
    assert not runs.settle("tidy", how=How.LOST, outcome=LOST, at=NOON)


def test_the_next_run_finds_the_lost_one_too(runs: Runs) -> None:
    """Nobody needs to have looked in between."""
    with pytest.raises(Killed):
        perform("tidy", fails(Killed()), runs, a_context())
    perform("tidy", tidied, runs, a_context(NOON + HOUR))
    assert [run.how for run in runs.history("tidy")] == [How.DONE, How.LOST]


def test_no_job_runs_twice_at_once(runs: Runs) -> None:
    """Whoever comes second is told so, and the first is not taken for lost."""
    again: list[str] = []

    def work(_: Context) -> str:
        with pytest.raises(BusyError, match="tidy is already running"):
            perform("tidy", tidied, runs, a_context())
        assert not runs.settle("tidy", how=How.LOST, outcome=LOST, at=NOON)
        again.append("tried")
        return "alone"

    perform("tidy", work, runs, a_context())
    assert again == ["tried"]
    assert [run.outcome for run in runs.history("tidy")] == ["alone"]


def test_runs_are_noted_beside_the_writer_of_messages(runs: Runs, tmp_path: Path) -> None:
    """Somebody who syncs by hand for hours keeps no other job from being claimed."""
    with Store.open(tmp_path, mode="write"):
        assert perform("tidy", tidied, runs, a_context()) is How.DONE


@pytest.mark.slow
def test_runs_of_one_job_do_not_push_out_another_s(runs: Runs) -> None:
    """Of each job the newest are kept, so that a monthly one is still known after a month of syncs."""
    perform("tidy", tidied, runs, a_context())
    for number in range(KEPT_RUNS + 5):
        with runs.claimed("sync", due_at=NOON, at=NOON + number * HOUR) as claim:
            claim.end(How.DONE, "nothing new", at=NOON)
    assert len(runs.history("sync", limit=1_000)) == KEPT_RUNS
    assert len(runs.history("tidy")) == 1


def test_runs_of_before_are_kept(tmp_path: Path) -> None:
    """A store of the version before keeps its list of runs, all of them done."""
    an_older_store(tmp_path, migrations.m006_runs)
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as catalogue:
        catalogue.execute("INSERT INTO run VALUES (1, 'sync', 0, 60000000, 'well')")
    catalogue.close()
    Store.open(tmp_path, mode="write").close()
    (run,) = Runs(tmp_path).history("sync")
    assert (run.how, run.outcome, run.due_at) == (How.DONE, "well", None)
    assert run.ended_at == dt.datetime(1970, 1, 1, 0, 1, tzinfo=dt.UTC)
