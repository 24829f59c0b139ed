"""Where a mail is in its reader's mailbox."""

import datetime as dt
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Message, frame_of
from mailsignals.notifications.digest.mail_links import GMAIL, OUTLOOK, MailLink, mail_link_to, own_copies

AT = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
KIM, ANA, BO = "kim@a.test", "ana@us.test", "bo@us.test"
A_SECOND = dt.timedelta(seconds=1)


def a_copy(mailbox: str = ANA, message_id: str | None = "m1", **more: Any) -> Message:
    """Kim's mail in Ana's mailbox at Gmail, unless it says otherwise."""
    known = {"provider": GMAIL, "provider_id": f"{mailbox}-{message_id}", "sent_at": AT, "sender": KIM}
    return Message(**{**known, "mailbox": mailbox, "message_id": message_id, **more})


def found(*copies: Message, reader: str | None = ANA, providers: tuple[str, ...] = (GMAIL, OUTLOOK)) -> Any:
    """The copy that is found of Kim's mail; null if there is none."""
    wanted = pl.DataFrame(
        {"sender": [KIM, KIM], "sent_at": [AT, AT], "reader": [reader, reader]},
        schema_overrides={"reader": pl.String, "sent_at": pl.Datetime("us", "UTC")},
    )
    rows = own_copies(frame_of(copies).lazy(), wanted, providers=providers)
    assert rows.columns == ["sender", "sent_at", "reader", "copy"]
    assert rows.height < 2
    return None if rows.is_empty() else rows["copy"].item()


def test_a_mail_is_found_in_its_readers_mailbox_alone() -> None:
    """The same mail in somebody else's is of no use to them."""
    both = [a_copy(BO), a_copy("Ana@us.test", sent_at=AT + A_SECOND)]
    assert found(*both) == {"provider": GMAIL, "mailbox": "Ana@us.test", "message_id": "m1"}
    assert found(a_copy(BO)) is None
    assert found(*both, reader=None) is None


def test_what_no_mail_program_shows_is_not_found() -> None:
    """A file, a mail without an id, and one of somebody else with the same id."""
    assert found(a_copy(provider="mbox")) is None
    assert found(a_copy(message_id=None)) is None
    assert found(a_copy(BO), a_copy(sender="x@x.test")) is None
    assert found(a_copy(provider=OUTLOOK), providers=(GMAIL,)) is None


def test_a_link_opens_gmail_with_the_mail() -> None:
    """In the account of the reader, found by the id that all copies share."""
    way = mail_link_to({"provider": GMAIL, "mailbox": ANA, "message_id": "a+b=c@x.test"}, sender=KIM)
    assert way == MailLink(
        url="https://mail.google.com/mail/?authuser=ana%40us.test#search/rfc822msgid%3Aa%2Bb%3Dc%40x.test"
    )


def test_outlook_is_opened_with_what_to_search_for() -> None:
    """No link leads to one mail there."""
    way = mail_link_to({"provider": OUTLOOK, "mailbox": ANA, "message_id": "m 1"}, sender=KIM)
    assert way == MailLink(url="https://outlook.office.com/mail/", search="from:kim@a.test")


@pytest.mark.parametrize("message_id", ["a b", "a OR from:boss", 'a"b', "a(b", "{x}", "a\nb", "ä", "x" * 251])
def test_an_id_that_a_search_would_read_as_more_than_a_word_gets_no_link(message_id: str) -> None:
    """Whoever wrote the mail chose it."""
    assert mail_link_to({"provider": GMAIL, "mailbox": ANA, "message_id": message_id}, sender=KIM) is None
    assert mail_link_to(None, sender=KIM) is None


@given(message_id=st.text(min_size=1, max_size=60), mailbox=st.text(min_size=1, max_size=60))
def test_no_id_leads_anywhere_else(message_id: str, mailbox: str) -> None:
    """Whatever it is, the link is one to Gmail, and what it says there is the id and nothing more."""
    way = mail_link_to({"provider": GMAIL, "mailbox": mailbox, "message_id": message_id}, sender=KIM)
    if way is not None:
        parts = urlsplit(way.url)
        assert (parts.scheme, parts.netloc, parts.path) == ("https", "mail.google.com", "/mail/")
        assert parse_qs(parts.query, keep_blank_values=True) == {"authuser": [mailbox]}
        assert unquote(parts.fragment) == f"search/rfc822msgid:{message_id}"
        assert parts.fragment.count("/") == 1
