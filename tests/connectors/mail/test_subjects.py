"""What is taken off a subject line, alike in Python and in polars."""

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail.subjects import is_reply_subject, subject_patterns, without_tags
from connectors.mail.word_lists import WordListError, read_word_list, words_of

PREFIXES = words_of("subject_prefixes")["prefix"]
COUNTERS = ["", "[2]", "(3)", "^2", " 2", "[12]"]
COLONS = [":", " :", "\uff1a", "\u00a0:"]
TAGS = [
    "[EXTERNAL]",
    "[support-list]",
    "(external)",
    "***SPAM***",
    "EXTERNAL:",
    "Caution:",
    "[#4711]",
    "[Case 004711]",
]


def front_in_polars(subject: str) -> str:
    """What polars leaves of a subject after tags and prefixes."""
    return str(pl.Series([subject]).str.replace(subject_patterns().front, "").item())


@pytest.mark.parametrize("word", PREFIXES)
def test_every_prefix_leads_a_reply(word: str) -> None:
    """In any case, with counters and colons of all kinds, after tags or none."""
    for counter in COUNTERS:
        for colon in COLONS:
            for written in (word, word.upper(), word.lower()):
                if (
                    "\u0307" in written
                ):  # what lower() makes of a capital I with a dot is no letter that anybody types
                    continue
                subject = f"{written}{counter}{colon} Offer 7"
                assert is_reply_subject(subject), subject
                assert is_reply_subject(f"[EXTERNAL] {subject}")
                assert front_in_polars(subject) == "Offer 7"


@pytest.mark.parametrize(
    "subject",
    [
        "Rest: open",
        "Reply needed",
        "Agenda: Monday",
        "",
        "[list] Offer",
        "Re offer",
        "Offer Re: list",
        "Res Ipsa",
    ],
)
def test_other_words_lead_none(subject: str) -> None:
    """A prefix is a whole word with a colon, at the front."""
    assert not is_reply_subject(subject)


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_is_taken_off_and_makes_no_reply(tag: str) -> None:
    """Tags come before, between and after prefixes."""
    assert without_tags(f"{tag} Offer") == "Offer"
    assert not is_reply_subject(f"{tag} Offer")
    assert front_in_polars(f"{tag} Re: {tag} Offer") == "Offer"


@pytest.mark.parametrize(
    "tag", ["[PATCH v2 3/5]", "[2/2]", "(4711)", "[#12]", "[2026-01 x]", f"[{'x' * 41}]"]
)
def test_a_tag_that_tells_mails_apart_stays(tag: str) -> None:
    """Numbers that are no ticket's."""
    assert front_in_polars(f"{tag} Offer") == f"{tag} Offer"


@pytest.mark.parametrize(
    "end", ["(was: Offer of May)", "[war: Angebot]", "[#4711]", "(#4711)", "[Case 004711]"]
)
def test_a_remark_is_taken_off_the_end(end: str) -> None:
    """Also a ticket, and several of them."""
    for subject in (f"Offer {end}", f"Offer {end} {end} "):
        assert re.sub(subject_patterns().end, "", subject) == "Offer"
        assert pl.Series([subject]).str.replace(subject_patterns().end, "").item() == "Offer"


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from([*PREFIXES, *TAGS, ":", " ", "[", "]", "x", "4711"])).map("".join)
)
def test_python_and_polars_read_alike(subject: str) -> None:
    """Whatever the subject; nothing is so odd that reading it fails."""
    patterns = subject_patterns()
    column = pl.Series([subject])
    for pattern in (patterns.front, patterns.tags, patterns.pieces, patterns.end):
        assert column.str.replace(pattern, "").item() == re.sub(pattern, "", subject, count=1)
    assert column.str.contains(patterns.reply).item() == is_reply_subject(subject)


def test_a_word_has_one_meaning() -> None:
    """Else the file is refused, with both places and the word."""
    with pytest.raises(WordListError, match=r'words\.toml: declined\.de: "Ja" is already in accepted\.de'):
        read_word_list('sources = ["a"]\n[accepted]\nde = ["ja"]\n[declined]\nde = ["Ja"]', name="words.toml")
