"""What is left of a subject without prefixes, tags and remarks."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsignals.touches.subjects import read_subjects
from tests.mailsignals.archives import ANSWERS, ENDS, FRONTS
from tests.mailsignals.oracle_subjects import base_subject, is_reply, words

LONG = "x" * 40


def read(subject: str | None) -> dict[str, object]:
    """What the engine reads of a subject."""
    frame = pl.LazyFrame({"subject": [subject]}, schema={"subject": pl.String})
    return read_subjects(frame).collect().row(0, named=True)


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        # Prefixes, with counters and colons.
        ("Re: Offer", "offer"),
        ("RE[2]: Offer", "offer"),
        ("Re(2): Offer", "offer"),
        ("Re^2: Offer", "offer"),
        ("Re2: Offer", "offer"),
        ("Re [2] : Offer", "offer"),
        ("AW\uff1aOffer", "offer"),
        ("\u56de\u590d\uff1a Offer", "offer"),
        ("Re: AW: Fwd: SV: Offer", "offer"),
        ("Regarding: Offer", "regarding: offer"),
        ("Re offer", "re offer"),
        # Tags and tickets, in any order with prefixes.
        ("[EXTERNAL] Re: [support-list] Fwd: Offer", "offer"),
        ("Re: [EXTERNAL] Re: Offer", "offer"),
        (f"[{LONG}] Offer", "offer"),
        (f"[{LONG}x] Offer", f"[{LONG}x] offer"),
        ("[#4711] Offer", "offer"),
        ("[Case 004711] Offer", "offer"),
        ("[Case 47] Offer", "[case 47] offer"),
        ("[4711 Case] Offer", "[4711 case] offer"),
        ("[Case 1-4711] Offer", "[case 1-4711] offer"),
        ("(#4711) Offer", "offer"),
        ("(4711) Offer", "(4711) offer"),
        ("(Case 4711) Offer", "(case 4711) offer"),
        ("(external) Offer", "offer"),
        ("***SPAM*** Offer", "offer"),
        ("CAUTION: EXTERNAL: spam: Offer", "offer"),
        ("[PATCH v2 3/5] Offer", "[patch v2 3/5] offer"),
        ("Re: [2/2] Offer", "[2/2] offer"),
        # The end.
        ("Offer (was: Order)", "offer"),
        ("Offer [war: Re: Order 7]", "offer"),
        ("Re: Offer [#4711]", "offer"),
        ("Offer (#4711)", "offer"),
        ("Offer [Case 004711] (was: Order)", "offer"),
        ("Offer (was: Order (old) [1/2])", "offer"),
        ("Offer [was: [draft] Order]", "offer"),
        ("Offer (was: Order) (4711)", "offer (was: order) (4711)"),
        ("Offer (4711)", "offer (4711)"),
        ("Offer [draft]", "offer [draft]"),
        ("Offer (what was: unclear)", "offer (what was: unclear)"),
        # White space and case.
        ("  Re:\t New \n  OFFER ", "new offer"),
        # Nothing left.
        ("[EXTERNAL]", "[external]"),
        ("Re: [EXTERNAL]", "[external]"),
        ("[EXTERNAL] [#4711]", "[external] [#4711]"),
        ("[#4711] Re:", "[#4711]"),
        ("Re: [EXTERNAL] AW: [#4711] (was: Offer)", "[external] [#4711]"),
        ("(was: Offer)", ""),
        ("Re:", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_the_base_subject(subject: str | None, base: str) -> None:
    """By its definition, one example for each part of it."""
    assert read(subject)["base_subject"] == base
    assert base_subject(subject or "") == base


@pytest.mark.parametrize(
    ("subject", "reply"),
    [
        ("Re: Offer", True),
        ("[EXTERNAL] (external) [#4711] AW: Offer", True),
        ("  fwd : Offer", True),
        ("[PATCH 1/2] Re: Offer", False),
        ("Offer Re: Order", False),
        ("[Re: Offer]", False),
        (None, False),
    ],
)
def test_a_reply_starts_with_a_prefix(subject: str | None, reply: bool) -> None:
    """Tags before it do not count; tags that stay do."""
    assert read(subject)["is_reply"] is reply
    assert is_reply(subject or "") is reply


@pytest.mark.parametrize(
    ("subject", "topic"),
    [
        ("Accepted: Review", "review"),
        ("Re: Zugesagt : [EXTERNAL] Review", "review"),
        ("Accepted: Declined: Review", "review"),
        ("Accepted Review", "accepted review"),
        ("Accepted:", ""),
    ],
)
def test_the_topic_of_a_calendar_message_has_no_answer(subject: str, topic: str) -> None:
    """The word of an answer to an invitation and its colon are removed as well."""
    assert read(subject)["topic"] == topic
    assert base_subject(subject, answers=True) == topic


PIECES = st.sampled_from(
    (
        *FRONTS,
        *ENDS,
        *ANSWERS,
        *(f"{word}{colon}" for word in words("subject_prefixes") for colon in (":", " \uff1a ", "[3]: ")),
        *("topic ", "Topic", " ", "\t", "7", "Re", ":", "[", "]", "(", ")", "(was: ", "\u00a0", "\u00df"),
    )
)


@given(st.lists(PIECES, max_size=7).map("".join))
def test_the_engine_reads_subjects_as_the_definitions_do(subject: str) -> None:
    """Whatever stands beside whatever."""
    row = read(subject)
    assert row["base_subject"] == base_subject(subject)
    assert row["topic"] == base_subject(subject, answers=True)
    assert row["is_reply"] is is_reply(subject)
