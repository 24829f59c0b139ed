"""Reads the headers of an email that is saved as one file, and recognises such files."""

import dataclasses
import io
import itertools
import re
from pathlib import Path

from connectors.files.separators import HEAD_LIMIT, HEADERS_CUT, mails_in
from connectors.mail.parts import mark_calendar

APPLE_SUFFIX = ".emlx"
FURTHER_MAILS = "further_mails"
"""The defect of a file that is read as one email although more emails seem to begin in it."""

_FIRST_READ = 1 << 14  # nearly all headers are shorter
_BEFORE_HEADERS = re.compile(rb"(?:\xef\xbb\xbf)?\s*(From [^\n]*\n)?(?:>From [^\n]*\n)?")
_LENGTH = re.compile(rb"(?:\xef\xbb\xbf)?\s*(\d{1,12})[ \t]*\r?\n")
_BLANK_LINE = re.compile(rb"\n\r?\n")
_FIELD = re.compile(rb"^([!-9;-~]{1,78})[ \t]*:", re.MULTILINE)
_PATCH = re.compile(rb"\s*From [0-9a-f]{40,64} ")

# An email begins with at least two of these, one of them out of the second set.
_FIELDS = frozenset(
    {
        *(b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"received", b"return-path", b"sender"),
        *(b"reply-to", b"delivered-to", b"mime-version", b"in-reply-to", b"references", b"envelope-to"),
        *(b"x-mailer", b"x-gm-thrid", b"x-gmail-labels", b"x-mozilla-status", b"dkim-signature"),
    }
)
_DATING = frozenset({b"date", b"received", b"message-id", b"return-path", b"delivered-to", b"x-gm-thrid"})

_APPLE_FLAGS = re.compile(rb"<key>flags</key>\s*<integer>(\d{1,20})</integer>")
_APPLE_DRAFT, _APPLE_JUNK, _APPLE_NOT_JUNK = 1 << 6, 1 << 24, 1 << 25


@dataclasses.dataclass(frozen=True, slots=True)
class MailHead:
    """The headers of an email that is saved as one file."""

    head: bytes
    defect: str | None = None
    """``headers_cut``, ``further_mails`` or None."""
    labels: tuple[str, ...] = ()
    """``DRAFT`` or ``SPAM``, if the program that wrote the file marked the email so."""


def begins_like_mail(beginning: bytes) -> bool:
    """Return whether a file begins with the headers of an email, whatever its name."""
    if _PATCH.match(beginning):
        return False  # written by ``git format-patch``, and never received
    first = _BEFORE_HEADERS.match(beginning)
    begin = first.end() if first else 0
    blank = _BLANK_LINE.search(beginning, begin)
    head = beginning[begin : blank.start() + 1 if blank else len(beginning)]
    if not _FIELD.match(head):
        return False
    names = {name.lower() for name in _FIELD.findall(head)}
    lines = [line for line in head.splitlines() if line]
    odd = sum(1 for line in lines if not (line[:1] in b" \t" or _FIELD.match(line)))
    return len(names & _FIELDS) >= 2 and bool(names & _DATING) and odd * 5 <= len(lines)


def read_head(path: Path) -> MailHead:
    """Read the headers of the email in a file.

    Raises:
        OSError: the file can't be read.
    """
    with path.open("rb") as file:
        start = file.read(_FIRST_READ)
        apple = _LENGTH.match(start) if path.suffix.lower() == APPLE_SUFFIX else None
        first = _BEFORE_HEADERS.match(start, apple.end() if apple else 0)
        begin = first.end() if first else 0
        blank = _BLANK_LINE.search(start, begin)
        if blank is None and len(start) == _FIRST_READ:
            start += file.read(HEAD_LIMIT - _FIRST_READ)
            blank = _BLANK_LINE.search(start, begin)
        labels = _apple_labels(file, apple.end() + int(apple[1])) if apple else ()
        # An .eml file is one email by its name; other files must be examined.
        several = apple is None and (path.suffix.lower() != ".eml" or (first is not None and first[1]))
        defect = FURTHER_MAILS if several and _has_further(file) else None
        if blank is not None:
            end = blank.start()

            def read(length: int) -> tuple[bytes, int]:
                file.seek(len(start))
                return start + file.read(max(0, end + length - len(start))), end

            return MailHead(mark_calendar(start[begin : end + 1], read), defect, labels)
    return MailHead(start[begin:], HEADERS_CUT if len(start) == HEAD_LIMIT else defect, labels)


def _has_further(file: io.BufferedReader) -> bool:
    """Return whether further emails seem to begin in a file that is read as one email."""
    file.seek(0)
    begins = file.read(5) == b"From "
    file.seek(0)
    return sum(1 for _ in itertools.islice(mails_in(file.read), 2)) > begins


def _apple_labels(file: io.BufferedReader, end: int) -> tuple[str, ...]:
    """The labels in the property list that Apple Mail writes after an email."""
    file.seek(end)
    found = _APPLE_FLAGS.search(file.read(_FIRST_READ))
    flags = int(found[1]) if found else 0
    draft = ("DRAFT",) if flags & _APPLE_DRAFT else ()
    return (*draft, "SPAM") if flags & _APPLE_JUNK and not flags & _APPLE_NOT_JUNK else draft
