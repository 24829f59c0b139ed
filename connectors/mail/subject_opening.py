"""The words that a subject begins with, in the form in which they are compared with the shipped lists."""

import functools
import re
import unicodedata

from connectors.mail.subjects import without_tags
from connectors.mail.word_lists import words_of

_COLON = re.compile("[:\uff1a]")
# Turkish has an i with a dot and one without, which lower-casing confuses.
_ALIKE = {0x131: "i", 0x307: None, 0x2019: "'"}
_TAGS_BEGIN = frozenset("[(*ecs\u017f")
"""The first characters of tags in lower case; the last is the long s, which patterns take for one."""
_AT_THE_END = " \t.!\u2026\u3002"


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
