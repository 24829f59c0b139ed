"""Forgetting a person: what of, what stays true of the account, and that nobody comes back."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mailsignals import clock
from mailsignals.errors import UserError
from mailsignals.risk.assess import RISK_SCHEMA
from mailsignals.store import Store
from mailsignals.store.tables.feedback import FeedbackEntry
from mailsignals.store.upkeep import retention
from mailsignals.usecases.account_list import note_accounts
from mailsignals.usecases.forget import ForgetReport, forget, preview_erasure
from mailsignals.usecases.import_files import ForgottenMailboxError
from mailsignals.workspace import Workspace
from tests.mailsignals import small_company
from tests.mailsignals.store.traces import traces
from tests.mailsignals.usecases.offices import MIDNIGHT, imported, loaded, messages

KIM = "kim@a03.test"


def forgotten(folder: Path, address: str = KIM) -> ForgetReport:
    """What came of forgetting somebody now."""
    return forget(loaded(folder), address, clock.now())


def figures(workspace: Workspace) -> list[pl.DataFrame]:
    """Signals, risk and tickets of all accounts; of the tickets what does not name people."""
    with workspace.at(MIDNIGHT) as snapshot:
        tickets = snapshot.ticket_rows.select("account", "opened_at", "first_response", "resolution", "agent")
        return [
            snapshot.signals,
            snapshot.risk.select(RISK_SCHEMA.names()),
            tickets.sort("account", "opened_at"),
        ]


@pytest.mark.slow
def test_the_person_is_gone_and_the_account_is_as_it_was(stocked: Path) -> None:
    """No file of the store names the address; every figure, ticket and score stands."""
    workspace = loaded(stocked)
    before = figures(workspace)
    mails = messages(stocked)
    assert traces(stocked / "store", KIM)
    token = forgotten(stocked).person.token
    assert traces(stocked / "store", KIM) == []
    for new, old in zip(figures(workspace), before, strict=True):
        assert_frame_equal(new, old)
    own = messages(stocked).filter(pl.col("sender") == token)
    assert own.height == mails.filter(pl.col("sender") == KIM).height > 20
    assert own["subject"].drop_nulls().to_list() == []


@pytest.mark.slow
def test_nobody_comes_back(stocked: Path) -> None:
    """The same file again, and the same mail in another one, bring the name and not the address."""
    forgotten(stocked)
    kept = messages(stocked)
    (stocked / "inbox.mbox").touch()
    (stocked / "copy").mkdir()
    (stocked / "copy" / "inbox.mbox").write_bytes(small_company.mbox())
    for report in imported(stocked, "inbox.mbox", "copy/inbox.mbox"):
        assert report.report is not None
        assert report.report.complete
    assert traces(stocked / "store", KIM) == []
    assert messages(stocked).equals(kept)


def test_a_preview_has_the_numbers_of_the_run(stocked: Path) -> None:
    """With the numbers that a run then has; nothing is changed by it, and after the run nothing is left."""
    with Store.open(stocked / "store", mode="write") as store:
        said = FeedbackEntry(
            account_id="A03",
            given_at=small_company.MIDNIGHT,
            given_by=KIM,
            kind="saved",
            note="they called",
        )
        store.feedback.keep(lambda _: said)
    before = messages(stocked)
    told = preview_erasure(loaded(stocked), KIM)
    assert messages(stocked).equals(before)
    assert told["what"].to_list() == [
        *("emails that name the person", "subjects of their threads", "feedback")
    ]
    assert forgotten(stocked).found.equals(told)
    assert forgotten(stocked).found["changed"].to_list() == [0, 0]


def test_who_is_not_there_is_not_let_in(stocked: Path) -> None:
    """Nothing names the person yet, and mail that comes will not either."""
    before = messages(stocked)
    assert preview_erasure(loaded(stocked), "new@a03.test")["changed"].sum() == 0
    assert forgotten(stocked, "new@a03.test").found["changed"].sum() == 0
    assert messages(stocked).equals(before)
    late = small_company.a_mail("late", small_company.MIDNIGHT, "new@a03.test", small_company.DESK)
    (stocked / "late.mbox").write_bytes(late)
    imported(stocked, "late.mbox")
    assert messages(stocked).height == before.height + 1
    assert traces(stocked / "store", "new@a03.test") == []


@pytest.mark.parametrize(
    ("address", "text", "place"),
    [
        ("ana@us.test", "", "as the CSM of A01 and 4 other accounts in accounts.csv"),
        ("jo@us.test", '[gmail]\nmailboxes = ["Jo@us.test"]', "under gmail.mailboxes"),
        ("jo@us.test", '[microsoft365]\nmailboxes = ["jo@us.test"]', "under microsoft365.mailboxes"),
        ("jo@us.test", '[digest]\nhead = ["jo@us.test"]', "under digest.head"),
    ],
)
def test_who_would_come_back_is_taken_out_first(stocked: Path, address: str, text: str, place: str) -> None:
    """An address that the next run would read or write again is refused, with the place."""
    workspace = loaded(stocked, text)
    before = messages(stocked)
    words = rf"{address} is .*{place}.*run the same command again"
    with pytest.raises(UserError, match=words):
        forget(workspace, address, clock.now())
    with pytest.raises(UserError, match=words):
        preview_erasure(workspace, address)
    assert messages(stocked).equals(before)


def test_what_only_people_can_do_is_listed(stocked: Path) -> None:
    """The account book's contacts, roles in the configuration, backups, and digests that were written."""
    book = (stocked / "accounts.csv").read_text(encoding="utf-8").replace("a03.test,", f"a03.test,{KIM}")
    (stocked / "accounts.csv").write_text(book, encoding="utf-8")
    loaded(stocked, f'[[people]]\naddress = "{KIM}"')
    (stocked / "backups" / "2026-03-01T000000Z").mkdir(parents=True)
    (stocked / "digests").mkdir()
    (stocked / "digests" / "old.html").write_text(f"write to {KIM}", encoding="utf-8")
    tasks = forgotten(stocked).tasks
    parts = ("a contact of A03", "under people.address", "1 backup in", "1 digest in", "notes of feedback")
    assert [part in task for part, task in zip(parts, tasks, strict=True)] == [True] * 5


