"""Feedback on an account page: saved with its author, shown at once, and rejected with a reason."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from starlette.testclient import TestClient

from mailsignals.flags.feedback import standing_feedback
from mailsignals.readmodel.editions import EditionStore
from mailsignals.readmodel.roles import Role
from mailsignals.store import Store
from mailsignals.workspace import Workspace
from tests.mailsignals.web.conftest import NOW
from tests.mailsignals.web.viewers import seen_by
from tests.support.copies import copy_company


@pytest.fixture
def own(company: Workspace, tmp_path: Path) -> Workspace:
    """The company again, whose feedback this test may change."""
    folder = company.settings.store.path.parent
    copy_company(folder, tmp_path / "own")
    return Workspace.load(tmp_path / "own" / "config.toml")


@pytest.fixture
def flagged(own: Workspace) -> str:
    """An account with an open flag."""
    edition = EditionStore(own.settings.store.path).newest()
    assert edition
    account_id: str = edition.table("accounts").filter(pl.col("news").is_in(["entered", "still"]))[
        "account_id"
    ][0]
    return account_id


@pytest.fixture
def head(own: Workspace) -> TestClient:
    """The head of customer success."""
    return seen_by(own, "head@us.test", Role.HEAD)


def said(workspace: Workspace) -> list[tuple[str, str, str | None]]:
    """All that was said: kind, by whom, note."""
    with Store.open(workspace.settings.store.path, mode="read") as store:
        rows = store.feedback.frame()
    assert rows["given_at"].to_list() == [NOW] * rows.height
    return rows.select("kind", "given_by", "note").rows()


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"kind": "snoozed", "until": "worse"}, "until the risk rises by half"),
        ({"kind": "snoozed", "until": "day", "day": "2026-04-01"}, "until 1 Apr 2026"),
        ({"kind": "dismissed", "note": "a merger, all is well"}, "<strong>Dismissed</strong>"),
        ({"kind": "saved"}, "<strong>Saved</strong>"),
        ({"kind": "churned", "on": "2026-03-01"}, "<strong>Churned</strong> on 1 Mar 2026"),
    ],
)
def test_what_is_said_stands_at_once(
    own: Workspace, head: TestClient, flagged: str, given: dict[str, str], word: str
) -> None:
    """The page shows feedback at once, and the list marks the account, before the next edition."""
    answer = head.post(f"/accounts/{flagged}/feedback", data=given)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/accounts/{flagged}#feedback")
    assert said(own) == [(given["kind"], "head@us.test", given.get("note"))]
    page = head.get(f"/accounts/{flagged}").text
    assert word in page
    assert "by <bdi>head@us.test</bdi>" in page
    assert "just now</span>" in head.get("/accounts").text


def test_it_can_be_taken_back(own: Workspace, head: TestClient, flagged: str) -> None:
    """The latest feedback no longer counts, but stays in the history."""
    head.post(f"/accounts/{flagged}/feedback", data={"kind": "saved"})
    head.post(f"/accounts/{flagged}/feedback", data={"kind": "undone", "given_at": NOW.isoformat()})
    with Store.open(own.settings.store.path, mode="read") as store:
        words = store.feedback.frame()
    assert words["kind"].to_list() == ["saved", "undone"]
    assert standing_feedback(words, NOW + dt.timedelta(seconds=1)).is_empty()


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"kind": "dismissed", "note": "  "}, "A note is required"),
        ({"kind": "snoozed", "until": "day", "day": "2026-03-02"}, "is not in the future"),
        ({"kind": "snoozed", "until": "day", "day": ""}, "Choose a date or an event"),
        ({"kind": "churned", "on": "one day", "note": "kept &amp; typed"}, "Invalid date"),
        ({"kind": "undone"}, "Choose the feedback to undo"),
        ({"kind": "nonsense"}, "Choose one of the actions"),
        ({}, "Choose one of the actions"),
    ],
)
def test_what_cannot_be_said_is_refused_with_a_reason(
    own: Workspace, head: TestClient, flagged: str, given: dict[str, str], problem: str
) -> None:
    """Nothing is saved, the page shows the reason, and the form keeps its text."""
    answer = head.post(f"/accounts/{flagged}/feedback", data=given)
    assert answer.status_code == 422
    assert problem in answer.text
    assert given.get("note", "").strip().replace("&", "&amp;") in answer.text
    assert said(own) == []


def test_an_account_without_a_flag_cannot_be_snoozed(own: Workspace, head: TestClient) -> None:
    """There is nothing to snooze or dismiss, and the page does not offer it."""
    edition = EditionStore(own.settings.store.path).newest()
    assert edition
    quiet = edition.table("accounts").filter(pl.col("news").is_null(), state="active")["account_id"][-1]
    assert 'value="snoozed"' not in head.get(f"/accounts/{quiet}").text
    assert (
        head.post(f"/accounts/{quiet}/feedback", data={"kind": "snoozed", "until": "worse"}).status_code
        == 422
    )


def test_nobody_speaks_of_accounts_of_others(own: Workspace, flagged: str) -> None:
    """A CSM says something of their own accounts alone."""
    visitor = seen_by(own, "nobody@elsewhere.test", Role.CSM)
    assert visitor.post(f"/accounts/{flagged}/feedback", data={"kind": "saved"}).status_code == 404
    assert said(own) == []


def test_who_is_not_known_speaks_as_the_dashboard(own: Workspace, flagged: str) -> None:
    """Where nobody signs in, nobody has a name."""
    seen_by(own, None, *Role).post(f"/accounts/{flagged}/feedback", data={"kind": "saved"})
    assert said(own) == [("saved", "dashboard", None)]
