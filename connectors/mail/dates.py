"""Reads the time at which an email was sent, from ``Date`` and ``Received`` (RFC 5322, 3.3 and 4.3)."""

import datetime as dt
import email.utils
import functools
import re
from collections.abc import Iterable

from connectors.mail.headers import Headers

EARLIEST = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
"""The years of emails; a date outside of them counts as unreadable."""

CLOCK_TOLERANCE = dt.timedelta(minutes=15)
"""A ``Date`` later than the newest hop by more than this comes from a wrong clock."""

LONGEST_WAY = dt.timedelta(hours=24)
"""A ``Date`` earlier than the newest hop by more than this isn't the time at which the email arrived."""

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}

# The names of RFC 5322 (4.3) and other unambiguous ones. Any other name is read as UTC.
_ZONES = {
    "UT": "+0000",
    "UTC": "+0000",
    "GMT": "+0000",
    "Z": "+0000",
    "EST": "-0500",
    "EDT": "-0400",
    "CST": "-0600",
    "CDT": "-0500",
    "MST": "-0700",
    "MDT": "-0600",
    "PST": "-0800",
    "PDT": "-0700",
    "AEDT": "+1100",
    "AEST": "+1000",
    "CEST": "+0200",
    "CET": "+0100",
    "EEST": "+0300",
    "EET": "+0200",
    "JST": "+0900",
    "KST": "+0900",
    "MESZ": "+0200",
    "MEZ": "+0100",
    "MSK": "+0300",
    "NZDT": "+1300",
    "NZST": "+1200",
    "WEST": "+0100",
    "WET": "+0000",
}
_MAX_OFFSET = dt.timedelta(hours=14)
_NO_OFFSET = dt.timedelta()
_MAX_LENGTH = 200

_USUAL = re.compile(
    r"(?:[A-Za-z]{3}, ?)? ?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):([0-5]\d) ([+-]\d\d[0-5]\d)(?![^ (])",
    re.ASCII,
)
_COMMENT = re.compile(r"\([^()]*\)")
_NUMERIC_ZONE = re.compile(r"[+-]\d{4}$")
_LAST_NAME = re.compile(r"([A-Za-z]+)$")


def read_sent_at(headers: Headers, defects: set[str]) -> dt.datetime | None:
    """Return the time of ``Date``, or of the newest hop if ``Date`` is missing, unreadable, too late or much too early.

    Returns:
        A UTC time, or None if neither can be read. A ``Date`` that can't be read adds
        ``unreadable_date`` to ``defects``; a zone that doesn't exist, ``unknown_zone``.
    """
    dates = headers.all("date")
    written = _first(dates)
    if dates and written is None:
        defects.add("unreadable_date")
    hop = _first(value.rpartition(";")[2].strip() for value in headers.all("received"))
    if hop is not None and (written is None or not -LONGEST_WAY <= written[0] - hop[0] <= CLOCK_TOLERANCE):
        written = hop
    if written is None:
        return None
    if not written[1]:
        defects.add("unknown_zone")
    return written[0]


def read_dated_at(headers: Headers, known: dt.datetime | None = None) -> dt.datetime | None:
    """Return the time of ``Date`` in UTC and whole seconds, or ``known`` from the provider; None if unreadable."""
    if known is None:
        written = _first(headers.all("date"))
        known = written[0] if written else None
    if known is None:
        return None
    known = in_utc(known)
    return known.replace(microsecond=0) if known.microsecond else known


def in_utc(at: dt.datetime) -> dt.datetime:
    """Return the same time in UTC."""
    return at if at.tzinfo is dt.UTC else at.astimezone(dt.UTC)


def _first(values: Iterable[str]) -> tuple[dt.datetime, bool] | None:
    """The first readable time."""
    return next(filter(None, map(parse_date, values)), None)


def parse_date(text: str) -> tuple[dt.datetime, bool] | None:
    """Return the time of a date in UTC, and whether its zone exists; None if it can't be read.

    Without a zone, or with an unknown one, the time is read as UTC (RFC 5322, 4.3).
    """
    usual = _USUAL.match(text)
    if usual is None:
        return _unusual(text[:_MAX_LENGTH])
    day, month, year, hour, minute, second, zone = usual.groups()
    offset = _offset(zone)
    try:
        local = dt.datetime(
            int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=dt.UTC
        )
        instant = local - (offset or _NO_OFFSET)
    except (ValueError, KeyError, OverflowError):
        return None
    return (instant, offset is not None) if EARLIEST <= instant < LATEST else None


@functools.lru_cache(maxsize=256)
def _offset(zone: str) -> dt.timedelta | None:
    """The offset of ``+hhmm`` from UTC; None for an invalid zone."""
    offset = dt.timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
    return None if offset > _MAX_OFFSET else -offset if zone[0] == "-" else offset


def _unusual(text: str) -> tuple[dt.datetime, bool] | None:
    """The obsolete and the wrong forms: comments, two-digit years, no seconds, zone names, ISO 8601."""
    while (bare := _COMMENT.sub(" ", text)) != text:
        text = bare
    text = " ".join(text.split()).replace(" ,", ",")
    if text[:4].isdigit():
        return _iso(text)
    name = _LAST_NAME.search(text)
    if name is not None and name[1].upper() in {"AM", "PM"}:
        return None
    if name is not None:
        text = text[: name.start()] + _ZONES.get(name[1].upper(), name[1])
    try:
        parsed = email.utils.parsedate_tz(text)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
    if parsed is None:
        return None
    year = parsed[0] + 1900 if 100 <= parsed[0] < 1000 else parsed[0]
    return _instant((year, *parsed[1:6]), parsed[9] if _NUMERIC_ZONE.search(text) else None)


def _iso(text: str) -> tuple[dt.datetime, bool] | None:
    try:
        written = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    offset = written.utcoffset()
    parts = (written.year, written.month, written.day, written.hour, written.minute, written.second)
    return _instant(parts, None if offset is None else int(offset.total_seconds()))


def _instant(parts: tuple[int, ...], offset_seconds: int | None) -> tuple[dt.datetime, bool] | None:
    year, month, day, hour, minute, second = parts
    known = offset_seconds is not None and abs(offset_seconds) <= _MAX_OFFSET.total_seconds()
    offset = dt.timedelta(seconds=offset_seconds if known and offset_seconds else 0)
    leap = dt.timedelta(seconds=1 if second == 60 else 0)
    try:
        local = dt.datetime(year, month, day, hour, minute, 59 if second == 60 else second, tzinfo=dt.UTC)
        instant = local - offset + leap
    except (ValueError, OverflowError):
        return None
    return (instant, known) if EARLIEST <= instant < LATEST else None
