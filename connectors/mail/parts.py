"""Finds a calendar among the parts of an email by their headers alone (RFC 2046, 5.1); bodies aren't stored.

Exchange and Google put an invitation into a separate part, and the headers above don't show it.
"""

import re
from collections.abc import Callable

CALENDAR_SIGN = b"Content-Class: urn:content-classes:calendarmessage\n"
"""The line that is added to the headers of an email with a calendar part; Outlook writes the same line."""

LIMIT = 1 << 20
"""Number of bytes of a body in which parts are searched."""

_FIRST_LOOK = 1 << 14  # most emails end before
_PART_HEADERS = 1 << 13
_MAX_PARTS = 200
_MAX_DEPTH = 8

_NAME = b"content-type:"
_VALUE = re.compile(rb"[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*")
_BOUNDARY = re.compile(rb'boundary\s*=\s*(?:"((?:[^"\\]|\\.){1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_BLANK_LINE = re.compile(rb"\n\r?\n")


def mark_calendar(head: bytes, read: Callable[[int], tuple[bytes | bytearray, int]]) -> bytes:
    """Return the headers of an email, with ``CALENDAR_SIGN`` added where one of its parts is a calendar.

    Args:
        head: the headers, without the empty line after them.
        read: returns bytes with this many bytes of the email after its headers, or fewer at the end, and the position
            of the end of the headers in them. Bytes after the email are ignored.
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
    """A search through the nested parts of one email, except attached emails."""

    def __init__(self, data: bytes | bytearray) -> None:
        self.calendar = False
        self.closed = False
        """True if the end of the outermost parts was found."""
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
    """The boundary between the parts of an email; None if it has none."""
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
