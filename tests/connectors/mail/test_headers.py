"""The header block, however it was mangled."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail import headers_from_pairs, split_headers
from connectors.mail.headers import ALLOWED, MAX_FIELDS, MAX_HOPS, MAX_VALUE
from tests.connectors.mail.reading import DATE, read

TWO = {"from": ["a@x.com"], "to": ["b@x.com"]}

BLOCKS = {
    "LF": b"From: a@x.com\nTo: b@x.com\n\nCc: c@x.com\n",
    "CRLF": b"From: a@x.com\r\nTo: b@x.com\r\n\r\nCc: c@x.com\r\n",
    "CR": b"From: a@x.com\rTo: b@x.com\r\rCc: c@x.com\r",
    "mixed": b"From: a@x.com\r\nTo: b@x.com\n\r\nCc: c@x.com",
    "CR CR LF": b"From: a@x.com\r\r\nTo: b@x.com\r\r\n\r\r\nCc: c@x.com",
    "no blank line": b"From: a@x.com\nTo: b@x.com",
    "blank lines before": b"\n\nFrom: a@x.com\nTo: b@x.com\n\n",
    "byte order mark": b"\xef\xbb\xbfFrom: a@x.com\nTo: b@x.com\n\n",
    "NULs": b"Fr\0om: a@x.com\nTo: b@\0x.com\n\n",
    "envelope line": b"From a@x.com Mon Mar  2 10:00:00 2026\nFrom: a@x.com\nTo: b@x.com\n\n",
    "quoted envelope line": b">From a@x.com Mon Mar  2 10:00:00 2026\nFrom: a@x.com\nTo: b@x.com\n\n",
    "any case, blanks before the colon": b"FROM : a@x.com\ntO\t:b@x.com\n\n",
    "others": b"X-Secret: 1\nFrom: a@x.com\n__proto__: {}\nTo: b@x.com\nDKIM-Signature: x\n y\n\n",
    "folded": b"From:\n a@x.com\nX-Other: 1\n\t2\nTo:\t\n\tb@x.com\n\n",
}


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_a_block_gives_the_headers_that_we_read(block: bytes) -> None:
    """Whatever the line ends and the rubbish around, the same values come out, and nothing of the body."""
    headers = split_headers(block)
    assert headers.values == TWO
    assert not headers.defects


def test_pairs_of_an_api_are_the_same_headers() -> None:
    """Names in any case, folded values and half characters give what a file would."""
    pairs = [("FROM", "a@x.com"), ("__proto__", "x"), ("to", "\r\n b@x.com"), ("Subject", "a\ud800\0b")]
    assert headers_from_pairs(pairs).values == {**TWO, "subject": ["a?b"]}


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*ALLOWED, "X-Other", "X-MS-Exchange-Calendar-Any"]),
            st.sampled_from([str, str.lower, str.upper]),
            st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=30),
        ),
        max_size=12,
    )
)
def test_pairs_and_text_give_the_same_headers(fields: list[tuple[str, Callable[[str], str], str]]) -> None:
    """The names and values of an API give what the header block of the same email gives."""
    pairs = [(written(name), value) for name, written, value in fields]
    block = "".join(f"{name}: {value}\n" for name, value in pairs).encode()
    assert headers_from_pairs(pairs) == split_headers(block)


def test_duplicates_are_kept_in_order() -> None:
    """A header that appears twice has two values."""
    assert split_headers(b"To: b@x.com\nFrom: a@x.com\nto: c@x.com").all("to") == ["b@x.com", "c@x.com"]


def test_past_a_broken_line_no_header_is_taken_twice() -> None:
    """Where the blank line is missing, the headers of a quoted mail are not this mail's."""
    headers = split_headers(
        b"From: a@x.com\nTo: b@x.com\nHello Bo,\nTo: eve@evil.test\nSubject: still mine\n"
    )
    assert headers.values == {**TWO, "subject": ["still mine"]}
    assert headers.defects == ("broken_line",)


@pytest.mark.parametrize(
    ("written", "subject", "defects"),
    [
        ("Müller".encode(), "Müller", ()),
        ("Müller".encode("latin-1"), "Müller", ("not_utf8",)),
        ("“Müller” €".encode("cp1252"), "“Müller” €", ("not_utf8",)),
        (b"\x81", "", ("not_utf8",)),
    ],
)
def test_raw_letters_are_utf8_or_else_western(written: bytes, subject: str, defects: tuple[str, ...]) -> None:
    """8-bit text is UTF-8 (RFC 6532); where it is not, Windows-1252, and that is counted."""
    reading = read(b"From: a@x.com", b"X-Other: \xc3\xa9", b"Subject: " + written, DATE)
    assert reading.message is not None
    assert (reading.message.subject, reading.defects) == (subject, defects)


def test_a_huge_header_is_cut_between_addresses() -> None:
    """A header over the bound loses its end, never half an address, and the cut is counted."""
    headers = split_headers(b"To: " + b", ".join(b"u%d@x.com" % number for number in range(100_000)))
    (value,) = headers.all("to")
    assert len(value) <= MAX_VALUE
    assert value.rstrip(", ").endswith("@x.com")
    assert headers.defects == ("header_too_long",)


def test_a_huge_header_that_we_do_not_read_leaves_nothing() -> None:
    """A megabyte under another name is neither kept nor a defect."""
    headers = split_headers(b"X-Huge: " + b"x" * 1_000_000 + b"\nFrom: a@x.com\nTo: b@x.com")
    assert (headers.values, headers.defects) == (TWO, ())


def test_many_headers_of_one_name_are_bounded() -> None:
    """Ten thousand hops leave the newest; ten thousand To headers leave a thousand, which is counted."""
    hops = split_headers(b"".join(b"Received: by %d; x\n" % number for number in range(10_000)))
    assert [len(hops.all("received")), hops.first("received"), hops.defects] == [MAX_HOPS, "by 0; x", ()]
    fields = split_headers(b"To: a@x.com\n" * 10_000)
    assert [len(fields.all("to")), fields.defects] == [MAX_FIELDS, ("too_many_headers",)]


def test_the_digest_knows_the_mail_and_nothing_else() -> None:
    """Another export of a mail (line ends, folding, labels, status) has the same id; another mail has not."""
    first = split_headers(b"Message-ID: <a@x>\nTo: b@x.com,\n c@x.com\nX-Gmail-Labels: Inbox\nStatus: RO\n\n")
    again = split_headers(
        b"To: b@x.com,\r\n\tc@x.com\r\nMessage-id: <a@x>\r\nX-Gmail-Labels: Work,Inbox\r\n\r\n"
    )
    other = split_headers(b"Message-ID: <a2@x>\nTo: b@x.com,\n c@x.com\n\n")
    assert first.digest() == again.digest()
    assert first.digest() != other.digest()
    assert len(first.digest()) == 32


def test_the_allow_list_holds_no_body_and_no_secret() -> None:
    """Nothing but what the message table needs is read."""
    assert len(set(ALLOWED)) == len(ALLOWED)
    assert not {"authorization", "dkim-signature", "x-originating-ip"} & {name.lower() for name in ALLOWED}
