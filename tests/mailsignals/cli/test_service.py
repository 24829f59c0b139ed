"""``run``, ``backup``, ``restore``, and what ``status`` says of jobs."""

import json
from pathlib import Path

import pytest

from mailsignals.store import Store
from mailsignals.store.messages.lock import StoreBusyError
from mailsignals.workspace import workspace
from tests.mailsignals.cli import small_company
from tests.mailsignals.cli.program import Program

AS_OF = ("--as-of", small_company.AS_OF)


def configure(folder: Path, text: str) -> None:
    """Add to the configuration."""
    with (folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f"\n{text}\n")


def test_a_dry_run_lists_the_jobs_that_the_configuration_asks_for(run: Program, stocked: Path) -> None:
    """With the next instant of each; nothing is noted."""
    assert [row["job"] for row in run("run", "--dry-run", "--json").json] == [
        *("score", "digests", "prepare", "drift", "compact", "backup")
    ]
    configure(
        stocked,
        '[schedule]\nbackups_kept = 0\ntrain = "monthly"\n'
        '[gmail]\nmailboxes = ["ana@us.test"]\n[microsoft365]\nmailboxes = ["ana@us.test"]',
    )
    rows = run("run", "--dry-run", "--json").json
    assert [row["job"] for row in rows] == [
        *("sync-gmail", "sync-microsoft365", "score", "digests", "prepare", "drift", "compact", "train")
    ]
    assert all(row["next_at"] for row in rows)
    assert {row["how"] for row in run("status", "--json").json["jobs"]} == {None}


@pytest.mark.slow
def test_a_job_runs_by_hand_and_status_shows_it(run: Program, stocked: Path) -> None:
    """What came of it (the mail is too old to score anybody) is said at once and kept; no service runs, says status."""
    ran = run("run", "--once", "score")
    assert (ran.status, ran.err) == (
        0,
        "score: 0 accounts scored by the scorecard, 0 at high risk; recorded.\n",
    )
    status = run("status")
    assert "0 accounts scored by the scorecard" in status.out
    assert "The service is not running" in status.err
    (score,) = [row for row in run("status", "--json").json["jobs"] if row["job"] == "score"]
    assert score["how"] == "done"
    run("run", "--once", "scores").refused("there is no such job", "did you mean score")


def test_a_job_that_fails_says_what_to_do(run: Program, stocked: Path) -> None:
    """By hand it is the error; in status it stands with the command to try it again."""
    (stocked / "digests").write_text("in the way")
    configure(stocked, '[schedule]\nbackup_folder = "digests"')
    run("run", "--once", "backup").refused("digests")
    status = run("status")
    assert "backup failed: " in status.err
    assert "`mailsignals run --once backup`" in status.err


def test_a_job_waits_for_the_store(run: Program, stocked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside somebody who writes it waits for a while, and then says who that is; with the store free it goes on."""
    monkeypatch.setattr(workspace, "BUSY_SECONDS", 0.01)
    monkeypatch.setattr(workspace, "BUSY_TRIES", 5)
    with Store.open(stocked / "store", mode="write"):
        run("run", "--once", "compact").refused("another program is writing to this store: process")
        with pytest.raises(StoreBusyError):
            Store.open(stocked / "store", mode="write")
    assert run("run", "--once", "compact").status == 0


def test_a_store_is_backed_up_and_restored(run: Program, stocked: Path) -> None:
    """``backup`` prints the folder of the copy, ``restore`` says what it made; a store in use is left alone."""
    (row,) = run("backup", "copies", "--json").json
    run("restore", row["backup"]).refused("not empty")
    (stocked / "store").rename(stocked / "old")
    ran = run("restore", row["backup"])
    assert (ran.status, ran.out) == (0, "")
    assert ran.err == f"store is as it was in {row['backup']}. `mailsignals status` shows it.\n"
    assert run("backup", "others").out.startswith("others/")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('[schedule]\ndigest_at = "8"', "'8' is not a time of day such as '08:00'"),
        ('[schedule]\nworkdays = ["funday"]', "schedule.workdays"),
        ("[schedule]\nsync_minutes = 0", "schedule.sync_minutes"),
        ('[schedule]\nholidays = "XX"', "no country"),
        ("[service]\nport = 70000", "service.port"),
    ],
)
def test_a_schedule_that_cannot_be_kept_is_refused(
    run: Program, stocked: Path, line: str, named: str
) -> None:
    """The message names the key and what is wanted."""
    configure(stocked, line)
    run("run", "--dry-run").refused(named)


def test_logs_of_jobs_are_readable_by_programs(run: Program, stocked: Path) -> None:
    """A run by hand is in the same table as the service's."""
    assert run("run", "--once", "digests").status == 0
    runs = json.loads(run("status", "--json").out)["runs"]
    assert runs[0]["kind"] == "digests"
