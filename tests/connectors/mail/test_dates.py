"""When a mail was sent."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail.dates import EARLIEST, LATEST, parse_date
from tests.connectors.mail.reading import read

TEN = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)

READABLE = {
    "usual": "Mon, 2 Mar 2026 12:00:00 +0200",
    "west": "Mon, 02 Mar 2026 05:00:00 -0500 (EST)",
    "half hours": "Mon, 2 Mar 2026 15:30:00 +0530",
    "no weekday": "2 Mar 2026 10:00:00 +0000",
    "no seconds": "Mon, 2 Mar 2026 10:00 +0000",
    "two-digit year": "Mon, 2 Mar 26 10:00:00 GMT",
    "three-digit year": "Mon, 2 Mar 126 10:00:00 +0000",
    "obsolete zone": "Mon, 2 Mar 2026 05:00:00 EST",
    "European zone": "Mon, 2 Mar 2026 11:00:00 CET",
    "German zone": "Mon, 2 Mar 2026 11:00:00 MEZ",
    "no local zone": "Mon, 2 Mar 2026 10:00:00 -0000",
    "capitals": "MON, 2 MAR 2026 10:00:00 GMT",
    "dashes": "2-Mar-2026 10:00:00 +0000",
    "comments": "Mon (lunedi (or so)), 2 Mar 2026 10:00:00 +0000",
    "blanks": "  Mon,   2 Mar 2026  10:00:00   +0000",
    "ctime": "Mon Mar  2 10:00:00 2026 +0000",
    "leap second": "Mon, 2 Mar 2026 09:59:60 +0000",
    "ISO 8601": "2026-03-02T11:00:00+01:00",
    "wrong weekday": "Fri, 2 Mar 2026 10:00:00 +0000",
}

UNREADABLE = [
    "",
    "yesterday",
    "Mo, 2 Mär 2026 10:00:00 +0000",
    "lundi 2 mars 2026 10:00:00",
    "Mon, 32 Mar 2026 10:00:00 +0000",
    "Mon, 30 Feb 2026 10:00:00 +0000",
    "Mon, 2 Mar 2026 25:00:00 +0000",
    "Mon, 2 Xxx 2026 10:00:00 +0000",
    "Mon, 2 Mar 2026 10:00:00 PM",
    "Thu, 1 Jan 1970 00:00:00 +0000",
    "Mon, 2 Mar 2126 10:00:00 +0000",
    "2026-99-99T10:00:00",
]


@pytest.mark.parametrize("text", READABLE.values(), ids=READABLE)
def test_a_readable_date_is_an_instant(text: str) -> None:
    """Every form of RFC 5322, the obsolete and the common wrong ones, give the UTC instant."""
    assert parse_date(text) == (TEN, True)


@pytest.mark.parametrize("zone", ["XYZ", "+2500", "-1700", "", "+0000X"])
def test_a_zone_that_does_not_exist_is_utc(zone: str) -> None:
    """RFC 5322 (4.3) takes an unknown zone as UTC; that it was unknown is told."""
    assert parse_date(f"Mon, 2 Mar 2026 10:00:00 {zone}") == (TEN, False)


@pytest.mark.parametrize("text", UNREADABLE)
def test_an_unreadable_date_is_none(text: str) -> None:
    """Other languages, impossible days and instants before mail or after us are no dates."""
    assert parse_date(text) is None


@pytest.mark.slow
@given(st.text(st.sampled_from("Mon, 2 Mar 2026 10:00:00 +0000()TZ-.;\t")) | st.text())
def test_no_text_makes_the_date_reader_raise(text: str) -> None:
    """Any text gives an instant in range, or none."""
    parsed = parse_date(text)
    assert parsed is None or EARLIEST <= parsed[0] < LATEST


HOP = b"Received: from a by b with SMTP id 1; Mon, 2 Mar 2026 10:00:00 +0000"
OLDER_HOP = b"Received: from z by a; Mon, 2 Mar 2026 09:00:00 +0000"

SENT_AT = {
    "the date": ([HOP, b"Date: Mon, 2 Mar 2026 09:00:00 +0000"], -3600),
    "a date long before the hop: the mail waited": ([HOP, b"Date: Mon, 2 Mar 2026 00:00:00 +0000"], -36_000),
    "24 hours before the hop: the mail waited": ([HOP, b"Date: Sun, 1 Mar 2026 10:00:00 +0000"], -86_400),
    "one second more: it was written long before": ([HOP, b"Date: Sun, 1 Mar 2026 09:59:59 +0000"], 0),
    "a clock that was reset": ([HOP, b"Date: Tue, 1 Jan 2019 00:03:00 +0000"], 0),
    "long before an older hop": ([HOP, OLDER_HOP, b"Date: Tue, 1 Jan 2019 00:03:00 +0000"], 0),
    "long before, and no hop can be read": (
        [b"Received: by b", b"Date: Sun, 1 Mar 2026 10:00:00 +0000"],
        -86_400,
    ),
    "15 minutes ahead of the hop is tolerated": ([HOP, b"Date: Mon, 2 Mar 2026 10:15:00 +0000"], 900),
    "one second more is a wrong clock": ([HOP, b"Date: Mon, 2 Mar 2026 10:15:01 +0000"], 0),
    "no date": ([HOP, OLDER_HOP], 0),
    "an unreadable date": ([HOP, b"Date: soon"], 0),
    "the second date is readable": ([b"Date: soon", b"Date: Mon, 2 Mar 2026 10:00:00 +0000"], 0),
    "the newest hop has no date": ([b"Received: by b", HOP, OLDER_HOP], 0),
    "a semicolon in a comment of the hop": ([HOP.replace(b"SMTP", b"SMTP (a; b)")], 0),
}


@pytest.mark.parametrize(("lines", "seconds"), SENT_AT.values(), ids=SENT_AT)
def test_sent_at_is_the_date_unless_the_newest_hop_knows_better(lines: list[bytes], seconds: int) -> None:
    """``Date``, but the newest hop where it is absent, unreadable, over 15 minutes later or over 24 hours earlier."""
    reading = read(b"From: ana@x.com", *lines)
    assert reading.message is not None
    assert reading.message.sent_at == TEN + dt.timedelta(seconds=seconds)


def test_without_any_date_a_mail_is_set_aside() -> None:
    """A mail that nobody can place in time is skipped with that reason, and its defects are told."""
    reading = read(b"From: ana@x.com", b"Date: soon", b"Received: by b")
    assert (reading.message, reading.skipped) == (None, "no readable date")
    assert reading.defects == ("unreadable_date",)


def test_an_unknown_zone_is_counted() -> None:
    """A zone that was guessed is a defect."""
    assert read(b"From: ana@x.com", b"Date: Mon, 2 Mar 2026 10:00:00 +2500").defects == ("unknown_zone",)
