"""The one place that asks the system for the time."""

import datetime as dt
import re
from zoneinfo import ZoneInfo


def now() -> dt.datetime:
    """The present instant in UTC."""
    return dt.datetime.now(dt.UTC)  # noqa: TID251  # this is the clock


def local_date(at: dt.datetime, timezone: str) -> dt.date:
    """Return the calendar day of an instant in a time zone, named as in the IANA database."""
    return at.astimezone(ZoneInfo(timezone)).date()


_DISTANCE = re.compile(r"([+-]?)(\d{1,5})([dw])")
_NAMED = {"yesterday": -1, "today": 0, "tomorrow": 1}
_DAYS = {"d": 1, "w": 7}


def named_day(text: str, *, today: dt.date, ahead: bool = False) -> dt.date | None:
    """Return the day of ``today``, ``yesterday``, ``tomorrow``, ``-7d``, ``-2w`` or ``+7d``; None for any other text.

    Args:
        text: in any case of letters.
        today: the day that they are counted from.
        ahead: whether a distance may have no sign, as in ``7d``, and is then ahead.
    """
    word = text.strip().lower()
    found = _DISTANCE.fullmatch(word)
    if found is None:
        days = _NAMED.get(word)
    elif found[1] or ahead:
        days = int(found[2]) * _DAYS[found[3]] * (-1 if found[1] == "-" else 1)
    else:
        days = None
    try:
        return None if days is None else today + dt.timedelta(days=days)
    except OverflowError:
        return None
