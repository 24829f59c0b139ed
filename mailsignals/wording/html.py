"""Text from outside made fit for headers and parts of a mail, and for pages."""

import re
import unicodedata

from markupsafe import Markup, escape

NAME_LENGTH, TEXT_LENGTH = 60, 400
"""How much of a name, and of any other text from outside, is shown."""
SENDER_LENGTH = 100
SUBJECT_LENGTH = 200

_JOINERS = frozenset("\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")
"""The only invisible characters that words and emoji need."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those of the bidirectional algorithm (UAX 9)."""
_BEFORE_PERCENT = re.compile(r"(?<=\d) (?=%)")
_COMMAND = re.compile("`([^`]+)`")
_SPACES = re.compile(r"\s+")


def one_line(text: str, *, most: int) -> str:
    """The text on one line of so many characters at most, without anything that is obeyed rather than read.

    Line ends would begin a header of their own, bidirectional controls turn what stands around them, and a lone
    surrogate cannot be encoded.
    """
    line = _SPACES.sub(" ", text if text.isprintable() else _read_not_obeyed(text)).strip()
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"


def encodable_text(text: str) -> str:
    """The text of a part: its lines stay; what no encoding can hold is replaced, what is obeyed goes."""
    replaced = "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(sign) == "Cs" else sign
        for sign in text.replace("\r\n", "\n").replace("\r", "\n")
    )
    return "".join(sign for sign in replaced if sign in "\n\t" or not _CONTROL.match(sign))


def _read_not_obeyed(text: str) -> str:
    """The text without what is obeyed; one that is printable has none of it, which is known much sooner."""
    spaced = "".join(" " if _parts_words(sign) else sign for sign in text)
    return "".join(sign for sign in spaced if not _is_obeyed(sign))


def _parts_words(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Zl", "Zp"}


def _is_obeyed(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cf", "Cs"} and sign not in _JOINERS


def isolate(text: str, *, most: int = TEXT_LENGTH) -> Markup:
    """Text from outside, kept from turning the direction of the text around it; numbers stay with their percent.

    What would turn it is taken out besides, because some mail programs drop the element.
    """
    line = one_line(text, most=most)
    spaced = _BEFORE_PERCENT.sub("\N{NO-BREAK SPACE}", line)
    return Markup(f"<bdi>{escape(spaced)}</bdi>")  # noqa: S704  # escaped


def commands(sentence: str) -> Markup:
    """A sentence of ours, with what is to be typed standing out."""
    return Markup(_COMMAND.sub(r"<code>\1</code>", str(escape(sentence))))  # noqa: S704  # escaped
