"""Messages of an older store, judged by the rules of now."""

import dataclasses
from contextlib import closing
from pathlib import Path

import pytest

from connectors.base import Message
from mailsignals.store import Store
from mailsignals.store.messages.catalogue import Catalogue
from tests.mailsignals.store.pages import INBOX, a_message, a_page, keep, rows

PLAIN = dataclasses.replace(a_message("1"), references=())


def upgraded(folder: Path, *messages: Message) -> list[dict[str, object]]:
    """What a writer of now makes of these messages of before."""
    keep(folder, a_page(*messages))
    with closing(Catalogue.for_notes(folder)) as catalogue:
        catalogue.sql.execute("UPDATE state SET rules = 0")
    with Store.open(folder, mode="write") as store:
        return rows(store).to_dicts()


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        (None, {}, None),
        (None, {"subject": "Automatic reply: offer"}, "auto_reply"),
        (None, {"subject": "Angenommen: Sync"}, "calendar"),
        (None, {"sender": "no-reply@customer.example"}, "notification"),
        (None, {"sender": "mailer-daemon@customer.example"}, "bounce"),
        (None, {"sender": "mailer-daemon@customer.example", "labels": ("SENT",)}, None),
        ("bulk", {}, "bulk"),
        ("bulk", {"references": ("x@y",)}, None),
        ("bulk", {"subject": "AW: offer"}, None),
        ("bulk", {"subject": "Re: offer", "sender": "noreply@customer.example"}, "notification"),
        ("bounce", {"subject": "Abwesenheitsnotiz: offer"}, "auto_reply"),
        ("bounce", {"subject": "Declined: Sync"}, "calendar"),
        ("bounce", {"subject": "Undelivered"}, "bounce"),
        ("auto_reply", {"subject": "Accepted: Sync"}, "calendar"),
        ("notification", {}, "notification"),
    ],
)
def test_what_the_stored_headers_decide_is_decided_anew(
    tmp_path: Path, before: str | None, changes: dict[str, object], after: str | None
) -> None:
    """By subject, sender and references; what needs another header stays until it is read again."""
    message = dataclasses.replace(PLAIN, automated=before, **changes)  # type: ignore[arg-type]  # parametrised
    (row,) = upgraded(tmp_path, message)
    assert row["automated"] == after


def test_gmail_addresses_get_one_spelling(tmp_path: Path) -> None:
    """In sender and recipients, each once; the mailbox keeps its name."""
    message = dataclasses.replace(
        PLAIN,
        mailbox="a.na@gmail.com",
        sender="k.im@googlemail.com",
        to=("b.o@gmail.com", "bo@gmail.com", "c.y@x.test"),
    )
    (row,) = upgraded(tmp_path, message)
    assert (row["mailbox"], row["sender"]) == ("a.na@gmail.com", "kim@gmail.com")
    assert row["to"] == ["bo@gmail.com", "c.y@x.test"]


def test_it_is_done_once_and_counts_as_a_change(tmp_path: Path) -> None:
    """Whoever kept figures of the messages computes them again; the same message read again changes nothing."""
    upgraded(tmp_path, PLAIN)
    with Store.open(tmp_path, mode="read") as store:
        before = store.revision
    with Store.open(tmp_path, mode="write") as store:
        assert store.revision == before
        counts = store.commit(INBOX, a_page(PLAIN), at=PLAIN.sent_at)
    assert (counts.added, counts.changed) == (0, 0)
