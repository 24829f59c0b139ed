"""Days that are named by their distance from today."""

import datetime as dt

import pytest

from mailsignals.clock import named_day

TODAY = dt.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", TODAY),
        (" Yesterday ", dt.date(2026, 3, 1)),
        ("-7d", dt.date(2026, 2, 23)),
        ("-2w", dt.date(2026, 2, 16)),
        ("0d", TODAY),
        ("tomorrow", None),
        ("7d", None),
        ("+7d", None),
        ("-2m", None),
        ("-d", None),
        ("2026-03-01", None),
        ("-100000d", None),
    ],
)
def test_days_in_the_past_have_a_sign(text: str, day: dt.date | None) -> None:
    """Whatever is no such name, or lies ahead, is left to whoever reads dates."""
    assert named_day(text, today=TODAY) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("tomorrow", dt.date(2026, 3, 3)),
        ("7d", dt.date(2026, 3, 9)),
        ("+2W", dt.date(2026, 3, 16)),
        ("-1d", dt.date(2026, 3, 1)),
        ("99999w", dt.date(2026, 3, 2) + dt.timedelta(weeks=99_999)),
        ("next week", None),
    ],
)
def test_days_ahead_have_none(text: str, day: dt.date | None) -> None:
    """Where a day ahead is meant, such as the end of a snooze."""
    assert named_day(text, today=TODAY, ahead=True) == day
