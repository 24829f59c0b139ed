"""``forget``: whom, what of, what stays true of the account, and that nobody comes back."""

from pathlib import Path

import polars as pl
import pytest

from mailsignals.store import Store
from mailsignals.store.tables.feedback import FeedbackEntry
from mailsignals.store.upkeep import retention
from tests.mailsignals.cli import small_company
from tests.mailsignals.cli.program import Program, messages
from tests.mailsignals.cli.test_service import configure
from tests.mailsignals.store.traces import traces

AS_OF = ("--as-of", small_company.AS_OF)
KIM = "kim@a03.test"


def token_of(folder: Path) -> str:
    """The only name that somebody was given."""
    with Store.open(folder / "store", mode="read") as store:
        (token,) = store.erasure.people().tokens.values()
    return token


@pytest.mark.slow
def test_the_person_is_gone_and_the_account_is_as_it_was(run: Program, stocked: Path) -> None:
    """No file of the store names the address; every figure, ticket and score stands."""
    figures = [("signals", *AS_OF), ("sla", *AS_OF), ("risk", *AS_OF)]
    before = [run(*figure, "--json").json for figure in figures]
    mails = messages()
    assert traces(stocked / "store", KIM)
    ran = run("forget", "Kim+news@A03.test")
    assert ran.status == 0
    assert traces(stocked / "store", KIM) == []
    token = token_of(stocked)
    assert token in ran.err
    assert [run(*figure, "--json").json for figure in figures] == before
    own = messages().filter(pl.col("sender") == token)
    assert own.height == mails.filter(pl.col("sender") == KIM).height > 20
    assert own["subject"].drop_nulls().to_list() == []


def test_nobody_comes_back(run: Program, stocked: Path) -> None:
    """The same file again, and the same mail in another one, bring the name and not the address."""
    run("forget", KIM)
    kept = messages()
    (stocked / "inbox.mbox").touch()
    (stocked / "copy.mbox").write_bytes(small_company.mbox())
    for name in ("inbox.mbox", "copy.mbox"):
        assert run("import", name, "--mailbox", small_company.DESK).status == 0
    assert traces(stocked / "store", KIM) == []
    assert messages().equals(kept)


def test_a_dry_run_says_what_would_be_changed(run: Program, stocked: Path) -> None:
    """With the numbers that a run then has; nothing is changed by it."""
    with Store.open(stocked / "store", mode="write") as store:
        said = FeedbackEntry(
            account_id="A03",
            given_at=small_company.MIDNIGHT,
            given_by=KIM,
            kind="saved",
            note="they called",
        )
        store.feedback.keep(lambda _: said)
    before = messages()
    told = run("forget", KIM, "--dry-run", "--json").json
    assert messages().equals(before)
    assert {row["what"] for row in told} == {
        *("messages that name the person", "subjects of their threads", "feedback")
    }
    assert run("forget", KIM, "--json").json == told
    assert [row["changed"] for row in run("forget", KIM, "--json").json] == [0, 0]


def test_who_is_not_there_is_not_let_in(run: Program, stocked: Path) -> None:
    """Nothing names the person yet, and mail that comes will not either."""
    before = messages()
    assert "Nothing in the store names" in run("forget", "new@a03.test", "--dry-run").err
    assert "Nothing in the store named" in run("forget", "new@a03.test").err
    assert messages().equals(before)
    late = small_company.a_mail("late", small_company.MIDNIGHT, "new@a03.test", small_company.DESK)
    (stocked / "late.mbox").write_bytes(late)
    run("import", "late.mbox", "--mailbox", small_company.DESK)
    assert messages().height == before.height + 1
    assert traces(stocked / "store", "new@a03.test") == []


@pytest.mark.parametrize(
    ("address", "text", "place"),
    [
        ("ana@us.test", "", "as the CSM of A01 and 5 other accounts in accounts.csv"),
        ("jo@us.test", '[gmail]\nmailboxes = ["Jo@us.test"]', "under gmail.mailboxes"),
        ("jo@us.test", '[microsoft365]\nmailboxes = ["jo@us.test"]', "under microsoft365.mailboxes"),
        ("jo@us.test", '[digest]\nhead = ["jo@us.test"]', "under digest.head"),
    ],
)
def test_who_would_come_back_is_taken_out_first(
    run: Program, stocked: Path, address: str, text: str, place: str
) -> None:
    """An address that the next run would read or write again is refused, with the place."""
    configure(stocked, text)
    before = messages()
    run("forget", address).refused(address, place, "run the same command again")
    run("forget", address, "--dry-run").refused(address, place)
    assert messages().equals(before)


def test_what_only_people_can_do_is_said(run: Program, stocked: Path) -> None:
    """The account book's contacts, roles in the configuration, backups, and digests that were written."""
    book = (stocked / "accounts.csv").read_text(encoding="utf-8").replace("a03.test,", f"a03.test,{KIM}")
    (stocked / "accounts.csv").write_text(book, encoding="utf-8")
    configure(stocked, f'[[people]]\naddress = "{KIM}"')
    run("run", "--once", "backup")
    (stocked / "digests").mkdir()
    (stocked / "digests" / "old.html").write_text(f"write to {KIM}", encoding="utf-8")
    err = run("forget", KIM).err
    for said in ("a contact of A03", "under people.address", "1 backup in", "1 digest in"):
        assert said in err


def test_who_was_forgotten_owns_no_mailbox(run: Program, stocked: Path) -> None:
    """Mail of their own mailbox is not imported any more, and the mailbox's mail goes by the new name."""
    assert run("import", "inbox.mbox", "--mailbox", "jo@us.test").status == 0
    mails = messages().height
    run("forget", "jo@us.test")
    assert messages().height == mails
    assert traces(stocked / "store", "jo@us.test") == []
    run("import", "inbox.mbox", "--mailbox", "jo@us.test").refused("jo@us.test", "forgotten")


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


def test_what_is_no_address_is_refused(run: Program, stocked: Path) -> None:
    """With an example of one."""
    run("forget", "Kim").refused("ADDRESS", "such as ana@example.com")
