"""Which lines divide the mails of an mbox, and which are text."""

import io
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.files.separator_lines import LineVerdict, judge
from connectors.files.separators import UNCLEAR_SEPARATOR, WEAK_SEPARATOR, mails_in
from tests.connectors.writers import a_mail, an_mbox, ids

SENDERS = (
    b"ana@us.test",
    b"Ana Silva <ana@us.test>",
    b'"Ana Silva" <ana@us.test>',
    b'"Ana Silva"',
    b"Ana Silva",
    b"MAILER-DAEMON",
    b"-",
    b"???@???",
    b"ana at us.test",
    b'"/O=ACME CORP/OU=FIRST/CN=RECIPIENTS/CN=ANA"',
    "Zoë Ångström".encode(),
    b"",
)
DATES = (
    b"Mon Sep  7 10:00:00 2026",
    b"Mon Sep 07 10:00:00 2026",
    b"Mon Sep  7 10:00 2026",
    b"Mon Sep  7 10:00:00 CEST 2026",
    b"Mon Sep  7 10:00:00 +0200 2026",
    b"Mon Sep  7 10:00:00 2026 +0200",
    b"Mon Sep  7 10:00:00 2026 +02:00",
    b"Mon Sep  7 10:00:00 2026 GMT",
    b"Mon Sep 07 2026 10:00:00 GMT+0200 (Central European Summer Time)",
    b"Mon, 7 Sep 2026 10:00:00 +0200",
    b"Mon, 07 Sep 2026 10:00:00 +0200 (CEST)",
    b"7 Sep 2026 10:00:00",
    b"Monday, September 7, 2026 10:00:00 AM",
    b"2026-09-07T10:00:00Z",
    b"2026-09-07 10:00:00+02:00",
    b"2026-09-07 10:00:00 Europe/Berlin",
    b"07/09/2026 10:00:00",
    b"Sun Jan 00 00:00:00 1900",
)
TEXTS = (
    b"From now on we meet on Mondays.",
    b"From Ana, on Mon Sep  7 10:00:00 2026, we had this:",
    b"From the office at 10:00",
    b"From Ana Silva Mon Sep  7 10:00:00 2026",
    b"From ana@us.test Mon Sep  7 10:00:00 2026",
    b">From ana@us.test Mon Sep  7 10:00:00 2026",
    b"From ",
    b"From: Ana Silva",
)
PROSE = (
    b"and then we went home.",
    b"Hello there: not a header",
    b"  indented",
    b"- a list",
)
SEPARATORS = st.builds(
    lambda who, date: b"From " + who + b" " * bool(who) + date,
    st.sampled_from(SENDERS),
    st.sampled_from(DATES),
)


@st.composite
def mailboxes(draw: st.DrawFn) -> tuple[list[bytes], bytes]:
    """Ids of mails, and an mbox with these: its separators, empty lines, line ends and order of headers vary."""
    end = draw(st.sampled_from([b"\n", b"\r\n"]))
    blank = draw(st.integers(0, 2))
    names, content = [], b""
    for number in range(draw(st.integers(1, 5))):
        headers = draw(st.permutations(a_mail(number).head.replace(b"\n ", b" ").splitlines()))
        lines = draw(st.lists(st.sampled_from(TEXTS), max_size=3))
        body = [line for text in lines for line in (text, draw(st.sampled_from(PROSE)))]
        content += end.join([draw(SEPARATORS), *headers, b"", *body, b"Bye", *[b""] * blank, b""])
        names.append(str(number).encode())
    return names, content


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(mailboxes())
def test_a_date_and_a_header_line_divide_mails(written: tuple[list[bytes], bytes]) -> None:
    """Mails are found whatever the sender, the date, the line ends and the lines before; text with dates is text."""
    names, content = written
    found = [
        mail.head.partition(b"Message-ID: <")[2].partition(b"@")[0]
        for mail in mails_in(io.BytesIO(content).read)
    ]
    assert found == names


@settings(max_examples=60, deadline=None)
@given(SEPARATORS, st.sampled_from(["after an empty line", "after text"]))
def test_a_separator_needs_no_empty_line(line: bytes, before: str) -> None:
    """A line without an empty one before it is a separator too, on weaker evidence."""
    verdict = judge(
        line + b"\nReceived: by us.test\nDate: x\n\n", 0, after_blank=before == "after an empty line"
    )
    assert verdict in {LineVerdict.SEPARATOR, LineVerdict.WEAK}
    if before == "after text":
        assert verdict is LineVerdict.WEAK


@settings(max_examples=60, deadline=None)
@given(SEPARATORS, st.sampled_from(PROSE))
def test_a_date_alone_divides_nothing(line: bytes, after: bytes) -> None:
    """Without a header line after it, a line with a date is text, and counted as unclear."""
    assert judge(line + b"\n" + after + b"\nmore text\n", 0, after_blank=False) is LineVerdict.UNCLEAR


def test_doubtful_places_are_counted() -> None:
    """What was taken without an empty line, and what was left although it looks like a separator, is counted."""
    line = b"From ana@us.test Mon Sep  7 10:00:00 2026\n"
    content = b"".join(line + a_mail(number).text for number in range(3)) + line + b"not a header\n"
    doubts: Counter[str] = Counter()
    assert len(list(mails_in(io.BytesIO(content).read, doubts=doubts))) == 3
    assert doubts == {WEAK_SEPARATOR: 2, UNCLEAR_SEPARATOR: 1}


def test_doubts_reach_the_page(tmp_path: Path) -> None:
    """An mbox reports its doubtful places with its defects."""
    line = b"From ana@us.test Mon Sep  7 10:00:00 2026\n"
    box = an_mbox(tmp_path / "a.mbox", b"".join(line + a_mail(number).text for number in range(3)))
    (page,) = box.pages()
    assert page.defects == {WEAK_SEPARATOR: 2}


def test_a_length_that_fits_leaves_no_doubt() -> None:
    """What lies within a body whose length leads to the next separator is text, however it looks."""
    line = b"From ana@us.test Mon Sep  7 10:00:00 2026\n"
    body = b"Hello\n" + line + b"Subject: forwarded\n\nBye\n"
    content = b"".join(
        line + a_mail(number, more=b"Content-Length: %d\n" % len(body), body=body).text for number in range(3)
    )
    doubts: Counter[str] = Counter()
    assert len(list(mails_in(io.BytesIO(content).read, doubts=doubts))) == 3
    assert not doubts


def test_a_mail_may_have_no_body_at_all(tmp_path: Path) -> None:
    """A separator right after the headers ends them."""
    line = b"From Ana Silva Mon Sep  7 10:00:00 2026\n"
    assert ids(an_mbox(tmp_path / "a.mbox", b"".join(line + a_mail(number).head for number in range(3)))) == [
        "0",
        "1",
        "2",
    ]


@pytest.mark.parametrize("digits", [40, 64])
def test_a_patch_is_no_mail(digits: int) -> None:
    """What git writes before a patch divides nothing."""
    line = b"From " + b"0" * digits + b" Mon Sep 17 00:00:00 2001\nFrom: Bo <bo@acme.test>\nDate: x\n\n"
    assert judge(line, 0, after_blank=True) is LineVerdict.TEXT
