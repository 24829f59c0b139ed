"""Whether a part of a mail is a calendar, by the headers of its parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail.parts import CALENDAR_SIGN, LIMIT, mark_calendar

TOP = b'From: cy@x.com\nContent-Type: multipart/alternative; boundary="b1"\n'
TEXT = b"--b1\nContent-Type: text/plain\n\nHello\n"
CALENDAR = b"--b1\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\n"
END = b"--b1--\n"


def marked(head: bytes, body: bytes) -> bool:
    """Whether the headers get the sign of a calendar, of a mail that is followed by others."""
    data = b"before" + head + b"\n" + body + b"\nFrom x\nContent-Type: text/calendar\n\n"
    asked = []

    def read(length: int) -> tuple[bytes, int]:
        asked.append(length)
        return data, len(b"before" + head) - 1

    found = mark_calendar(head, read)
    assert found in {head, head + CALENDAR_SIGN, head + b"\n" + CALENDAR_SIGN}
    assert max(asked, default=0) <= LIMIT
    return found != head


NESTED = (
    b"--b1\nContent-Type: multipart/mixed;\n boundary=b2\n\n"
    b"--b2\n\nx\n--b2\ncontent-type:\n\ttext/calendar\n\n--b2--\n"
)

WITH = {
    "a part": (TOP, TEXT + CALENDAR + END),
    "the first part": (TOP, CALENDAR + END),
    "after a preamble": (TOP, b"This is MIME.\n" + TEXT + CALENDAR + END),
    "any case, folded": (TOP, TEXT + b"--b1\nCONTENT-TYPE:\n TEXT/Calendar\n\n" + END),
    "among other headers of the part": (TOP, b"--b1\nContent-ID: <a>\nContent-Type: text/calendar\n\n" + END),
    "a boundary without quotes": (TOP.replace(b'"', b""), CALENDAR + END),
    "top headers in capitals": (
        TOP.replace(b"Content-Type", b"CONTENT-TYPE").replace(b"multi", b"MULTI"),
        CALENDAR,
    ),
    "top headers folded": (TOP.replace(b"; ", b";\n\t"), CALENDAR + END),
    "within a part": (TOP, TEXT + NESTED + END),
    "no end": (TOP, TEXT + CALENDAR),
    "after a long text": (TOP, TEXT + b"x" * 60_000 + b"\n" + CALENDAR + END),
    "CRLF": (TOP.replace(b"\n", b"\r\n"), (TEXT + CALENDAR + END).replace(b"\n", b"\r\n")),
}

WITHOUT = {
    "no part": (b"From: cy@x.com\n", CALENDAR),
    "plain text": (b"Content-Type: text/plain; boundary=b1\n", CALENDAR),
    "parts of text": (TOP, TEXT + TEXT + END),
    "in a body": (TOP, TEXT + b"Content-Type: text/calendar\n\n" + END),
    "after the end": (TOP, TEXT + END + CALENDAR),
    "of another boundary": (TOP, TEXT + CALENDAR.replace(b"b1", b"c1") + END),
    "in an attached mail": (
        TOP,
        b"--b1\nContent-Type: message/rfc822\n\nContent-Type: text/calendar\n\n" + END,
    ),
    "beyond the limit": (TOP, TEXT + b"x\n" * (LIMIT // 2) + CALENDAR + END),
    "no boundary": (b"Content-Type: multipart/mixed\n", CALENDAR),
    "the name of a file": (TOP, b"--b1\nContent-Type: application/x; name=text/calendar\n\n" + END),
}


@pytest.mark.parametrize(("head", "body"), WITH.values(), ids=WITH)
def test_a_calendar_among_the_parts_is_found(head: bytes, body: bytes) -> None:
    """Wherever it stands, however its headers are written."""
    assert marked(head, body)


@pytest.mark.parametrize(("head", "body"), WITHOUT.values(), ids=WITHOUT)
def test_nothing_else_is_a_calendar(head: bytes, body: bytes) -> None:
    """Bodies, attached mails, what follows the mail and what lies far down are not looked at."""
    assert not marked(head, body)


_PIECES = st.sampled_from(
    [TEXT, CALENDAR, NESTED, END, b"--b1", b"--b2\n", b"\n", b"\r\n", b"--", b'boundary="', TOP]
)


@given(
    st.lists(_PIECES | st.binary(max_size=8), max_size=12).map(b"".join),
    st.lists(_PIECES, max_size=12).map(b"".join),
)
def test_no_mail_makes_the_search_fail(head: bytes, body: bytes) -> None:
    """Whatever the bytes, the headers stay as they are but for the sign."""
    marked(head, body)
