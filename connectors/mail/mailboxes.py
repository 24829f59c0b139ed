"""Cuts an address field into display names and addresses, still as written (RFC 5322, 3.4 and 4.4)."""

import re
from collections.abc import Iterator

# Linear, because each alternative is possessive, and all treat a backslash and the character after it as a pair:
# a bracket that never closes is searched to the end once, not from each "<".
_TOKEN = re.compile(
    r"""
      (?P<quoted> "(?:[^"\\]++|\\.)*+" )
    | (?P<word> =\?[^?\s]{1,80}+\?[bBqQ]\?[^?\s]*+\?= )
    | <(?P<angle> (?:[^<>"\\]++|\\.|"(?:[^"\\]++|\\.)*+")*+ )>
    | <(?P<open> (?:[^<>,;\s\\]++|\\.)*+ )
    | (?P<literal> \[[^\[\]\s]*+\] )
    | (?P<text> [^"(<>,;:\\=\[]++ )
    | (?P<sign> \\.|. )
    """,
    re.VERBOSE | re.DOTALL,
)
_PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)
_QUOTE = re.compile(r'\\.|"', re.DOTALL)


def split_mailboxes(value: str) -> Iterator[tuple[str, str]]:
    """Yield the display name and the address of each entry of a field, as written.

    Comments and the names of groups are left out. An entry without an address is returned with all of its text, so
    that it can be counted. Encoded words aren't decoded: a name may contain anything.
    """
    if sum(token[0] == '"' for token in _QUOTE.finditer(value)) % 2:
        value = value.replace('"', " ")  # a closing quote is missing, so none is reliable
    entry = _Entry()
    for kind, text in _tokens(value):
        if kind == "sign" and text in ",;":
            yield from entry.mailboxes()
            entry = _Entry()
        elif kind == "sign" and text == ":":
            # The text before it was the name of a group, or a scheme, and may be unreadable.
            yield from (found for found in entry.mailboxes() if "@" in found[1])
            entry = _Entry()
        elif kind in {"angle", "open"}:
            if entry.angle is not None:
                yield from entry.mailboxes()
                entry = _Entry()
            entry.angle = text
        else:
            entry.add(kind, text)
    yield from entry.mailboxes()


def _tokens(value: str) -> Iterator[tuple[str, str]]:
    position, end, comments = 0, len(value), True
    while position < end:
        if comments and value[position] == "(":
            close = _comment_end(value, position)
            if close:
                position = close
                continue
            comments = False  # it never ends, so it isn't a comment
        token = _TOKEN.match(value, position)
        assert token is not None
        assert token.lastgroup is not None
        position = token.end()
        yield token.lastgroup, token[token.lastgroup]


def _comment_end(value: str, start: int) -> int:
    """The end of the comment that starts here, with nested ones; 0 if it doesn't end."""
    depth = 0
    for token in _PARENTHESIS.finditer(value, start):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if not depth:
            return token.end()
    return 0


class _Entry:
    """The tokens since the last separator."""

    __slots__ = ("angle", "parts")

    def __init__(self) -> None:
        self.parts: list[tuple[str, str]] = []
        self.angle: str | None = None

    def add(self, kind: str, text: str) -> None:
        self.parts.append((kind, text))

    def mailboxes(self) -> Iterator[tuple[str, str]]:
        """The addresses in this entry, each with the display name."""
        name = "".join(_unquoted(text) if kind == "quoted" else text for kind, text in self.parts).strip()
        if self.angle is not None and "@" in self.angle:
            for address in _in_brackets(self.angle):
                yield name, address
            return
        bare = "".join(text for _, text in self.parts).replace(" @", "@").replace("@ ", "@").strip()
        if bare.startswith('"') and bare.endswith('"'):
            yield "", _unquoted(bare)
        elif bare.startswith('"') and '"@' in bare:
            yield "", bare
        elif found := [word for word in self._outside_quotes().split() if "@" in word]:
            yield from ((name, word) for word in found)
        elif bare or self.angle:
            yield name, bare or str(self.angle)

    def _outside_quotes(self) -> str:
        text = "".join(text for kind, text in self.parts if kind != "quoted")
        return text.replace(" @", "@").replace("@ ", "@")


def _in_brackets(text: str) -> list[str]:
    """The address in angle brackets without its route (``@a,@b:user@c``); or several that share a pair."""
    text = text.strip()
    if text.startswith("@"):
        return [text.rpartition(":")[2]]
    tight = re.sub(r" ?([@.]) ?", r"\1", text)
    if '"' in tight or not ("," in tight or ";" in tight):
        return [tight]
    return [word for word in re.split(r"[,;\s]", tight) if "@" in word]


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
