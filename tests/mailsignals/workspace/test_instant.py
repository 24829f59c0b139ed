"""Instants as people write them."""

import datetime as dt
import re

import pytest

from mailsignals.errors import UserError
from mailsignals.workspace.workspace import parse_instant

NOW = dt.datetime(2026, 3, 2, 23, 30, tzinfo=dt.UTC)
"""Already the 3rd of March in Berlin."""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-03-02", "2026-03-01T23:00:00Z"),
        ("2026-07-01", "2026-06-30T22:00:00Z"),
        ("2026-03-02T08:30", "2026-03-02T07:30:00Z"),
        ("2026-03-02 08:30:15", "2026-03-02T07:30:15Z"),
        ("2026-03-02T08:30Z", "2026-03-02T08:30:00Z"),
        ("2026-03-02T08:30:00.250+02:00", "2026-03-02T06:30:00.250Z"),
        ("2026-03-01T20:00-05:00", "2026-03-02T01:00:00Z"),
        ("today", "2026-03-02T23:00:00Z"),
        ("Yesterday", "2026-03-01T23:00:00Z"),
        ("-0d", "2026-03-02T23:00:00Z"),
        ("-7d", "2026-02-23T23:00:00Z"),
        ("-2w", "2026-02-16T23:00:00Z"),
    ],
)
def test_an_instant_is_read_as_people_mean_it(typed: str, meant: str) -> None:
    """A day is its midnight, also one named by a word, and a time without a zone local; a zone counts."""
    moment = parse_instant(typed, timezone="Europe/Berlin", now=NOW)
    assert moment == dt.datetime.fromisoformat(meant)
    assert moment.tzinfo is dt.UTC


@pytest.mark.parametrize("typed", ["tomorrow", "7d", "-7", "-7m", "- 7d", "", "2026-13-01", "-99999d"])
def test_what_is_no_instant_is_refused_by_name(typed: str) -> None:
    """A word that names no day, and a day outside the calendar of mail, are refused as they were typed."""
    with pytest.raises(UserError, match=re.escape(repr(typed))):
        parse_instant(typed, timezone="Europe/Berlin", now=NOW)
