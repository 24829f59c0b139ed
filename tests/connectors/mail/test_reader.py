"""A whole mail, and mail that means harm."""

import dataclasses
import datetime as dt
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import AUTOMATED, IMPORTANCE, Message, frame_of
from connectors.mail import MailOrigin, Reading, headers_from_pairs, read_message, split_headers
from connectors.mail.addresses import MAX_RECIPIENTS
from connectors.mail.header_text import MAX_TEXT
from connectors.mail.headers import ALLOWED
from connectors.mail.ids import MAX_ID, MAX_REFERENCES
from connectors.mail.labels import MAX_LABELS
from connectors.mail.reader import DEFECTS, SKIPPED
from tests.connectors.mail.reading import DATE, ORIGIN, OWN, message, read


def test_a_mail_becomes_a_message() -> None:
    """Every column of the message table is read from the headers, or comes from where the mail was found."""
    headers = split_headers(
        b"Received: from a by b; Mon, 2 Mar 2026 11:00:07 +0100 (CET)\r\n"
        b"From: =?utf-8?q?C=C3=BF?= <Cy+work@X.com>\r\n"
        b'To: "Support, Example" <support@example.com>\r\n'
        b"Cc: ana@example.com\r\nBcc: bo@example.com\r\n"
        b"Subject: =?utf-8?q?Caf=C3=A9?=\r\n is closed\r\n"
        b"Message-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\nReferences: <0@x>\r\n"
        b"Date: Mon, 2 Mar 2026 11:00:00 +0100\r\nImportance: High\r\n"
        b"X-GM-THRID: 1234\r\nX-Gmail-Labels: Inbox,Important\r\n\r\n"
    )
    assert read_message(headers, ORIGIN, OWN) == Reading(
        message=Message(
            mailbox="support@example.com",
            provider="mbox",
            provider_id=headers.digest(),
            provider_thread_id="1234",
            message_id="2@x",
            references=("0@x", "1@x"),
            sent_at=dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC),
            dated_at=dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC),
            sender="cy@x.com",
            to=("support@example.com",),
            cc=("ana@example.com",),
            bcc=("bo@example.com",),
            subject="Café is closed",
            automated=None,
            importance="high",
            labels=("Inbox", "Important"),
        ),
        skipped=None,
        defects=(),
    )


def test_what_the_origin_knows_comes_before_the_headers() -> None:
    """A provider's id, thread and instant are taken as they are."""
    instant = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    origin = MailOrigin(
        mailbox="ana@example.com",
        provider="gmail",
        provider_id="18f",
        provider_thread_id="18e",
        sent_at=instant,
        labels=("INBOX",),
    )
    headers = headers_from_pairs([("From", "cy@x.com"), ("X-GM-THRID", "9"), ("Date", "rubbish")])
    reading = read_message(headers, origin, OWN)
    assert reading.message is not None
    known = reading.message
    assert (known.provider_id, known.provider_thread_id, known.labels) == ("18f", "18e", ("INBOX",))
    assert known.sent_at == dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
    assert known.sent_at.tzinfo is dt.UTC
    assert not reading.defects


LABELS = {
    "plain": (b"Inbox,Important", ("Inbox", "Important")),
    "blanks": (b" Inbox , Important ", ("Inbox", "Important")),
    "quoted": (b'"A, B",Inbox', ("A, B", "Inbox")),
    "encoded, folded": (b"=?UTF-8?Q?Inbox,Caf=C3=A9=5F?=\n =?UTF-8?Q?1,Work?=", ("Inbox", "Café_1", "Work")),
    "repeated": (b"Inbox,Inbox,,", ("Inbox",)),
    "trash stays": (b"Trash", ("Trash",)),
}


@pytest.mark.parametrize(("value", "labels"), LABELS.values(), ids=LABELS)
def test_labels_of_takeout(value: bytes, labels: tuple[str, ...]) -> None:
    """``X-Gmail-Labels`` is a list of labels, encoded as one text."""
    assert message(b"From: cy@x.com", b"X-Gmail-Labels: " + value).labels == labels


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ("Drafts", "draft"),
        ("DRAFT", "draft"),
        ("=?utf-8?q?Entw=C3=BCrfe?=", "draft"),
        ("Spam", "spam"),
        ("Chat", "chat"),
    ],
)
def test_drafts_spam_and_chat_are_set_aside(label: str, reason: str) -> None:
    """A mail under one of these labels is no message, and the reason says which."""
    lines = (b"From: cy@x.com", DATE)
    assert read(b"X-Gmail-Labels: Opened," + label.encode(), *lines).skipped == reason
    if label.isalpha():
        assert read(*lines, origin=dataclasses.replace(ORIGIN, labels=(label,))).skipped == reason


