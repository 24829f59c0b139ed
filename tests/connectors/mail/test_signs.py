"""The sign by which a mail counts as automated: said in words, out of a small fixed set."""

import pytest

from connectors.base import AUTOMATED
from connectors.mail.automated import EVIDENCE
from tests.connectors.mail.reading import DATE, read

CY = b"From: Cy <cy@x.com>"


@pytest.mark.parametrize(
    ("lines", "kind", "sign"),
    [
        ((CY, b"Precedence: bulk"), "bulk", "Precedence: bulk"),
        ((CY, b"Precedence: Junk (advert)"), "bulk", "Precedence: junk"),
        ((CY, b"List-Unsubscribe: <mailto:leave@x.com>", b"Precedence: bulk"), "bulk", "List-Unsubscribe"),
        ((b"From: no-reply@x.com",), "notification", "a no-reply sender"),
        ((CY, b"Auto-Submitted: auto-replied"), "auto_reply", "Auto-Submitted"),
        ((CY, b"X-Autoreply: yes"), "auto_reply", "X-Autoreply"),
        ((CY, b"Return-Path: <>"), "bounce", "Return-Path: <>"),
        ((CY, b"Content-Type: multipart/report; report-type=feedback-report"), "notification", None),
        ((CY, b"Subject: Accepted: lunch with ana@x.com"), "calendar", None),
    ],
)
def test_a_reading_names_the_sign_that_decided(lines: tuple[bytes, ...], kind: str, sign: str | None) -> None:
    """Of several signs it is the one that gave the kind."""
    found = read(*lines, DATE).sign
    assert found is not None
    assert found[0] == kind
    assert sign in {None, found[1]}


def test_mail_of_people_has_no_sign() -> None:
    """Nor has a sign that something refuted."""
    assert read(CY, DATE).sign is None
    assert read(CY, b"Precedence: bulk", b"In-Reply-To: <a@b.c>", DATE).sign is None


def test_a_sign_says_nothing_of_the_mail_itself() -> None:
    """It is one of the table's, whatever the values of the headers are, and short enough for a sentence."""
    known = {(evidence.kind, evidence.sign) for evidence in EVIDENCE}
    assert {kind for kind, _ in known} == set(AUTOMATED)
    assert all("@" not in sign and 0 < len(sign) < 60 for _, sign in known)
    hostile = read(CY, b"Subject: Abwesend: ask bo@x.com", b"Precedence: bulk; bo@x.com", DATE)
    assert hostile.sign in known
