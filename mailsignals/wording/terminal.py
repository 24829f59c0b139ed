"""Text from outside, made harmless: mail and account books hold what a terminal would obey."""

import re

_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters, line and paragraph separators, and the controls of Unicode's bidirectional algorithm (UAX 9)."""


def visible(text: str) -> str:
    r"""The text on one line; what a terminal would obey is written out, such as ``\x1b``."""
    return _OBEYED.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def visible_lines(text: str) -> str:
    r"""Return the text with its lines; what a terminal would obey is written out, such as ``\x1b``."""
    return "\n".join(visible(line) for line in text.split("\n"))
