"""Where one mail of an mbox ends and the next begins, found in a stream of any length.

The four dialects (mboxo, mboxrd, mboxcl, mboxcl2) differ in how they keep a body's own ``From `` lines apart from
separators: by a ``>`` before them, by ``Content-Length``, or by both. Bodies are not read here, so only mboxcl2, and
files that were written without any care, need thought: a separator has to look like one from all sides.
"""

import dataclasses
import re
from collections.abc import Callable, Iterator

from connectors.files.stream import CHUNK
from connectors.mail.parts import mark_calendar

HEADERS_CUT = "headers_cut"
FILE_ENDS_IN_HEADERS = "file_ends_in_headers"

HEAD_LIMIT = 1 << 20
"""The most that is kept of one mail's headers, in bytes."""

_BLANK_LINE = re.compile(rb"\n\r?\n")

_LOOK_AHEAD = 1 << 26  # how far a Content-Length is followed to see where it leads
_LINES = 4096  # enough for a separator and the two lines after it
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_TIME = rb"\d{1,2}:\d\d(?::\d\d)?"
_ZONE = rb"(?:[ ]+(?:[+-]\d{4}|[A-Z]{1,5}))?"
_HEADER = rb"[!-9;-~]{1,200}[ \t]*:"
_DATE = (
    rb"(?:" + _DAY + rb",?[ ]+" + _MONTH + rb"[ ]+\d{1,2}[ ]+" + _TIME + _ZONE + rb"[ ]+\d{4}" + _ZONE
    + rb"|(?:" + _DAY + rb",[ ]+)?\d{1,2}[ -]" + _MONTH + rb"[ -]\d{2,4}[ ]+" + _TIME + _ZONE
    + rb"|\d{4}-\d\d-\d\d[T ]" + _TIME + rb"[^ \r\n]{0,16})"
)  # fmt: skip
# Mailman writes "ana at acme.test".
_WHO = rb"(?:\S{1,255}|[^\r\n@]{0,100}@[^\r\n@]{1,255}?|\S{1,100}[ ]at[ ]\S{1,100})"
_SEPARATOR = (
    # The look-ahead leaves out what `git format-patch` writes: a patch in a mail is no mail.
    rb"From[ ](?:(?![0-9a-f]{40}[ ]Mon[ ]Sep[ ]17[ ]00:00:00[ ]2001)"
    + _WHO + rb"[ ]+" + _DATE + rb"(?:[ ]remote[ ]from[ ]\S{1,255})?[ \t]*"
    + rb"(?:\Z|\r?\n(?:>From[ ][^\n]{0,998}\n)?(?:" + _HEADER + rb"|\r?\n|\Z))"
    # Thunderbird writes no sender and no date: two headers have to make up for it.
    + rb"|-?[ \t]*\r?\n" + _HEADER + rb"[^\n]{0,998}\n(?:[ \t]|\r?\n|" + _HEADER + rb"))"
)  # fmt: skip
_AT_SEPARATOR = re.compile(_SEPARATOR)
_AFTER_BODY = re.compile(rb"(?:\r?\n){0,2}(?:\Z|" + _SEPARATOR + rb")")
_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*")
_CONTENT_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


@dataclasses.dataclass(frozen=True, slots=True)
class RawMail:
    """One mail of an mbox, without its body. Positions are bytes from the beginning of the unpacked content."""

    start: int
    """Where its separator begins."""
    head: bytes
    """Its headers, without the separator and the empty line after them; with a sign where a part is a calendar."""
    body: int
    """Where its headers end."""
    defect: str | None
    """Null, ``headers_cut`` (more than 1 MiB of them) or ``file_ends_in_headers`` (no empty line after them)."""


def begins_like_mbox(beginning: bytes) -> bool:
    """Return whether the first line that is not empty is an mbox separator.

    True for an empty file as well: it is an mbox without mails.
    """
    first = _first_line(beginning)
    return first == len(beginning) or _AT_SEPARATOR.match(beginning, first) is not None


