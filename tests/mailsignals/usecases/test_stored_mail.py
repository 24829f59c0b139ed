"""The stored mail as a check shows it."""

import datetime as dt
from pathlib import Path

from mailsignals import clock
from mailsignals.usecases.status import counted_status
from mailsignals.usecases.stored_mail import StoredMailReport, stored_mail
from tests.mailsignals import small_company
from tests.mailsignals.usecases.automated import BULK, MUTE, add_mail
from tests.mailsignals.usecases.offices import imported, loaded


def found(folder: Path) -> StoredMailReport:
    """The mail in a folder's store, now."""
    mail = stored_mail(loaded(folder), clock.now())
    assert mail is not None
    return mail


def test_without_a_store_there_is_none(company: Path) -> None:
    """And none is made."""
    assert stored_mail(loaded(company), clock.now()) is None
    assert not (company / "store").exists()


def test_each_mailbox_has_days_and_directions(stocked: Path) -> None:
    """First and last day are the company's; what is sent and received adds up to its mails."""
    (mailbox,) = found(stocked).mailboxes.to_dicts()
    assert (mailbox["mailbox"], mailbox["provider"]) == (small_company.DESK, "mbox")
    assert mailbox["first_on"] == dt.date(2025, 8, 3)
    assert mailbox["last_on"] == dt.date(2026, 2, 23)
    assert mailbox["sent"] + mailbox["received"] == mailbox["messages"]
    assert mailbox["sent"] > 0


def test_a_mailbox_with_one_direction_is_warned_of(stocked: Path) -> None:
    """By check and by status alike, as is what programs wrote."""
    assert list(found(stocked).warnings) == []
    inbox = small_company.a_mail("only", small_company.MIDNIGHT, "kim@a04.test", "ana@us.test")
    (stocked / "ana.mbox").write_bytes(inbox.replace(b"Subject:", BULK + b"Subject:"))
    imported(stocked, "ana.mbox", mailbox="ana@us.test")
    one_way, automated = found(stocked).warnings
    assert one_way.startswith("ana@us.test has no sent mail.")
    assert automated.startswith("ana@us.test (mbox): 100% of 1 email is automated")
    workspace = loaded(stocked)
    status = counted_status(workspace.settings, now=clock.now(), timezone=workspace.timezone)
    assert list(status.remarks) == [f"Warning: {automated}", f"Warning: {one_way}"]


def test_strangers_come_with_what_to_add(stocked: Path) -> None:
    """Those in a customer's conversation; senders whom no customer knows, lists and programs are none."""
    cc = b"Cc: lee@partner.test, di.private@gmail.com, all-list@partner.test, noreply@crm.test\n"
    add_mail(stocked, "question", "kim@a04.test", small_company.DESK, more=cc)
    add_mail(stocked, "answer", "lee@partner.test", small_company.DESK, after="question0")
    strangers = found(stocked).strangers
    assert strangers.select("address", "mails", "account_id", "name", "column", "entry").rows() == [
        ("lee@partner.test", 2, "A04", "Customer 4", "domains", "partner.test"),
        ("diprivate@gmail.com", 1, "A04", "Customer 4", "contacts", "diprivate@gmail.com"),
    ]


def test_a_stranger_who_is_added_is_none(stocked: Path) -> None:
    """The line that was shown makes the address the account's."""
    add_mail(stocked, "question", "kim@a04.test", small_company.DESK, more=b"Cc: lee@partner.test\n")
    (entry,) = found(stocked).strangers["entry"]
    book = (stocked / "accounts.csv").read_text(encoding="utf-8")
    (stocked / "accounts.csv").write_text(book.replace("a04.test", f"a04.test;{entry}"), encoding="utf-8")
    assert found(stocked).strangers.is_empty()


def test_a_mailbox_of_ours_elsewhere_is_no_stranger(stocked: Path) -> None:
    """Whoever imports a private mailbox takes part in every conversation there."""
    mail = small_company.a_mail("own", small_company.MIDNIGHT, "kim@a04.test", small_company.DESK)
    (stocked / "own.mbox").write_bytes(mail.replace(b"Subject:", b"Cc: a.na@gmail.com\nSubject:"))
    imported(stocked, "own.mbox", mailbox="a.na@gmail.com")
    assert found(stocked).strangers.is_empty()


def test_the_mute_account_is_shown(stocked: Path) -> None:
    """Its automated mail stands in the report of accounts."""
    add_mail(stocked, "mute", MUTE, small_company.DESK, more=BULK, number=3)
    assert found(stocked).automated.accounts["account_id"][0] == small_company.MUTE
