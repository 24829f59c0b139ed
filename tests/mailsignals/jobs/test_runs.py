"""The table of runs."""

import datetime as dt
import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from connectors.base import StoppedError
from mailsignals.errors import MachineError, UserError
from mailsignals.jobs.job import Context, GaveBackError, perform
from mailsignals.jobs.runs import LOST, BusyError, How, Runs, UnrecordedError
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
        (UserError("accounts.csv, line 3: no."), How.FAILED, "accounts.csv, line 3"),
        (MachineError("The disk is full."), How.BLOCKED, "The disk is full."),
        (OSError(errno.ENOSPC, "No space left", "x.parquet"), How.BLOCKED, "x.parquet: the disk is full"),
        (pl.exceptions.ComputeError("No space left (os error 28)"), How.BLOCKED, "the disk is full"),
        (sqlite3.DatabaseError("strange"), How.FAILED, "a bug in mailsignals (DatabaseError)"),
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


@pytest.mark.scenario("full-disk")
def test_an_end_that_cannot_be_recorded_is_handed_on(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who started the run gets it whole, and can record it later."""

    def full(*_: object, **__: object) -> None:
        raise MachineError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(Runs, "end", full)
        with pytest.raises(UnrecordedError, match="done: all of it") as raised:
            perform("tidy", tidied, runs, a_context())
    end = raised.value.end
    runs.end(end.number, end.how, end.outcome, at=end.ended_at)
    (run,) = runs.history("tidy")
    assert (run.how, run.outcome, run.ended_at) == (How.DONE, "all of it", NOON)


@pytest.mark.scenario("full-disk")
def test_of_tries_that_the_machine_blocked_the_last_is_kept(runs: Runs) -> None:
    """A fault of a day doesn't push older runs out of the table."""
    perform("tidy", tidied, runs, a_context())
    for _ in range(3):
        perform("tidy", fails(MachineError("The disk is full.")), runs, a_context())
    assert [run.how for run in runs.history("tidy")] == [How.BLOCKED, How.DONE]


@pytest.mark.scenario("full-disk")
def test_jobs_are_scheduled_since_they_were_first_named(runs: Runs) -> None:
    """A job that is named again keeps its time; one that is left out and comes back is new."""
    assert runs.scheduled_since({"tidy": MORNING}) == {"tidy": MORNING}
    assert runs.scheduled_since({"tidy": NOON, "send": NOON}) == {"tidy": MORNING, "send": NOON}
    assert runs.scheduled_since({"send": NOON}) == {"send": NOON}
    assert runs.scheduled_since({"tidy": NOON, "send": NOON}) == {"tidy": NOON, "send": NOON}


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
