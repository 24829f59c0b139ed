"""Ids and references."""

import pytest

from connectors.mail.ids import FIRST_REFERENCES, MAX_ID, MAX_REFERENCES
from tests.connectors.mail.reading import DATE, message, read

MESSAGE_IDS = {
    "usual": ([b"Message-ID: <a@x>"], "a@x"),
    "any case of the name": ([b"MESSAGE-id: <a@x>"], "a@x"),
    "case is kept": ([b"Message-ID: <Ab@X>"], "Ab@X"),
    "folded": ([b"Message-ID:", b" <a@x>"], "a@x"),
    "blanks inside": ([b"Message-ID: < a b @x >"], "ab@x"),
    "no brackets": ([b"Message-ID: a@x"], "a@x"),
    "no brackets, a comment": ([b"Message-ID: a@x (added by postmaster@y)"], "a@x"),
    "a comment after": ([b"Message-ID: <a@x> (added)"], "a@x"),
    "no closing bracket": ([b"Message-ID: <a@x"], "a@x"),
    "no opening bracket": ([b"Message-ID: a@x>"], "a@x"),
    "doubled brackets": ([b"Message-ID: <<a@x>>"], "a@x"),
    "empty": ([b"Message-ID: <>"], None),
    "none": ([], None),
    "two in one header": ([b"Message-ID: <a@x> <b@x>"], "a@x"),
    "two headers, the first empty": ([b"Message-ID:", b"Message-ID: <b@x>", b"Message-ID: <c@x>"], "b@x"),
    "no at-sign": ([b"Message-ID: <12345>"], "12345"),
}


@pytest.mark.parametrize(("lines", "expected"), MESSAGE_IDS.values(), ids=MESSAGE_IDS)
def test_message_id(lines: list[bytes], expected: str | None) -> None:
    """The id stands without brackets and white space; none is None."""
    assert message(b"From: ana@x.com", *lines).message_id == expected


REFERENCES = {
    "references, then in-reply-to": (
        [b"In-Reply-To: <c@x>", b"References: <a@x> <b@x>"],
        ("a@x", "b@x", "c@x"),
    ),
    "no repeats": ([b"References: <a@x> <b@x> <a@x>", b"In-Reply-To: <b@x>"], ("a@x", "b@x")),
    "folded": ([b"References: <a@x>", b"\t<b@x>", b" <c@x>"], ("a@x", "b@x", "c@x")),
    "folded within an id": ([b"References: <a", b" @x> <b@x>"], ("a@x", "b@x")),
    "commas": ([b"References: <a@x>,<b@x>"], ("a@x", "b@x")),
    "no blanks": ([b"References: <a@x><b@x>"], ("a@x", "b@x")),
    "no brackets": ([b"References: a@x b@x"], ("a@x", "b@x")),
    "a bracket missing": ([b"References: <a@x <b@x>"], ("a@x", "b@x")),
    "empty ones": ([b"References: <> <a@x>"], ("a@x",)),
    "two headers": ([b"References: <a@x>", b"References: <b@x>"], ("a@x", "b@x")),
    "prose": ([b'In-Reply-To: Your message of "Mon, 2 Mar 2026 10:00:00 GMT." <a@x>'], ("a@x",)),
    "prose that names the author": (
        [b"To: bo@x.com", b"In-Reply-To: Message from Bo <bo@x.com> <a@x>"],
        ("a@x",),
    ),
    "a comment that names the author": ([b"In-Reply-To: <a@x> (Bo <bo@y.com> of Monday)"], ("a@x",)),
    "brackets in an id": ([b"References: <a(1)@x> <b@x>"], ("a(1)@x", "b@x")),
    "a comment that never ends": ([b"References: ( <a@x> <b@x>"], ("a@x", "b@x")),
    "prose without an id": ([b"In-Reply-To: your mail of Monday"], ()),
}


@pytest.mark.parametrize(("lines", "expected"), REFERENCES.values(), ids=REFERENCES)
def test_references(lines: list[bytes], expected: tuple[str, ...]) -> None:
    """The ids of References, then of In-Reply-To, in order, once each; words and addresses are no ids."""
    assert message(b"From: ana@x.com", *lines).references == expected


def test_five_hundred_references_are_all_kept() -> None:
    """What real threads reach is never cut."""
    ids = [f"{number}@x" for number in range(500)]
    line = b"References:" + b"".join(f"\n <{name}>".encode() for name in ids)
    reading = read(b"From: ana@x.com", line, DATE)
    assert reading.message is not None
    assert list(reading.message.references) == ids
    assert not reading.defects


def test_too_many_references_keep_the_root_and_the_newest() -> None:
    """Past the bound the first few and the last are kept, and the cut is counted."""
    ids = [f"{number}@x" for number in range(3_000)]
    reading = read(b"From: ana@x.com", b"References: " + " ".join(f"<{name}>" for name in ids).encode(), DATE)
    assert reading.message is not None
    kept = reading.message.references
    assert list(kept) == ids[:FIRST_REFERENCES] + ids[FIRST_REFERENCES - MAX_REFERENCES :]
    assert len(kept) == MAX_REFERENCES
    assert reading.defects == ("cut_references",)


def test_a_long_id_is_cut_alike_wherever_it_stands() -> None:
    """An id over the bound still ties a mail to its answer."""
    long = b"<" + b"a" * 5_000 + b"@x>"
    reading = read(b"From: ana@x.com", b"Message-ID: " + long, b"References: " + long, DATE)
    assert reading.message is not None
    assert reading.message.references == (reading.message.message_id,)
    assert len(reading.message.references[0]) == MAX_ID
    assert reading.defects == ("cut_id",)
