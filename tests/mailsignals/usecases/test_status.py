"""How mailsignals is: what status knows of jobs and their runs."""

from pathlib import Path

from mailsignals import clock
from mailsignals.jobs.runs import How
from mailsignals.usecases.status import System, counted_status, system_status
from mailsignals.workspace import Workspace
from tests.mailsignals import small_company
from tests.mailsignals.usecases.jobs import run_job
from tests.mailsignals.usecases.offices import loaded


def status_of(workspace: Workspace) -> System:
    """How it is now."""
    return counted_status(workspace.settings, now=clock.now(), timezone=workspace.timezone)


def test_a_job_that_never_ran_has_no_result(stocked: Path) -> None:
    """It is listed all the same."""
    found = status_of(loaded(stocked))
    assert set(found.jobs["how"]) == {None}
    assert (found.state, found.served, list(found.problems)) == ("ok", False, [])


def test_a_key_without_effect_is_among_the_remarks_of_the_page(stocked: Path) -> None:
    """The page System has no standard error, on which commands show it."""
    small_company.configure(stocked, "[risk]\n", "[risk]\nhigh_score = 80\n")
    settings = loaded(stocked).settings
    found = system_status(settings, now=clock.now(), timezone="UTC")
    assert [text for text in found.remarks if "risk.high_score" in text] == [
        f"Warning: {settings.warnings[0]}"
    ]


def test_a_run_by_hand_is_among_the_service_s(stocked: Path) -> None:
    """What came of it (the mail is too old to score anybody) is kept; no service runs."""
    workspace = loaded(stocked)
    outcome = "risk of 0 accounts, 0 at high risk; recorded"
    assert run_job(workspace, "score") == (How.DONE, outcome)
    found = status_of(workspace)
    (score,) = found.jobs.filter(job="score").to_dicts()
    assert (score["how"], score["outcome"]) == ("done", outcome)
    assert found.runs["kind"][0] == "score"
    assert not found.served


def test_a_job_that_fails_says_what_to_do(stocked: Path) -> None:
    """It stands among the problems with the command to try it again."""
    (stocked / "digests").write_text("in the way")
    workspace = loaded(stocked, '[schedule]\nbackup_folder = "digests"')
    how, outcome = run_job(workspace, "backup")
    assert (how, "digests" in outcome) == (How.FAILED, True)
    (problem,) = status_of(workspace).problems
    assert problem.startswith("backup failed: ")
    assert "`mailsignals run --once backup`" in problem
