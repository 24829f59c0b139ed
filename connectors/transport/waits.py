"""Decides how long to wait before a request is repeated."""

import datetime as dt
import random
import re
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import TypeAlias

Pause: TypeAlias = Callable[[float], None]
"""A function that waits so many seconds; raises ``StoppedError`` when the run is interrupted."""

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504, 509})
"""HTTP statuses after which the same request may succeed."""

LONGEST = 86_400.0
"""Longest wait in seconds; a longer one that a server requests is cut to it."""

_IN_TEXT = re.compile(r"[Rr]etry after (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?)\d*Z?")


def retry_after(headers: Mapping[str, str], text: str, *, now: dt.datetime) -> float | None:
    """Return the seconds that a server requests us to wait; None if it doesn't.

    ``Retry-After`` (RFC 9110, 10.2.3) as seconds, also with a fraction, or as a date; else a point in time in the text,
    which Gmail writes as ``Retry after 2026-03-02T10:00:00.000Z``. ``headers`` have lower-case names.
    """
    asked = _seconds(headers.get("retry-after", ""), now=now)
    if asked is None and (found := _IN_TEXT.search(text[:10_000])):
        asked = (dt.datetime.fromisoformat(found[1]).replace(tzinfo=dt.UTC) - now).total_seconds()
    return None if asked is None else min(max(asked, 0.0), LONGEST)


def _seconds(value: str, *, now: dt.datetime) -> float | None:
    value = value.strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value):
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return (date if date.tzinfo else date.replace(tzinfo=dt.UTC)).timestamp() - now.timestamp()


def backoff(
    attempt: int, *, jitter: Callable[[], float] = random.random, base: float = 1.0, cap: float = 64.0
) -> float:
    """Return the seconds to wait after attempt number ``attempt`` (from 1): doubled, bounded, half of it random."""
    longest = min(base * 2.0 ** min(attempt - 1, 30), cap)
    return longest / 2 + jitter() * longest / 2
