"""How mailsignals is: what status knows of jobs and their runs."""

from pathlib import Path

import pytest

from mailsignals import clock
from mailsignals.jobs.runs import How
from mailsignals.store.tables.audit import Audit, AuditEntry, AuditKind
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


@pytest.mark.scenario("refused-requests-audited")
def test_refused_requests_are_counted_per_person(stocked: Path) -> None:
    """The terminal names people; the page numbers them where it shows no figures of people."""
    small_company.add(stocked, '[privacy]\npeople = "team"')
    settings, now = loaded(stocked).settings, clock.now()
    refused = AuditEntry(
        at=now, who="ana@us.test", way="session", client="", kind=AuditKind.REFUSED, what="/accounts/A02"
    )
    Audit(settings.store.path).add([refused] * 21, durable=False)
    named = counted_status(settings, now=now, timezone="UTC")
    assert "ana@us.test was refused 21 requests" in named.problems[0]
    assert any("ana@us.test 21" in text for text in named.remarks)
    numbered = system_status(settings, now=now, timezone="UTC")
    assert "person 1 was refused 21 requests" in numbered.problems[0]
    assert "@us.test" not in " ".join((*numbered.problems, *numbered.remarks))
    assert numbered.state == "degraded"
