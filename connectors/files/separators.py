"""Finds the borders between the emails of an mbox, in a stream of any length.

The four dialects (mboxo, mboxrd, mboxcl, mboxcl2) differ in how they keep a body's own ``From `` lines apart from
separators: by a ``>`` before them, by ``Content-Length``, or by both. Bodies aren't read here, so only mboxcl2 and
carelessly written files are difficult: ``separator_lines`` judges each line that may be a separator.
"""

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterator

from connectors.files.separator_lines import REACH, LineVerdict, judge
from connectors.files.stream import CHUNK
from connectors.mail.parts import mark_calendar

HEADERS_CUT = "headers_cut"
FILE_ENDS_IN_HEADERS = "file_ends_in_headers"
WEAK_SEPARATOR = "weak_separator"
UNCLEAR_SEPARATOR = "unclear_separator"
DOUBTS = {LineVerdict.WEAK: WEAK_SEPARATOR, LineVerdict.UNCLEAR: UNCLEAR_SEPARATOR}
"""Kinds of places that may have been misread: emails that begin on weak evidence, and lines left in a body."""

HEAD_LIMIT = 1 << 20
"""Largest number of bytes of one email's headers."""

_BLANK_LINE = re.compile(rb"\n\r?\n")

_LOOK_AHEAD = 1 << 26  # bytes that a Content-Length is followed at most
_LINE_ENDS = re.compile(rb"(?:\r?\n){0,2}")
_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*")
_CONTENT_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


@dataclasses.dataclass(frozen=True, slots=True)
class RawMail:
    """One email of an mbox, without its body. Positions are bytes from the beginning of the unpacked content."""

    start: int
    """The position of its separator."""
    head: bytes
    """Its headers, without the separator and the empty line after them; with a mark if a part is a calendar."""
    body: int
    """The position of the end of its headers."""
    defect: str | None
    """``headers_cut`` (more than 1 MiB), ``file_ends_in_headers`` (no empty line after them) or None."""


def begins_like_mbox(beginning: bytes) -> bool:
    """Return whether the first line that isn't empty is an mbox separator.

    True for an empty file as well: it is an mbox without emails.
    """
    first = _first_line(beginning)
    return first == len(beginning) or _begins(beginning, first)


def mails_in(
    read: Callable[[int], bytes], offset: int = 0, doubts: Counter[str] | None = None
) -> Iterator[RawMail]:
    """Yield the emails that begin at or after ``offset``, the position from which ``read`` continues.

    An email may begin at ``offset`` itself; bytes before the first one are ignored. ``doubts`` counts places that may
    have been misread, by kind.
    """
    doubts = Counter() if doubts is None else doubts
    window = _Window(read, offset)
    window.reach(offset + REACH)
    if offset == 0:
        offset = _first_line(window.data)
        window.reach(offset + REACH)
    begins = _begins(window.data, offset - window.start)
    start = offset if begins else _next(window, offset, None, doubts)
    while start is not None:
        mail = _mail_at(window, start)
        yield mail
        start = _next(window, mail.body, _claimed_end(mail), doubts)


def _begins(data: bytes | bytearray, place: int) -> bool:
    """Return whether an email begins at a place with nothing before it."""
    if not data.startswith(b"From ", place):
        return False
    return judge(data, place, after_blank=True) in {LineVerdict.SEPARATOR, LineVerdict.WEAK}


def _first_line(data: bytes | bytearray) -> int:
    """The position of the first line that isn't empty, after a byte order mark."""
    blank = _START.match(data)
    return blank.end() if blank else 0


class _Window:
    """The part of a stream that is in memory; ``start`` is the position of its first byte."""

    def __init__(self, read: Callable[[int], bytes], start: int) -> None:
        self.start = start
        self.data = bytearray()
        self.ended = False
        self._read = read

    @property
    def end(self) -> int:
        return self.start + len(self.data)

    def reach(self, position: int) -> None:
        """Read on until the window contains all before ``position``, or the stream has ended."""
        while not self.ended and self.end < position:
            chunk = self._read(CHUNK)
            self.data += chunk
            self.ended = not chunk

    def forget(self, position: int) -> None:
        """Drop the bytes before ``position``, if they are many."""
        if position - self.start >= CHUNK // 2:
            del self.data[: position - self.start]
            self.start = position


