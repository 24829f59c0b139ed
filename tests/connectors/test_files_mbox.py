import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.files import separators
from connectors.files.separators import HEAD_LIMIT, mails_in
from tests.connectors.writers import DIALECTS, ENVELOPE, Mail, a_mail, an_mbox, ids, mboxo, mboxrd, page_ids

LINES = (
    b"From bo@acme.test Mon Mar  2 10:00:00 2026",
    b">From bo@acme.test Mon Mar  2 10:00:00 2026",
    b"From ",
    b"From - ",
    b"From now on",
    b"Subject: in a body",
    b"Content-Length: 12",
    b"\x00\xfe\r",
    b"\r",
    b"",
    b"a" * 80,
)
BODIES = st.one_of(
    st.lists(st.sampled_from(LINES), max_size=12).map(b"\n".join),
    st.lists(st.sampled_from(LINES), max_size=12).map(lambda lines: b"\n".join([*lines, b""])),
    st.binary(max_size=60),
)
HEADERS = st.lists(
    st.sampled_from(
        [b"Received: by acme.test\n", b"Subject: folded\n From \n", b"X-Empty:\n", b"X-Odd: \xff\x01\n"]
    ),
    max_size=3,
).map(b"".join)
MAILBOXES = st.lists(st.builds(Mail, HEADERS.map(lambda more: a_mail(1).head + more), BODIES), max_size=6)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(MAILBOXES, st.sampled_from(sorted(DIALECTS)), st.integers(1, 400))
def test_mails_come_back_whatever_their_bodies_hold(written: list[Mail], dialect: str, most: int) -> None:
    """Every dialect gives the headers of each mail, wherever the reading of the file stops and goes on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(separators, "CHUNK", most)
        found = [
            mail.head.partition(b"Content-Length")[0]
            for mail in mails_in(io.BytesIO(DIALECTS[dialect](written)).read)
        ]
    assert found == [mail.head for mail in written]


@settings(max_examples=40, deadline=None)
@given(MAILBOXES, st.sampled_from(sorted(DIALECTS)), st.integers(0, 5))
def test_reading_goes_on_at_any_mail(written: list[Mail], dialect: str, first: int) -> None:
    """From the place of a mail on, the same mails are found as from the beginning."""
    content = DIALECTS[dialect](written)
    found = list(mails_in(io.BytesIO(content).read))
    for mail in found[first : first + 1]:
        assert list(mails_in(io.BytesIO(content[mail.start :]).read, mail.start)) == found[first:]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.lists(st.sampled_from([*LINES, ENVELOPE]), max_size=20).map(b"\n".join))
def test_any_bytes_are_read_without_an_error(content: bytes) -> None:
    """Whatever a file holds, reading it comes to an end, and mails do not overlap."""
    starts = [place for mail in mails_in(io.BytesIO(content).read) for place in (mail.start, mail.body)]
    assert starts == sorted(starts)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(
    MAILBOXES.map(lambda written: [a_mail(n, body=mail.body) for n, mail in enumerate(written)]), st.data()
)
def test_a_cut_file_gives_all_before_the_cut(written: list[Mail], data: st.DataObject) -> None:
    """Of a file that ends anywhere, the mails whose headers are whole are read."""
    content = mboxrd(written)
    length = data.draw(st.integers(0, len(content)))
    whole = [mail for mail in mails_in(io.BytesIO(content).read) if mail.body + 2 <= length]
    found = [mail for mail in mails_in(io.BytesIO(content[:length]).read) if mail.defect is None]
    assert found == whole


@pytest.mark.parametrize(
    "line",
    [
        b"From bo@acme.test Thu Jan  1 00:00:00 1970",
        b"From mboxrd@z Thu Jan 1 00:00:00 1970",
        b"From 1234567890123456789@xxx Thu Jan 01 00:00:00 +0000 1970",
        b"From - Tue Sep 27 08:00:00 2022",
        b"From - ",
        b"From ",
        b"From ???@??? Sun Jan 00 00:00:00 1900",
        b"From MAILER-DAEMON Fri Jul  8 12:08:34 2011",
        b"From bo at acme.test  Tue Jan  3 10:00:00 2023",
        b'From "Bo Li"@acme.test Tue Jan  3 10:00:00 2023',
        b"From Bo Li <bo@acme.test> Tue Jan  3 10:00:00 2023",
        b"From bo@acme.test Tue Jan  3 10:00 CET 2023 remote from relay",
        b"From bo@acme.test Tue, 3 Jan 2023 10:00:00 +0100",
        b"From bo@acme.test 2023-01-03T10:00:00Z",
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_separators_in_use_are_known(tmp_path: Path, line: bytes, end: bytes) -> None:
    """The separators that mail programs, servers and exports write divide mails, with either line end."""
    text = b"".join(line + b"\n" + a_mail(number).text + b"\n" for number in range(3))
    assert ids(an_mbox(tmp_path / "a.mbox", text.replace(b"\n", end))) == ["0", "1", "2"]


@pytest.mark.parametrize(
    "body",
    [
        b"as you say:\nFrom bo@acme.test Mon Mar  2 10:00:00 2026\nSubject: no empty line before\n",
        b"\nFrom bo@acme.test Mon Mar  2 10:00:00 2026\nno header after\n",
        b"\nFrom now on, Mon Mar  2 10:00:00 2026 is the date\nNote: it is\n",
        b"\nFrom bo@acme.test\nSubject: no date\n",
        b"\nFrom \nthe beginning\n",
        b"\nFrom 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: Bo <bo@acme.test>\n",
    ],
)
def test_a_line_in_a_body_is_no_separator(tmp_path: Path, body: bytes) -> None:
    """In a file written without care, a line of a body divides mails only if it looks like it from all sides."""
    text = b"".join(ENVELOPE + a_mail(number, body=body).text + b"\n" for number in range(2))
    assert ids(an_mbox(tmp_path / "a.mbox", text)) == ["0", "1"]


@pytest.mark.parametrize("length", [b"0", b"1", b"3", b"100000", b"999999999999999", b"-1", b"x"])
def test_a_wrong_content_length_is_not_believed(tmp_path: Path, length: bytes) -> None:
    """Where ``Content-Length`` leads to no separator, the next separator counts."""
    text = mboxo(a_mail(number, more=b"Content-Length: " + length + b"\n") for number in range(3))
    assert ids(an_mbox(tmp_path / "a.mbox", text)) == ["0", "1", "2"]


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\n\n", b"\r\n \r\n", b"\xef\xbb\xbf\n"])
def test_the_first_mail_may_be_preceded_by_nothing_much(tmp_path: Path, before: bytes) -> None:
    """A byte order mark and empty lines before the first separator do not matter."""
    assert ids(an_mbox(tmp_path / "a.mbox", before + mboxo([a_mail(0), a_mail(1)]))) == ["0", "1"]


@pytest.mark.parametrize("end", [0, 1, 2])
def test_the_last_line_end_may_be_missing(tmp_path: Path, end: int) -> None:
    """A last mail without a body, or without its last line ends, is read like any other."""
    text = mboxo([a_mail(0), a_mail(1, body=b"")]).rstrip(b"\n") + b"\n" * end
    assert ids(an_mbox(tmp_path / "a.mbox", text)) == ["0", "1"]


def test_headers_of_any_size_cost_bounded_memory(tmp_path: Path) -> None:
    """Of more than 1 MiB of headers the first are read, the rest is passed over, and the cut is reported."""
    big = a_mail(1, more=b"X-Big: " + b"x" * 70 + b"\n" + b" y\n" * 1_000_000)
    (page,) = an_mbox(tmp_path / "a.mbox", mboxo([a_mail(0), big, a_mail(2)])).pages()
    assert page_ids(page) == ["0", "1", "2"]
    assert page.defects["headers_cut"] == 1
    content = io.BytesIO((tmp_path / "a.mbox").read_bytes())
    assert max(len(mail.head) for mail in mails_in(content.read)) <= HEAD_LIMIT


@pytest.mark.parametrize("body", [b"", b"\nFrom here\n" * 100, b"x" * 20_000], ids=["none", "decoys", "long"])
def test_a_file_of_any_size_takes_the_same_memory(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a window of the file is in memory, whatever it is full of."""
    monkeypatch.setattr(separators, "CHUNK", 10_000)
    content = mboxo([a_mail(1, body=body)] * (2_000_000 // (len(body) + 500)))
    tracemalloc.start()
    try:
        found = sum(1 for _ in mails_in(io.BytesIO(content).read))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == content.count(b"Message-ID")
    assert peak < 500_000