IMPORTANCES = {
    "none": ([], "normal"),
    "Importance": ([b"Importance: High"], "high"),
    "X-Priority": ([b"X-Priority: 1 (Highest)"], "high"),
    "X-Priority 2": ([b"X-Priority: 2"], "high"),
    "X-Priority 3": ([b"X-Priority: 3"], "normal"),
    "X-Priority 5": ([b"X-Priority: 5 (Lowest)"], "low"),
    "Priority": ([b"Priority: urgent"], "high"),
    "not urgent": ([b"Priority: non-urgent"], "low"),
    "Outlook": ([b"X-MSMail-Priority: Low"], "low"),
    "Importance decides": ([b"X-Priority: 1", b"Importance: low"], "low"),
    "rubbish does not": ([b"X-Priority: 1", b"Importance: very"], "high"),
}


@pytest.mark.parametrize(("lines", "importance"), IMPORTANCES.values(), ids=IMPORTANCES)
def test_importance(lines: list[bytes], importance: str) -> None:
    """The first header that says anything decides; nothing said is normal."""
    assert message(b"From: cy@x.com", *lines).importance == importance


@pytest.mark.parametrize(
    ("lines", "subject"),
    [
        ([], None),
        ([b"Subject:"], ""),
        ([b"Subject: Re:  a\n\t b"], "Re: a b"),
        ([b"Subject: a", b"Subject: b"], "a"),
    ],
)
def test_subject(lines: list[bytes], subject: str | None) -> None:
    """The first subject on one line; a mail without the header has none."""
    assert message(b"From: cy@x.com", *lines).subject == subject


_PIECES = st.sampled_from(
    [
        b"\n", b"\r\n", b"\n ", b"\n\t", b" ", b",", b";", b":", b"<", b">", b'"', b"(", b")", b"\\", b"@", b"+", b"=?",
        b"?=", b"=?utf-8?q?", b"=C3", b"\xc3", b"\xbc", b"\0", b"a", b"ana@x.com", b"<b@y.org>", b"via", b"2 Mar 2026",
        b"10:00:00", b"+0000", b"support@example.com", b"auto-replied", b"<>", b"x" * 300,
    ]
)  # fmt: skip
_LINES = st.builds(
    lambda name, pieces: b"\n" + name.encode() + b":" + b"".join(pieces),
    st.sampled_from(ALLOWED),
    st.lists(_PIECES, max_size=12),
)
_BLOCKS = st.binary(max_size=300) | st.lists(_LINES, max_size=15).map(lambda lines: DATE + b"".join(lines))


def _check(reading: Reading) -> None:
    """What holds for every reading."""
    assert set(reading.defects) <= set(DEFECTS)
    if reading.message is None:
        assert reading.skipped in SKIPPED
        return
    read_one = reading.message
    assert reading.skipped is None
    assert read_one.sent_at.tzinfo is dt.UTC
    for address in (read_one.sender, *read_one.to, *read_one.cc, *read_one.bcc):
        assert address == address.lower()
        assert "+" not in address.rpartition("@")[0]
    assert max(len(read_one.to), len(read_one.cc), len(read_one.bcc)) <= MAX_RECIPIENTS
    assert len(read_one.references) == len(set(read_one.references)) <= MAX_REFERENCES
    for name in (read_one.message_id or "x", *read_one.references):
        assert 0 < len(name) <= MAX_ID
        assert name.split() == [name]
    assert len(read_one.subject or "") <= MAX_TEXT
    assert len(read_one.labels) <= MAX_LABELS
    assert read_one.automated is None or read_one.automated in AUTOMATED
    assert read_one.importance in IMPORTANCE
    assert frame_of([read_one]).height == 1


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(_BLOCKS)
def test_no_bytes_make_the_reader_raise(block: bytes) -> None:
    """Any bytes give a message within all bounds, or a reason."""
    _check(read_message(split_headers(block), ORIGIN, OWN))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ALLOWED) | st.text(max_size=5), st.text(max_size=40)), max_size=12))
def test_no_pairs_make_the_reader_raise(pairs: list[tuple[str, str]]) -> None:
    """Any names and values give a message within all bounds, or a reason."""
    _check(read_message(headers_from_pairs(pairs), ORIGIN, OWN))


_HOSTILE = (
    '<\\"',
    '<\\"\\',
    "<a\\",
    '"<',
    '<"<"',
    "(",
    '"\\"',
    "=?u?q?",
    "=?u?q?a?= ",
    "a@b;",
    "<<",
    "a ",
    "[a",
    ":",
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["To", "From", "Subject", "References", "Date", "Received", "X-Gmail-Labels"]
)
def test_no_repetition_brings_the_reader_to_a_halt(name: str) -> None:
    """Whatever is repeated, a header is read in a fraction of a second; in steps squared it would take a minute."""
    for piece in _HOSTILE:
        value = (piece * 30_000)[:30_000]
        start = time.process_time()
        read(b"X-Original-From: x", f"{name}: {value}".encode(), DATE)
        assert (
            time.process_time() - start < 5
        )  # far from what it takes: this is about an end, not about speed
