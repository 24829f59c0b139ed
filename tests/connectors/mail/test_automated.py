"""Why a mail was not written by a person."""

import pytest

from connectors.base import AUTOMATED
from connectors.mail.automated import RULES
from tests.connectors.mail.reading import message

CY = b"From: Cy <cy@x.com>"
REPORT = b"Content-Type: multipart/report; report-type="

SIGNS = {
    "out of office": ([CY, b"Auto-Submitted: auto-replied"], "auto_reply"),
    "vacation, with a parameter": ([CY, b"Auto-Submitted: Auto-Replied (vacation); x=y"], "auto_reply"),
    "vacation, null return path": ([CY, b"Return-Path: <>", b"Auto-Submitted: auto-replied"], "auto_reply"),
    "vacation, in bulk": ([CY, b"Precedence: bulk", b"X-Autoreply: yes"], "auto_reply"),
    "X-Autorespond": ([CY, b"X-Autorespond: out of office"], "auto_reply"),
    "Precedence: auto_reply": ([CY, b"Precedence: auto_reply"], "auto_reply"),
    "delivery report": ([CY, REPORT + b"delivery-status", b"Auto-Submitted: auto-replied"], "bounce"),
    "delivery report, quoted, folded": (
        [CY, b'Content-Type: multipart/report;\n\treport-type="delivery-status"'],
        "bounce",
    ),
    "report of no type": ([CY, b"Content-Type: multipart/report; boundary=x"], "bounce"),
    "null return path": ([CY, b"Return-Path: <>"], "bounce"),
    "mailer daemon": ([b"From: Mail <MAILER-DAEMON@x.com>"], "bounce"),
    "mailer daemon without address": ([b"From: MAILER-DAEMON (Mail System)"], "bounce"),
    "postmaster": ([b"From: postmaster@x.com"], "bounce"),
    "read receipt": ([CY, REPORT + b"disposition-notification"], "notification"),
    "invitation": ([CY, b"Content-Type: text/calendar; method=REQUEST"], "calendar"),
    "invitation of Outlook": ([CY, b"Content-class: urn:content-classes:calendarmessage"], "calendar"),
    "newsletter": ([CY, b"List-Unsubscribe: <https://x.com>"], "bulk"),
    "list that nobody may write to": ([CY, b"List-Unsubscribe: <https://x.com>", b"List-Post: NO"], "bulk"),
    "Precedence: bulk": ([CY, b"Precedence: Bulk"], "bulk"),
    "Precedence: junk": ([CY, b"Precedence: junk"], "bulk"),
    "Feedback-ID": ([CY, b"Feedback-ID: 1:2:3"], "bulk"),
    "auto-generated": ([CY, b"Auto-Submitted: auto-generated"], "notification"),
    "auto-notified": ([CY, b"Auto-Submitted: auto-notified"], "notification"),
    "noreply": ([b"From: noreply@x.com"], "notification"),
    "do-not-reply": ([b"From: Do-Not-Reply@x.com"], "notification"),
    "donotreply": ([b"From: donotreply@x.com"], "notification"),
    "no_reply after a word": ([b"From: orders-no_reply@x.com"], "notification"),
}

PEOPLE = {
    "plain": [CY],
    "Auto-Submitted: no": [CY, b"Auto-Submitted: no"],
    "Auto-Submitted, empty": [CY, b"Auto-Submitted:"],
    "a list": [CY, b"Precedence: list", b"List-Id: <support.example.com>"],
    "a group": [CY, b"List-Unsubscribe: <mailto:u@x.com>", b"List-Post: <mailto:support@example.com>"],
    "asks for no automatic reply": [CY, b"X-Auto-Response-Suppress: All"],
    "X-Autoreply: no": [CY, b"X-Autoreply: no"],
    "Return-Path": [CY, b"Return-Path: <cy@x.com>"],
    "Return-Path, empty": [CY, b"Return-Path:"],
    "a calendar among others": [CY, b"Content-Type: multipart/mixed; boundary=text/calendar"],
    "ordinary Outlook": [CY, b"Content-class: urn:content-classes:message"],
    "an agent in a ticket system": [b"From: Ana (Support) <support@desk.test>", b"X-Ticket: 7"],
    "a name with no reply in it": [b"From: nora.replyson@x.com"],
    "a domain with no reply in it": [b"From: cy@noreply.test"],
}


@pytest.mark.parametrize(("lines", "kind"), SIGNS.values(), ids=SIGNS)
def test_signs_of_automated_mail(lines: list[bytes], kind: str) -> None:
    """Each sign gives its kind; where several apply, the first in the order of trust."""
    assert message(*lines).automated == kind


@pytest.mark.parametrize("lines", PEOPLE.values(), ids=PEOPLE)
def test_people_are_people(lines: list[bytes]) -> None:
    """What lists, groups and ordinary mailers add does not make a person's mail automated."""
    assert message(*lines).automated is None


def test_every_kind_has_a_rule_and_every_rule_a_source() -> None:
    """The table covers the kinds of the contract, and says where each sign is defined."""
    assert {rule.kind for rule in RULES} == set(AUTOMATED)
    assert all(rule.source for rule in RULES)
