"""The only module that reads the system's clocks: the wall clock, and one that only ever moves forward."""

import dataclasses
import datetime as dt
import re
import time
from zoneinfo import ZoneInfo


def now() -> dt.datetime:
    """Return the current time in UTC."""
    return dt.datetime.now(dt.UTC)  # noqa: TID251  # this is the clock


TOLERANCE = dt.timedelta(minutes=5)
"""The most by which a stored time may be later than now: clocks of several machines differ a little."""


def latest_credible(now: dt.datetime) -> dt.datetime:
    """Return the latest time that can have been written by now; anything later was written by a wrong clock."""
    return now + TOLERANCE


def wait_is_over(until: dt.datetime, *, now: dt.datetime, longest: dt.timedelta) -> bool:
    """Return whether a wait has ended, or is longer than any that this clock can have begun.

    Args:
        until: the end of the wait.
        now: the current time.
        longest: the longest wait that is ever begun.
    """
    return until <= now or until > latest_credible(now) + longest


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ClockReading:
    """Both clocks, read at the same moment."""

    wall: dt.datetime
    """The time in UTC, which a person or a time server may set to anything."""
    elapsed: dt.timedelta
    """The time since an arbitrary moment before the program started; sleep counts, and nothing can set it."""


# Of the clocks that can't be set, Linux has one that counts sleep beside one that doesn't.
# The one of macOS counts it, as does that of Windows, which time.monotonic reads.
_STEADY = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))


def elapsed() -> dt.timedelta:
    """Return the time since an arbitrary moment, by a clock that counts sleep and that nobody can set."""
    return dt.timedelta(seconds=time.monotonic() if _STEADY is None else time.clock_gettime(_STEADY))


def read_clocks() -> ClockReading:
    """Return a reading of both clocks."""
    return ClockReading(wall=now(), elapsed=elapsed())


def local_date(at: dt.datetime, timezone: str) -> dt.date:
    """Return the calendar day of a point in time in a time zone, named as in the IANA database."""
    return at.astimezone(ZoneInfo(timezone)).date()


_DISTANCE = re.compile(r"([+-]?)(\d{1,5})([dw])")
_NAMED = {"yesterday": -1, "today": 0}
_DAYS = {"d": 1, "w": 7}


def named_day(text: str, *, today: dt.date, ahead: bool = False) -> dt.date | None:
    """Return the day of ``today``, ``yesterday``, ``-7d`` or ``-2w``; None for any other text.

    Args:
        text: in upper or lower case.
        today: the reference day.
        ahead: True to read ``tomorrow``, ``7d`` and ``2w``, too.
    """
    word = text.strip().lower()
    found = _DISTANCE.fullmatch(word)
    if found is None:
        days = 1 if ahead and word == "tomorrow" else _NAMED.get(word)
    else:
        days = int(found[2]) * _DAYS[found[3]] * (-1 if found[1] == "-" else 1)
    return None if days is None or (days > 0 and not ahead) else today + dt.timedelta(days=days)
