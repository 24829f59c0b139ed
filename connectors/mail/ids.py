"""The ids that tie emails together: Message-ID, References, In-Reply-To (RFC 5322, 3.6.4)."""

import re
from collections.abc import Collection

from connectors.mail.headers import Headers

MAX_ID = 998
"""Largest number of characters of an id."""

MAX_REFERENCES = 1_000
"""Largest number of references; of more, the first ``FIRST_REFERENCES`` and the newest of the rest are kept."""

FIRST_REFERENCES = 10

_BRACKETED = re.compile(r"<([^<>]*)>?")
_BRACKETED_OR_PARENTHESIS = re.compile(r"<([^<>]*)>?|[()]")


def read_message_id(headers: Headers, defects: set[str]) -> str | None:
    """Return the first id in the ``Message-ID`` headers, without angle brackets and white space; None without one."""
    for value in headers.all("message-id"):
        found = _BRACKETED.findall(value) if "<" in value else [value.partition(" (")[0].strip("<> ")]
        for text in found:
            if identifier := _clean(text, defects):
                return identifier
    return None


def read_references(headers: Headers, addresses: Collection[str], defects: set[str]) -> tuple[str, ...]:
    """Return the ids of ``References``, then of ``In-Reply-To``, in order, without repeats.

    ``addresses`` are those of the email itself: old mail programs put the author of the original email into
    ``In-Reply-To``, and an address in angle brackets looks like an id.
    """
    found: dict[str, None] = {}
    for value in headers.all("references"):
        found.update(dict.fromkeys(_ids(value, defects)))
    for value in headers.all("in-reply-to"):
        prose = not value.startswith("<") or not value.endswith(">")
        for identifier in _ids(value, defects):
            if not (prose and identifier.lower() in addresses):
                found[identifier] = None
    if len(found) > MAX_REFERENCES:
        defects.add("cut_references")
        every = list(found)
        return (*every[:FIRST_REFERENCES], *every[FIRST_REFERENCES - MAX_REFERENCES :])
    return tuple(found)


def _ids(value: str, defects: set[str]) -> list[str]:
    found = _bracketed(value) if "<" in value else _bare(value, defects)
    if len(value) > MAX_ID or not value.isprintable() or " " in "".join(found):
        found = [_clean(text, defects) for text in found]
    return [identifier for identifier in found if identifier]


def _bracketed(value: str) -> list[str]:
    """The texts in angle brackets outside of comments."""
    if "(" not in value:
        return _BRACKETED.findall(value)
    found: list[str] = []
    depth = 0
    for token in _BRACKETED_OR_PARENTHESIS.finditer(value):
        if token[0] == "(":
            depth += 1
        elif token[0] == ")":
            depth = max(depth - 1, 0)
        elif not depth:
            found.append(token[1])
    return _BRACKETED.findall(value) if depth else found


def _bare(value: str, defects: set[str]) -> list[str]:
    """Ids without angle brackets; prose has none."""
    words = value.replace(",", " ").split()
    if all("@" in word for word in words):
        return words
    defects.add("unreadable_reference")
    return []


def _clean(text: str, defects: set[str]) -> str:
    if " " in text or not text.isprintable():
        text = "".join(sign for sign in text if sign.isprintable() and not sign.isspace())
    if len(text) > MAX_ID:
        defects.add("cut_id")
        text = text[:MAX_ID]
    return text
