"""Texts, and what a CSV file that spreadsheets open has in their place, sign by sign."""

import unicodedata

from hypothesis import strategies as st

TEXTS = st.lists(st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0")), max_size=5)

NOT_IN_JSON = dict.fromkeys(range(0x7F, 0xA0))
"""Control characters that JSON writes as they are, so that they go from a cell like others."""

LEADING = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"


def harmless(text: str) -> str:
    """A text as CSV has it, sign by sign."""
    kept = "".join(sign for sign in text if unicodedata.category(sign) != "Cc" or sign in "\t\r\n")
    bare = kept
    while bare and (bare[0].isspace() or unicodedata.category(bare[0]) == "Cf"):
        bare = bare[1:]
    return f"'{kept}" if bare[:1] in {*LEADING} or kept[:1] in {*"\t\r\n"} else kept
