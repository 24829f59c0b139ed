"""Finds the line of each key in a TOML text."""

import re

from mailsignals.config.settings import Key

_PART = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*""")
_KEY = rf"{_PART.pattern}(?:\.{_PART.pattern})*"
_HEADER = re.compile(rf"\s*(\[\[?)({_KEY})\]")
_ASSIGNMENT = re.compile(rf"({_KEY})=")


def lines_of(text: str) -> dict[Key, int]:
    """Return the line number, from 1, of each table and key that begins a line, for messages only.

    Lines inside a multi-line string may count as keys; the first line of a key wins.
    """
    lines: dict[Key, int] = {}
    counts: dict[Key, int] = {}
    table: Key = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _numbered(_parts(header[2]), counts, opens=header[1] == "[[")
            lines.setdefault(table, number)
            if header[1] == "[[":
                lines.setdefault(table[:-1], number)  # the list begins with its first table
        elif assignment := _ASSIGNMENT.match(line):
            key = table
            for part in _parts(assignment[1]):
                key = (*key, part)
                lines.setdefault(key, number)
    return lines


def line_of(key: Key, lines: dict[Key, int]) -> int | None:
    """Return the line of a key, else of the nearest table around it; None without either."""
    return next((lines[key[:end]] for end in range(len(key), 0, -1) if key[:end] in lines), None)


def _parts(key: str) -> list[str]:
    return ["".join(found) for found in _PART.findall(key)]


def _numbered(parts: list[str], counts: dict[Key, int], *, opens: bool) -> Key:
    """The key of a table; within an array of tables, that of the array's last entry."""
    key: Key = ()
    for position, part in enumerate(parts):
        key = (*key, part)
        if opens and position == len(parts) - 1:
            counts[key] = counts.get(key, 0) + 1
        if key in counts:
            key = (*key, counts[key] - 1)
    return key
