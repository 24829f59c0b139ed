"""``forget``: what it prints, and its exit statuses."""

from pathlib import Path

import pytest

from mailsignals.store import Store
from mailsignals.store.upkeep import retention
from tests.mailsignals.cli.program import Program, messages
from tests.mailsignals.store.traces import traces

KIM = "kim@a03.test"


def token_of(folder: Path) -> str:
    """The only name that somebody was given."""
    with Store.open(folder / "store", mode="read") as store:
        (token,) = store.erasure.people().tokens.values()
    return token


def test_it_says_what_was_changed_and_what_is_left_to_do(run: Program, stocked: Path) -> None:
    """A table of numbers; then the new name of whoever was typed in another way, and what only people can do."""
    ran = run("forget", "Kim+news@A03.test")
    assert ran.status == 0
    assert "emails that name the person" in ran.out
    assert f"{KIM} is now {token_of(stocked)}, in future mail too." in ran.err
    assert "notes of feedback" in ran.err


def test_a_dry_run_says_what_would_be_changed(run: Program, stocked: Path) -> None:
    """With the numbers that a run then has; nothing is changed by it."""
    before = messages()
    assert "would be changed" in run("forget", KIM, "--dry-run").out
    told = run("forget", KIM, "--dry-run", "--json").json
    assert messages().equals(before)
    assert [row["what"] for row in told] == ["emails that name the person", "subjects of their threads"]
    assert run("forget", KIM, "--json").json == told
    assert [row["changed"] for row in run("forget", KIM, "--json").json] == [0, 0]


def test_who_is_not_there_is_told_of(run: Program, stocked: Path) -> None:
    """Nothing names the person yet, and mail that comes will not either."""
    assert "new@a03.test does not appear in the store." in run("forget", "new@a03.test", "--dry-run").err
    assert "new@a03.test does not appear in the store. Future mail" in run("forget", "new@a03.test").err


def test_who_was_forgotten_owns_no_mailbox(run: Program, stocked: Path) -> None:
    """Mail of their own mailbox is not imported any more."""
    run("forget", "jo@us.test")
    run("import", "inbox.mbox", "--mailbox", "jo@us.test").refused("--mailbox: jo@us.test was erased")


def test_who_reads_at_the_time_is_told_of(
    run: Program, stocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody reads old files it is done in part, and the next command that writes wipes the disk."""
    monkeypatch.setattr(retention, "WAIT_TRIES", 1)
    with Store.open(stocked / "store", mode="read"):
        ran = run("forget", KIM)
        assert (ran.status, "still reads files" in ran.err) == (3, True)
    assert traces(stocked / "store", KIM)
    assert run("run", "--once", "compact").status == 0
    assert traces(stocked / "store", KIM) == []


def test_what_cannot_be_forgotten_is_refused(run: Program, stocked: Path) -> None:
    """What is no address, with an example of one; and who would come back, with the place."""
    run("forget", "Kim").refused("ADDRESS", "such as ana@example.com")
    run("forget", "ana@us.test").refused("as the CSM of A01 and 4 other accounts in accounts.csv")
