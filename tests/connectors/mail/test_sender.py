"""Who wrote a mail."""

import dataclasses

import pytest

from tests.connectors.mail.reading import ORIGIN, message, read

VIA = b'From: "Cy via Support" <support@example.com>'
OURS = b"From: Ana <ana@example.com>"

SENDERS = {
    "as it says": ([b"From: Cy <cy@x.com>"], "cy@x.com"),
    "several": ([b"From: Cy <cy@x.com>, di@x.com"], "cy@x.com"),
    "several headers, the first unusable": ([b"From: nobody", b"From: cy@x.com"], "cy@x.com"),
    "rewritten, X-Original-From": (
        [VIA, b"X-Original-From: Cy <cy@x.com>", b"Reply-To: di@x.com"],
        "cy@x.com",
    ),
    "rewritten, X-Original-Sender": ([VIA, b"X-Original-Sender: cy@x.com"], "cy@x.com"),
    "rewritten, Reply-To": ([VIA, b"Reply-To: Cy <cy@x.com>"], "cy@x.com"),
    "rewritten, the list also in Reply-To": ([VIA, b"Reply-To: support@example.com, cy@x.com"], "cy@x.com"),
    "rewritten twice": (
        [VIA, b'X-Original-From: "Cy via Help" <help@example.com>', b"X-Original-From: cy@x.com"],
        "cy@x.com",
    ),
    "rewritten, one of ours wrote": ([VIA, b"X-Original-From: ana@example.com"], "ana@example.com"),
    "rewritten, nobody says who": ([VIA], "support@example.com"),
    "rewritten, the name is encoded": (
        [b"From: =?utf-8?q?C=C3=BF_via_Support?= <support@example.com>", b"Reply-To: cy@x.com"],
        "cy@x.com",
    ),
    "rewritten without a name": (
        [b"From: support@example.com", b"X-Original-From: cy@x.com"],
        "cy@x.com",
    ),
    "ours, with a Reply-To of her own": ([OURS, b"Reply-To: ana@home.test"], "ana@example.com"),
    "ours, through a group": (
        [OURS, b"X-Original-Sender: ana@example.com", b"Reply-To: cy@x.com"],
        "ana@example.com",
    ),
    "ours, X-Original-Sender another of ours": (
        [OURS, b"X-Original-Sender: ana.lopez@example.com"],
        "ana@example.com",
    ),
    "not our list": ([b'From: "Cy via Club" <club@y.com>', b"Reply-To: cy@x.com"], "club@y.com"),
    "a contact form": (
        [b"From: Web <website@example.com>", b"Reply-To: Lee <lee@x.com>, di@x.com"],
        "lee@x.com",
    ),
    "a contact form of somebody else's": ([b"From: form@forms.test", b"Reply-To: lee@x.com"], "lee@x.com"),
    "a contact form, one of ours filled it in": (
        [b"From: website@example.com", b"Reply-To: ana@example.com"],
        "ana@example.com",
    ),
    "a contact form, the first that can be read": (
        [b"From: website@example.com", b"Reply-To: Lee, lee@x.com"],
        "lee@x.com",
    ),
    "a contact form without an answer's address": ([b"From: website@example.com"], "website@example.com"),
    "no contact form": ([b"From: form@other.test", b"Reply-To: lee@x.com"], "form@other.test"),
    "via is part of a name": (
        [b"From: Viagem Olivia <ana@example.com>", b"Reply-To: cy@x.com"],
        "ana@example.com",
    ),
}


@pytest.mark.parametrize(("lines", "sender"), SENDERS.values(), ids=SENDERS)
def test_the_sender_is_who_wrote(lines: list[bytes], sender: str) -> None:
    """``From``, but the author where one of our own lists put itself there; a person of ours stays herself."""
    assert message(*lines).sender == sender


SENT_LABELS = ["SENT", "Sent", "sentitems", "Sent Items"]


@pytest.mark.parametrize("label", SENT_LABELS)
@pytest.mark.parametrize("written", [b'"Ana" <MAILER-DAEMON>', b"Ana", b"MAILER-DAEMON@x.com", b""])
def test_sent_mail_without_a_readable_sender_is_the_mailboxs(label: str, written: bytes) -> None:
    """Some exports have no addresses for mail of Exchange; whose it is, the folder says."""
    origin = dataclasses.replace(ORIGIN, labels=(label,))
    assert message(b"From: " + written, origin=origin).sender == ORIGIN.mailbox
    assert message(origin=origin).sender == ORIGIN.mailbox
    assert (
        message(b"From: " + written, origin=dataclasses.replace(ORIGIN, labels=("INBOX",))).sender
        != ORIGIN.mailbox
    )


@pytest.mark.parametrize("sender", ["cy@x.com", "postmaster@example.com"])
def test_sent_mail_with_a_readable_sender_is_the_senders(sender: str) -> None:
    """People write for others, and administrators as postmaster."""
    origin = dataclasses.replace(ORIGIN, labels=("SENT",))
    assert message(f"From: <{sender}>".encode(), origin=origin).sender == sender


def test_the_mailbox_as_a_sender_is_spelled_as_in_messages() -> None:
    """Its key keeps the dots that Gmail does not see; addresses do not."""
    origin = dataclasses.replace(ORIGIN, mailbox="kim.lee@gmail.com", labels=("SENT",))
    found = message(b"From: Kim", origin=origin)
    assert (found.mailbox, found.sender) == ("kim.lee@gmail.com", "kimlee@gmail.com")


def test_a_mail_without_sender_is_kept() -> None:
    """Nothing in ``From`` is an empty sender and a defect."""
    reading = read(b"Date: Mon, 2 Mar 2026 10:00:00 +0000", b"To: ana@example.com")
    assert reading.message is not None
    assert reading.message.sender == ""
    assert reading.defects == ("no_sender",)
