"""Decides whether a line that begins with ``From`` separates two emails of an mbox.

A date and a header line after it suffice, whatever stands before the line. If the sender looks like prose, or no empty
line comes before, the header must be one that emails really have.
"""

import dataclasses
import enum
import re

REACH = 4096
"""Number of bytes from the beginning of a line that must be in memory to judge it."""

_MONTH = (
    rb"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    rb"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)"
)
_DAY = (
    rb"(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?"
    rb"|MON|TUE|WED|THU|FRI|SAT|SUN)"
)
_CLOCK = rb"\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:[ ]?[AaPp]\.?[Mm]\.?)?"
_OFFSET = rb"(?:[A-Z]{1,5})?[+-]\d{1,2}:?(?:\d\d)?"
_ZONE = (
    rb"(?:[ ]+(?:"
    + _OFFSET
    + rb"|[A-Z][A-Za-z]{0,5}|[A-Z][A-Za-z_]{2,20}/[A-Za-z_/+-]{2,30}))?(?:[ ]+\([^()\r\n]{1,60}\))?"
)
_DATE = (
    rb"(?:" + _DAY + rb",?[ ]+" + _MONTH + rb"[ ]+\d{1,2},?[ ]+" + _CLOCK + _ZONE + rb"[ ]+\d{4}" + _ZONE
    + rb"|(?:" + _DAY + rb",?[ ]+)?" + _MONTH + rb"[ ]+\d{1,2},?[ ]+\d{4},?[ ]+" + _CLOCK + _ZONE
    + rb"|(?:" + _DAY + rb",?[ ]+)?\d{1,2}\.?[ -]" + _MONTH + rb"[ -]\d{2,4},?[ ]+" + _CLOCK + _ZONE
    + rb"|(?:" + _DAY + rb",?[ ]+)?\d{1,2}[/.]\d{1,2}[/.]\d{2,4},?[ ]+" + _CLOCK + _ZONE
    + rb"|(?:" + _DAY + rb",?[ ]+)?\d{4}[-/]\d\d[-/]\d\d[T ]+" + _CLOCK + rb"(?:Z|[ ]?" + _OFFSET + rb")?" + _ZONE
    + rb")"
)  # fmt: skip
# Mailman writes "ana at acme.test".
_PLAIN_SENDER = re.compile(rb"\S{0,255}|[^\r\n@]{0,100}@[^\r\n@]{1,255}|\S{1,100}[ ]at[ ]\S{1,100}")
_DATED = re.compile(
    rb"From[ \t]+(?:([^\r\n]{0,320}?)[ \t]+)??"
    + _DATE
    + rb"(?:[ ]+remote[ ]from[ ]\S{1,255})?[ \t]*(?=\r?\n|\Z)"
)
_TIME_IN_LINE = re.compile(rb"From[ \t][^\r\n]{0,400}?\d:\d\d")
# Thunderbird writes no sender and no date, some programs an address alone.
_UNDATED = re.compile(rb"From[ ](-?)[ \t]*(?=\r?\n)|From[ ]+[^\s@]{1,100}@[^\s@]{1,255}[ \t]*(?=\r?\n)")
# Written by ``git format-patch``: a patch in an email doesn't start a new one.
_PATCH = re.compile(rb"From[ ][0-9a-f]{40,64}[ ]Mon[ ]Sep[ ]17[ ]00:00:00[ ]2001")

