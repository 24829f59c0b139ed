"""Looks for a calendar among the parts of a mail by their headers alone (RFC 2046, 5.1); nothing of a body is kept.

Exchange and Google put an invitation into a part of its own, and nothing above it says so.
"""

import re
from collections.abc import Callable

CALENDAR_SIGN = b"Content-Class: urn:content-classes:calendarmessage\n"
"""The line that is added to the headers of a mail with a calendar part: what Outlook writes there itself."""

LIMIT = 1 << 20
"""How far into a body parts are looked for, in bytes."""

_FIRST_LOOK = 1 << 14  # most mails end before
_PART_HEADERS = 1 << 13
_MAX_PARTS = 200
_MAX_DEPTH = 8

_NAME = b"content-type:"
_VALUE = re.compile(rb"[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*")
_BOUNDARY = re.compile(rb'boundary\s*=\s*(?:"((?:[^"\\]|\\.){1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_BLANK_LINE = re.compile(rb"\n\r?\n")


def mark_calendar(head: bytes, read: Callable[[int], tuple[bytes | bytearray, int]]) -> bytes:
    """Return the headers of a mail, with ``CALENDAR_SIGN`` added where one of its parts is a calendar.

    Args:
        head: the headers, without the empty line after them.
        read: gives bytes that hold the mail for this many bytes from the end of its headers on, as far as there are
            so many, and where in them the headers end. What follows the mail does no harm.
    """
    boundary = _boundary(head)
    if boundary is None:
        return head
    seen = 0
    for length in (_FIRST_LOOK, LIMIT):
        data, start = read(length)
        end = min(len(data), start + length)
        scan = _Scan(data)
        scan.parts(boundary, start, end, depth=0)
        if scan.calendar:
            return head + (b"" if head.endswith(b"\n") else b"\n") + CALENDAR_SIGN
        if scan.closed or end - start == seen:
            break
        seen = end - start
    return head


class _Scan:
    """A walk over the parts of one mail, as deep as they go; mails that are attached are not entered."""

    def __init__(self, data: bytes | bytearray) -> None:
        self.calendar = False
        self.closed = False
        """Whether the end of the outermost parts was found."""
        self._data = data
        self._left = _MAX_PARTS

    def parts(self, boundary: bytes, start: int, end: int, *, depth: int) -> None:
        delimiter = b"\n--" + boundary
        place = self._data.find(delimiter, start, end)
        while place >= 0 and self._left and not self.calendar:
            self._left -= 1
            after = place + len(delimiter)
            if self._data[after : after + 2] == b"--":
                self.closed = self.closed or depth == 0
                return
            following = self._data.find(delimiter, after, end)
            self._part(after, following if following >= 0 else end, depth)
            place = following

    def _part(self, start: int, end: int, depth: int) -> None:
        headers = bytes(self._data[start : min(end, start + _PART_HEADERS)])
        blank = _BLANK_LINE.search(headers)
        kind = _content_type(headers[: blank.start()] if blank else headers)
        if kind[:13].lower() == b"text/calendar":
            self.calendar = True
        elif kind[:10].lower() == b"multipart/" and blank and depth < _MAX_DEPTH:
            found = _BOUNDARY.search(kind)
            if found is not None:
                self.parts(_value(found), start + blank.start(), end, depth=depth + 1)


def _boundary(head: bytes) -> bytes | None:
    """What stands between the parts of a mail; None if it has none."""
    if b"oundary" not in head and b"OUNDARY" not in head:
        return None
    kind = _content_type(head)
    found = _BOUNDARY.search(kind) if kind[:10].lower() == b"multipart/" else None
    return None if found is None else _value(found)


def _value(found: re.Match[bytes]) -> bytes:
    quoted, bare = found.groups()
    return re.sub(rb"\\(.)", rb"\1", quoted).rstrip() if quoted is not None else bytes(bare)


def _content_type(headers: bytes) -> bytes:
    """The value of ``Content-Type``, unfolded; empty where there is none."""
    lowered = headers.lower()
    place = 0 if lowered.startswith(_NAME) else lowered.find(b"\n" + _NAME) + 1
    if not (place or lowered.startswith(_NAME)):
        return b""
    value = _VALUE.match(headers, place + len(_NAME))
    return b" ".join(value[0].split()) if value else b""
