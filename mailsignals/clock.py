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


_DAYS_AGO = re.compile(r"-(\d{1,5})d")
_NAMED = {"today": 0, "yesterday": 1}


def named_day(text: str, *, today: dt.date) -> dt.date | None:
    """Return the day of ``today``, ``yesterday``, or ``-7d`` (seven days ago); None for any other text.

    Args:
        text: in upper or lower case.
        today: the reference day.
    """
    word = text.strip().lower()
    found = _DAYS_AGO.fullmatch(word)
    ago = int(found[1]) if found else _NAMED.get(word)
    return None if ago is None else today - dt.timedelta(days=ago)