def mails_in(read: Callable[[int], bytes], offset: int = 0) -> Iterator[RawMail]:
    """The mails that begin at or after ``offset``, which is where ``read`` goes on.

    At ``offset`` itself a mail may begin; what lies before the first one is passed over.
    """
    window = _Window(read, offset)
    window.reach(offset + _LINES)
    if offset == 0:
        offset = _first_line(window.data)
        window.reach(offset + _LINES)
    begins = _AT_SEPARATOR.match(window.data, offset - window.start) is not None
    start = offset if begins else _next(window, offset, claimed=None)
    while start is not None:
        mail = _mail_at(window, start)
        yield mail
        start = _next(window, mail.body, claimed=_claimed_end(mail))


def _first_line(data: bytes | bytearray) -> int:
    """Where the first line begins that is not empty, past a byte order mark."""
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
        """Read on until the window holds all before ``position``, or the stream has ended."""
        while not self.ended and self.end < position:
            chunk = self._read(CHUNK)
            self.data += chunk
            self.ended = not chunk

    def forget(self, position: int) -> None:
        """Drop what lies before ``position``, once it is worth the work."""
        if position - self.start >= CHUNK // 2:
            del self.data[: position - self.start]
            self.start = position


def _mail_at(window: _Window, start: int) -> RawMail:
    """The mail whose separator is at ``start``."""
    window.reach(start + _LINES * 16)  # nearly all headers are short
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
    """Where in the window the separator and the headers end, as far as they are in memory."""
    first = start - window.start
    limit = min(first + HEAD_LIMIT, len(window.data))
    separator_end = window.data.find(b"\n", first, limit)
    if separator_end < 0:
        return (limit, limit), FILE_ENDS_IN_HEADERS
    if blank := _BLANK_LINE.search(window.data, separator_end, limit):
        return (separator_end, blank.start()), None
    if limit < first + HEAD_LIMIT:
        return (separator_end, limit), FILE_ENDS_IN_HEADERS
    return (separator_end, window.data.rfind(b"\n", first, limit)), HEADERS_CUT


def _claimed_end(mail: RawMail) -> int | None:
    """Where the body of the mail ends by its ``Content-Length``, if it has one."""
    if b"content-length:" not in mail.head.lower():  # much quicker than the search, and nearly always true
        return None
    length = _CONTENT_LENGTH.search(mail.head)
    blank_line = b"\n\r\n" if mail.head.endswith(b"\r\n") else b"\n\n"
    return mail.body + len(blank_line) + int(length[1]) if length else None


def _next(window: _Window, position: int, *, claimed: int | None) -> int | None:
    """The next separator after ``position``, in a body that claims to end at ``claimed``."""
    candidates = _candidates(window, position)
    return next((place for place in candidates if _separates(window, place, claimed=claimed)), None)


def _candidates(window: _Window, position: int) -> Iterator[int]:
    """Where a line after ``position`` looks like a separator, judged by itself and the lines after it."""
    while True:
        hit = window.data.find(b"\nFrom ", position - window.start)
        if hit >= 0:
            position = window.start + hit + 1
            window.forget(position - len(b"\n\r\n"))
            window.reach(position + _LINES)
            if _AT_SEPARATOR.match(window.data, position - window.start):
                yield position
        elif window.ended:
            return
        else:
            position = max(position, window.end - len(b"\nFrom ") + 1)
            window.forget(position - len(b"\n\r"))
            window.reach(window.end + 1)


def _separates(window: _Window, candidate: int, *, claimed: int | None) -> bool:
    """Whether a line that looks like a separator is one, judged by what comes before it."""
    if claimed is not None and claimed <= candidate <= claimed + len(b"\r\n\r\n"):
        return True
    if not _blank_before(window.data, candidate - window.start - 1):
        return False
    return claimed is None or candidate > claimed or not _lands(window, claimed)


def _blank_before(data: bytearray, line_end: int) -> bool:
    """Whether the line that ends there is empty."""
    return data[max(0, line_end - 2) : line_end + 1].endswith((b"\n\n", b"\n\r\n"))


def _lands(window: _Window, claimed: int) -> bool:
    """Whether a separator or the end of the file is where the body says that it ends."""
    if claimed - window.start > _LOOK_AHEAD:
        return False
    window.reach(claimed + _LINES)
    return claimed <= window.end and _AFTER_BODY.match(window.data, claimed - window.start) is not None
