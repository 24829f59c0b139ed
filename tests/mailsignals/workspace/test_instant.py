"""Instants as people write them."""

import datetime as dt

import pytest

from mailsignals.workspace.workspace import parse_instant


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
    ],
)
def test_an_instant_is_read_as_people_mean_it(typed: str, meant: str) -> None:
    """A day is its midnight, and a time without a zone local; a zone counts."""
    moment = parse_instant(typed, timezone="Europe/Berlin")
    assert moment == dt.datetime.fromisoformat(meant)
    assert moment.tzinfo is dt.UTC
