"""The only module that reads the system's clock."""

import datetime as dt
import re
from zoneinfo import ZoneInfo


def now() -> dt.datetime:
    """Return the current time in UTC."""
    return dt.datetime.now(dt.UTC)  # noqa: TID251  # this is the clock


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