def _mail_at(window: _Window, start: int) -> RawMail:
    """The email whose separator is at ``start``."""
    window.reach(start + REACH * 16)  # nearly all headers are short
    head, defect = _head(window, start)
    if defect == FILE_ENDS_IN_HEADERS and not window.ended:
        window.reach(start + HEAD_LIMIT)
        head, defect = _head(window, start)
    separator_end, head_end = head
    body = window.start + head_end

    def read(length: int) -> tuple[bytearray, int]:
        window.reach(body + length)
        return window.data, body - window.start

    return RawMail(
        start=start,
        head=mark_calendar(bytes(window.data[separator_end + 1 : head_end + 1]), read),
        body=body,
        defect=defect,
    )


def _head(window: _Window, start: int) -> tuple[tuple[int, int], str | None]:
    """The ends of the separator and of the headers, as far as they are in memory."""
    first = start - window.start
    limit = min(first + HEAD_LIMIT, len(window.data))
    separator_end = window.data.find(b"\n", first, limit)
    if separator_end < 0:
        return (limit, limit), FILE_ENDS_IN_HEADERS
    blank = _BLANK_LINE.search(window.data, separator_end, limit)
    following = _separator_in_head(window.data, separator_end, blank.start() if blank else limit)
    if following is not None:
        return (separator_end, following), None
    if blank:
        return (separator_end, blank.start()), None
    if limit < first + HEAD_LIMIT:
        return (separator_end, limit), FILE_ENDS_IN_HEADERS
    return (separator_end, window.data.rfind(b"\n", first, limit)), HEADERS_CUT


def _claimed_end(mail: RawMail) -> int | None:
    """The end of the email's body by its ``Content-Length``; None without one."""
    if b"content-length:" not in mail.head.lower():  # much faster than the search, and nearly always true
        return None
    length = _CONTENT_LENGTH.search(mail.head)
    blank_line = b"\n\r\n" if mail.head.endswith(b"\r\n") else b"\n\n"
    return mail.body + len(blank_line) + int(length[1]) if length else None


def _separator_in_head(data: bytearray, start: int, end: int) -> int | None:
    """The end of the line before a separator within the headers, because an email may have no body."""
    while (hit := data.find(b"\nFrom ", start + 1, end)) >= 0:
        if judge(data, hit + 1, after_blank=False) is LineVerdict.WEAK:
            return hit
        start = hit
    return None


def _next(window: _Window, position: int, claimed: int | None, doubts: Counter[str]) -> int | None:
    """The next separator after ``position``, in a body that claims to end at ``claimed``."""
    believed: bool | None = None
    for place in _candidates(window, position):
        if claimed is not None and place < claimed:
            believed = _lands(window, claimed) if believed is None else believed
            if believed:
                continue
        ends_here = claimed is not None and claimed <= place <= claimed + len(b"\r\n\r\n")
        line = place - window.start
        after_blank = ends_here or _blank_before(window.data, line - 1)
        verdict = judge(window.data, line, after_blank=after_blank)
        if verdict in DOUBTS:
            doubts[DOUBTS[verdict]] += 1
        if verdict in {LineVerdict.SEPARATOR, LineVerdict.WEAK}:
            return place
    return None


def _candidates(window: _Window, position: int) -> Iterator[int]:
    """The lines after ``position`` that begin with ``From``, with enough bytes in memory to judge each."""
    while True:
        hit = window.data.find(b"\nFrom ", position - window.start)
        if hit >= 0:
            position = window.start + hit + 1
            window.forget(position - len(b"\n\r\n"))
            window.reach(position + REACH)
            yield position
        elif window.ended:
            return
        else:
            position = max(position, window.end - len(b"\nFrom ") + 1)
            window.forget(position - len(b"\n\r"))
            window.reach(window.end + 1)


def _blank_before(data: bytearray, line_end: int) -> bool:
    """Return whether the line that ends at ``line_end`` is empty."""
    return data[max(0, line_end - 2) : line_end + 1].endswith((b"\n\n", b"\n\r\n"))


def _lands(window: _Window, claimed: int) -> bool:
    """Return whether a separator or the end of the file is at the claimed end of a body."""
    if claimed - window.start > _LOOK_AHEAD:
        return False
    window.reach(claimed + REACH)
    if claimed > window.end:
        return False
    place = claimed - window.start
    line_ends = _LINE_ENDS.match(window.data, place)
    begins = line_ends.end() if line_ends else place
    return begins == len(window.data) or _begins(window.data, begins)
