"""``run``, ``backup``, ``restore``, and what ``status`` says of jobs."""

from pathlib import Path

from tests.mailsignals import small_company
from tests.mailsignals.cli.program import Program


def test_a_dry_run_lists_the_jobs_with_the_next_instant_of_each(run: Program, stocked: Path) -> None:
    """Nothing is noted."""
    rows = run("run", "--dry-run", "--json").json
    assert [row["job"] for row in rows] == [
        *("score", "digests", "prepare", "drift", "compact", "backup", "verify")
    ]
    assert all(row["next_at"] for row in rows)
    assert {row["how"] for row in run("status", "--json").json["jobs"]} == {None}


def test_a_job_runs_by_hand_and_status_shows_it(run: Program, stocked: Path) -> None:
    """What came of it (the mail is too old to assess anybody) is shown at once and kept; no service runs by then."""
    ran = run("run", "--once", "score")
    assert (ran.status, ran.err) == (
        0,
        "score: risk of 0 accounts, 0 at high risk; recorded.\n",
    )
    status = run("status")
    assert "risk of 0 accounts" in status.out
    assert "The background service isn't running" in status.err
    document = run("status", "--json").json
    (score,) = [row for row in document["jobs"] if row["job"] == "score"]
    assert score["how"] == "done"
    assert document["runs"][0]["kind"] == "score"
    run("run", "--once", "scores").refused("no such job", "did you mean score")


def test_a_job_that_fails_says_what_to_do(run: Program, stocked: Path) -> None:
    """By hand it is the error; in status it stands with the command to try it again."""
    (stocked / "digests").write_text("in the way")
    small_company.add(stocked, '[schedule]\nbackup_folder = "digests"')
    run("run", "--once", "backup").refused("digests")
    status = run("status")
    assert "backup failed: " in status.err
    assert "`mailsignals run --once backup`" in status.err


def test_a_store_is_backed_up_and_restored(run: Program, stocked: Path) -> None:
    """``backup`` prints the folder of the copy, ``restore`` says what it made; a store in use is left alone."""
    (row,) = run("backup", "copies", "--json").json
    run("restore", row["backup"]).refused("not empty")
    (stocked / "store").rename(stocked / "old")
    ran = run("restore", row["backup"])
    assert (ran.status, ran.out) == (0, "")
    first, *more = ran.err.splitlines()
    assert first == f"Restored store from {row['backup']}. To look at it: `mailsignals status`."
    assert [line.split(" ")[0] for line in more] == ["All", "Nothing", "If"]
    assert run("backup", "others").out.startswith("others/")
