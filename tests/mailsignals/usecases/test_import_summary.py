"""The summary after an import: days, directions and folders of each mailbox."""

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from connectors.base import Message, frame_of
from mailsignals.accounts import Company
from mailsignals.usecases.import_summary import folder_counts, held_by_direction, summarise_import
from tests.mailsignals import small_company
from tests.mailsignals.usecases.offices import imported, loaded

US = Company(
    name="Us",
    domains=("us.test",),
    addresses=frozenset(),
    roles={"desk@us.test": "support", "ana@us.test": "cs"},
)
AT = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)


def copy(mailbox: str, sender: str, to: str, *labels: str) -> Message:
    """A copy of a mail in a mailbox."""
    return Message(
        mailbox=mailbox,
        provider="mbox",
        provider_id=f"{sender} {to} {labels}",
        sent_at=AT,
        sender=sender,
        to=(to,),
        labels=labels,
    )


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        (copy("ana@us.test", "ana@us.test", "bo@acme.test"), True),
        (copy("ana@us.test", "bo@acme.test", "ana@us.test"), False),
        (copy("ana@us.test", "cy@us.test", "bo@acme.test"), False),
        (copy("ana@us.test", "ana.old@elsewhere.test", "bo@acme.test", "Gesendet"), True),
        (copy("desk@us.test", "cy@us.test", "bo@acme.test"), True),
        (copy("desk@us.test", "cy@us.test", "desk@us.test"), False),
        (copy("desk@us.test", "cy@eu.us.test", "bo@acme.test"), True),
    ],
)
def test_what_a_mailbox_sent(message: Message, sent: bool) -> None:
    """Its own mail and what lies among sent mail; of a shared address also what people of ours sent outside."""
    (row,) = held_by_direction(frame_of([message]).lazy(), [message.mailbox], US).to_dicts()
    assert (row["sent"], row["received"]) == (int(sent), int(not sent))
    assert row["oldest_at"] == row["newest_at"] == AT


def test_other_mailboxes_are_left_out() -> None:
    """Only the mailboxes of the import are looked at; one without mail has no row."""
    found = held_by_direction(
        frame_of([copy("ana@us.test", "a@b.test", "c@d.test")]).lazy(), ["x@us.test"], US
    )
    assert found.is_empty()


def test_folders_come_with_their_roles() -> None:
    """The fullest folder comes first, and one whose name tells nothing has no role."""
    found = folder_counts(Counter({"Mail/Kunden": 3, "Mail/Gesendet": 9, "Mail/Entwürfe": 3}))
    assert [(one.name, one.role, one.mails) for one in found] == [
        ("Mail/Gesendet", "sent", 9),
        ("Mail/Entwürfe", "drafts", 3),
        ("Mail/Kunden", None, 3),
    ]
    assert folder_counts(Counter({"(no folder)": 3})) == []


def test_a_mailbox_with_one_direction_is_told(company: Path) -> None:
    """Without its sent folder a mailbox lacks sent mail; with it nothing is missing. Days are the company's."""
    box = company / "Profile"
    box.mkdir()
    mail = small_company.a_mail("in", small_company.MIDNIGHT, "kim@a01.test", "x@us.test")
    (box / "Inbox").write_bytes(mail)
    (summary,) = summarise_import(
        loaded(company), imported(company, "Profile", mailbox="x@us.test"), "x@us.test"
    )
    assert (summary.received, summary.sent, summary.missing) == (1, 0, "sent")
    assert summary.first_on == summary.last_on
    assert [(one.name, one.role, one.mails) for one in summary.folders] == [("Profile/Inbox", "inbox", 1)]
    (box / "Sent").write_bytes(
        small_company.a_mail("out", small_company.MIDNIGHT, "x@us.test", "kim@a01.test")
    )
    (summary,) = summarise_import(
        loaded(company), imported(company, "Profile", mailbox="x@us.test"), "x@us.test"
    )
    assert (summary.received, summary.sent, summary.missing) == (1, 1, None)


def test_a_mailbox_without_mail_has_no_days(company: Path) -> None:
    """Where nothing could be stored there is nothing to warn of."""
    (company / "Drafts").write_bytes(
        small_company.a_mail("draft", small_company.MIDNIGHT, "x@us.test", "kim@a01.test")
    )
    (summary,) = summarise_import(
        loaded(company), imported(company, "Drafts", mailbox="x@us.test"), "x@us.test"
    )
    assert (summary.mails, summary.first_on, summary.missing) == (0, None, None)
    assert [one.role for one in summary.folders] == ["drafts"]