def test_who_was_forgotten_owns_no_mailbox(stocked: Path) -> None:
    """Mail of their own mailbox is not imported any more, and the mailbox's mail goes by the new name."""
    imported(stocked, "inbox.mbox", mailbox="jo@us.test")
    mails = messages(stocked).height
    forgotten(stocked, "jo@us.test")
    assert messages(stocked).height == mails
    assert traces(stocked / "store", "jo@us.test") == []
    with pytest.raises(ForgottenMailboxError, match=r"jo@us\.test was erased"):
        imported(stocked, "inbox.mbox", mailbox="jo@us.test")


def test_files_that_somebody_reads_are_wiped_later(stocked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody reads old files the address stays on the disk, and the report says so."""
    monkeypatch.setattr(retention, "WAIT_TRIES", 1)
    with Store.open(stocked / "store", mode="read"):
        assert not forgotten(stocked).wiped
    assert traces(stocked / "store", KIM)
    assert forgotten(stocked).wiped
    assert traces(stocked / "store", KIM) == []


def test_values_of_the_account_list_forget_too(stocked: Path) -> None:
    """A former CSM is replaced in what was kept; a column that names the person today is refused; a file is a task."""
    note_accounts(Workspace.load(stocked / "config.toml", now=clock.now()), clock.now())
    text = (stocked / "accounts.csv").read_text(encoding="utf-8")
    head, *lines = text.splitlines()
    owner = "\n".join([f"{head},owner", *(f"{line},Bo <bo@us.test>" for line in lines)])
    (stocked / "accounts.csv").write_text(
        f"{owner.replace(',bo@us.test,', ',ana@us.test,')}\n", encoding="utf-8"
    )
    with pytest.raises(UserError, match=r"bo@us\.test is in the column owner of A01 and 11 other accounts"):
        preview_erasure(loaded(stocked), "bo@us.test")
    (stocked / "accounts.csv").write_text(text.replace("bo@us.test", "ana@us.test"), encoding="utf-8")
    (stocked / "history.csv").write_text(
        "account_id,field,value,valid_from\nA07,csm,bo@us.test,2024-01-01\n", encoding="utf-8"
    )
    workspace = loaded(stocked, '[accounts]\nhistory_file = "history.csv"')
    found = dict(preview_erasure(workspace, "bo@us.test").iter_rows())
    assert found["values of the account list"] == 6
    report = forget(workspace, "bo@us.test", clock.now())
    assert any("history.csv names the address" in task for task in report.tasks)
    with Store.open(stocked / "store", mode="read") as store:
        values = store.account_facts.frame().filter(pl.col("field") == "csm")["value"]
    assert values.str.contains("bo@us.test").any() is False
    assert (values == report.person.token).sum() == 6