_LINE_END = re.compile(rb"\r?\n(?:>From[ ][^\n]{0,998}\n)?")
_HEADER_LINE = re.compile(rb"(?:([!-9;-~]{1,200})[ \t]*:|[ \t]+\S)[^\n]*(?:\n|\Z)")
_HEADER_OR_END = re.compile(
    rb"\r?\n(?:>From[ ][^\n]{0,998}\n)?(?:[!-9;-~]{1,200}[ \t]*:|[ \t]*(?:\r?\n|\r?\Z))|\Z"
)
_EMPTY_LINE = re.compile(rb"[ \t]*(?:\r?\n|\r?\Z)")
_MAIL_HEADER = re.compile(
    rb"(?:resent|list|arc|content|delivery|delivered|original|old|envelope|x|thread|authentication|received|mail)-[a-z0-9-]+"
    rb"|from|to|cc|bcc|subject|date|sent|message-id|sender|reply-to|references|in-reply-to|mime-version|received"
    rb"|return-path|return-receipt-to|dkim-signature|domainkey-signature|status|lines|importance|priority|precedence"
    rb"|organi[sz]ation|user-agent|errors-to|auto-submitted|feedback-id|mailing-list|newsgroups|path|xref|comments"
    rb"|keywords|approved|apparently-to|autocrypt|accept-language|sensitivity|expires|encrypted|face|openpgp"
    rb"|disposition-notification-to|followup-to|posted-date|message-context|require-recipient-valid-since",
    re.IGNORECASE,
)
_LINES = 24


class LineVerdict(enum.Enum):
    """The judgement on a line that begins with ``From``."""

    SEPARATOR = "separator"
    WEAK = "weak"
    """A separator, although an empty line before it or a plain sender is missing."""
    UNCLEAR = "unclear"
    """Not a separator, although it partly looks like one."""
    TEXT = "text"


@dataclasses.dataclass(frozen=True, slots=True)
class _Block:
    """The lines after a separator that look like headers."""

    headers: int = 0
    known: int = 0
    """The number of them that are headers of emails."""
    clean: bool = True
    """True if an empty line or the end follows them, and no text."""


def judge(data: bytes | bytearray, place: int, *, after_blank: bool) -> LineVerdict:
    """Return the judgement on the line at ``place``, which begins with ``From`` and a space.

    ``after_blank``: True if an empty line or nothing comes before it, or the email before claims to end there.
    """
    dated = _DATED.match(data, place) if _TIME_IN_LINE.match(data, place) else None
    if dated is not None:
        return LineVerdict.TEXT if _PATCH.match(data, place) else _dated(data, dated, after_blank=after_blank)
    undated = _UNDATED.match(data, place)
    if undated is None:
        return LineVerdict.TEXT
    block = _block(data, undated.end())
    if undated[1] is not None and after_blank and (block.headers > 1 or (block.headers == 1 and block.clean)):
        return LineVerdict.SEPARATOR
    return LineVerdict.UNCLEAR if block.known > 1 else LineVerdict.TEXT


def _dated(data: bytes | bytearray, line: re.Match[bytes], *, after_blank: bool) -> LineVerdict:
    """The judgement on a line that ends in a date."""
    plain = _PLAIN_SENDER.fullmatch(line[1] or b"") is not None
    if after_blank and plain and _HEADER_OR_END.match(data, line.end()):
        return LineVerdict.SEPARATOR
    block = _block(data, line.end())
    if block.known and (block.clean or block.headers > 1):
        return LineVerdict.SEPARATOR if after_blank else LineVerdict.WEAK
    if block.clean and block.headers > 1:
        return LineVerdict.WEAK
    return LineVerdict.UNCLEAR


def _block(data: bytes | bytearray, end_of_line: int) -> _Block:
    """The block of headers after a line that ends there."""
    line_end = _LINE_END.match(data, end_of_line)
    if line_end is None:
        return _Block()  # the file ends
    place, headers, known, limit = line_end.end(), 0, 0, end_of_line + REACH // 2
    for _ in range(_LINES):
        if place >= min(limit, len(data)) or _EMPTY_LINE.match(data, place):
            break
        header = _HEADER_LINE.match(data, place)
        if header is None or (header[1] is None and not headers):
            return _Block(headers, known, clean=False)
        if header[1] is not None:
            headers += 1
            known += _MAIL_HEADER.fullmatch(header[1]) is not None
        place = header.end()
    return _Block(headers, known)
