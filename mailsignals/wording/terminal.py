"""Text from outside, made safe for terminals: control characters are shown instead of obeyed."""

import re

_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters, line and paragraph separators, and the controls of Unicode's bidirectional algorithm (UAX 9)."""


def visible(text: str) -> str:
    r"""Return the text on one line, with control characters written out, such as ``\x1b``."""
    return _OBEYED.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def visible_lines(text: str) -> str:
    r"""Return the text with its line ends, and other control characters written out, such as ``\x1b``."""
    return "\n".join(visible(line) for line in text.split("\n"))
