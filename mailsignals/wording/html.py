"""Text from outside, made safe for email headers, email parts and pages."""

import re
import unicodedata

from markupsafe import Markup, escape

NAME_LENGTH, TEXT_LENGTH = 60, 400
"""The most characters of a name, and of other text from outside."""
SENDER_LENGTH = 100
SUBJECT_LENGTH = 200

_JOINERS = frozenset("\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")
"""The only invisible characters that words and emoji need."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those of the bidirectional algorithm (UAX 9)."""
_COMMAND = re.compile("`([^`]+)`")
_SPACES = re.compile(r"\s+")


def one_line(text: str, *, most: int) -> str:
    """Return the text on one line of at most ``most`` characters, without control characters.

    Line ends would begin a header of their own, bidirectional controls turn what stands around them, and a lone
    surrogate cannot be encoded.
    """
    line = _SPACES.sub(" ", text if text.isprintable() else _read_not_obeyed(text)).strip()
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"


def encodable_text(text: str) -> str:
    """Return text for an email part: line ends stay, control characters go, and surrogates are replaced."""
    replaced = "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(sign) == "Cs" else sign
        for sign in text.replace("\r\n", "\n").replace("\r", "\n")
    )
    return "".join(sign for sign in replaced if sign in "\n\t" or not _CONTROL.match(sign))


def _read_not_obeyed(text: str) -> str:
    """Return the text without control and formatting characters."""
    spaced = "".join(" " if _parts_words(sign) else sign for sign in text)
    return "".join(sign for sign in spaced if not _is_obeyed(sign))


def _parts_words(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Zl", "Zp"}


def _is_obeyed(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cf", "Cs"} and sign not in _JOINERS


def isolate(text: str, *, most: int = TEXT_LENGTH) -> Markup:
    """Return text from outside as HTML that can't change the direction of the text around it.

    Bidirectional control characters are removed too, because some mail programs drop the element.
    """
    line = one_line(text, most=most)
    return Markup(f"<bdi>{escape(line)}</bdi>")  # noqa: S704  # escaped


def commands(sentence: str) -> Markup:
    """Return a sentence as HTML, with commands in backticks as ``<code>``."""
    return Markup(_COMMAND.sub(r"<code>\1</code>", str(escape(sentence))))  # noqa: S704  # escaped
