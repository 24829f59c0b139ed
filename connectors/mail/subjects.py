"""The beginning and the end of a subject line: prefixes of replies, tags, tickets and remarks.

The patterns have the same meaning in Python's ``re`` and in polars.
"""

import functools
import itertools
import re
import unicodedata
from typing import NamedTuple

from connectors.mail.word_lists import alternatives, words_of

_TICKET = r"\[[^\[\]\d]{0,37}\d{3,37}\s*\]|\(#\d{3,37}\)"
_TAG = rf"(?:\[[^\[\]\d]{{1,40}}\]|{_TICKET}|\(external\)|\*+\s*spam\s*\*+|(?:external|caution|spam)\s*[:\uFF1A])"
_COUNTER = r"(?:\s*(?:\[\d+\]|\(\d+\)|\^\d+|\d+))?"
_REMARK = (
    r"(?:\((?:was|war)\s*[:\uFF1A](?:[^()]|\([^()]*\))*\)"
    r"|\[(?:was|war)\s*[:\uFF1A](?:[^\[\]]|\[[^\[\]]*\])*\])"
)
_COLON = re.compile("[:\uff1a]")
# Turkish has an i with a dot and one without, which lower-casing confuses.
_ALIKE = {0x131: "i", 0x307: None, 0x2019: "'"}
_TAGS_BEGIN = frozenset("[(*ecs\u017f")
"""The first characters of tags in lower case; the last is the long s, which patterns take for one."""
_AT_THE_END = " \t.!\u2026\u3002"


class SubjectPatterns(NamedTuple):
    """Regular expressions over a whole subject line; each ignores case."""

    front: str
    """All tags and prefixes at the front, with the white space around them."""
    meeting_front: str
    """All tags, prefixes and words of responses to invitations at the front."""
    reply: str
    """Matches where a prefix of a reply or forward leads the subject; tags before it don't count."""
    tags: str
    """The tags at the front alone."""
    pieces: str
    """Each piece of a subject that consists of prefixes, tags and remarks; group 1 is set for a tag."""
    meeting_pieces: str
    """Each piece that ``pieces`` matches, and those with words of responses to invitations."""
    end: str
    """Remarks and tickets at the end."""


@functools.cache
def subject_patterns() -> SubjectPatterns:
    """Return the patterns, with the shipped prefixes of all languages."""
    prefix = rf"(?:{alternatives(words_of('subject_prefixes')['prefix'])}){_COUNTER}\s*[:\uFF1A]"
    answers = alternatives(tuple(itertools.chain(*words_of("invitation_answers").values())))
    answer = rf"(?:{answers})\s*[:\uFF1A]"
    return SubjectPatterns(
        front=rf"(?i)^\s*(?:(?:{prefix}|{_TAG})\s*)+",
        meeting_front=rf"(?i)^\s*(?:(?:{prefix}|{_TAG}|{answer})\s*)+",
        reply=rf"(?i)^\s*(?:{_TAG}\s*)*{prefix}",
        tags=rf"(?i)^\s*(?:{_TAG}\s*)+",
        pieces=rf"(?i)({_TAG})|{prefix}|{_REMARK}",
        meeting_pieces=rf"(?i)({_TAG})|{prefix}|{answer}|{_REMARK}",
        end=rf"(?i)(?:\s*(?:{_REMARK}|{_TICKET}))+\s*$",
    )


@functools.cache
def _compiled() -> tuple[re.Pattern[str], re.Pattern[str]]:
    patterns = subject_patterns()
    return re.compile(patterns.reply), re.compile(patterns.tags)


def is_reply_subject(subject: str) -> bool:
    """Return whether the subject begins with a reply or forward prefix of any shipped language, after any tags."""
    return _compiled()[0].match(subject) is not None


def without_tags(subject: str) -> str:
    """Return the subject without the tags at its front, such as ``[EXTERNAL]`` or ``[#4711]``."""
    return _compiled()[1].sub("", subject, count=1)


@functools.cache
def folded_words(name: str) -> frozenset[str]:
    """Return all words of a shipped list, in the form in which words are compared."""
    return frozenset(_folded(word) for words in words_of(name).values() for word in words)


def _folded(text: str) -> str:
    """A word in the form in which words are compared: case, composition, white space and apostrophes normalised."""
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFC", text.casefold()).translate(_ALIKE).split())


@functools.lru_cache(maxsize=4096)
def subject_opening(subject: str) -> tuple[str, bool]:
    """Return the folded words before the first colon, without tags, and whether there is a colon."""
    if subject.lstrip()[:1].lower() in _TAGS_BEGIN:
        subject = without_tags(subject)
    colon = _COLON.search(subject)
    if colon is None:
        return _folded(subject.rstrip(_AT_THE_END)), False
    return _folded(subject[: colon.start()]), True
