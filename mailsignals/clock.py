"""The one place that asks the system for the time."""

import datetime as dt
from zoneinfo import ZoneInfo


def now() -> dt.datetime:
    """The present instant in UTC."""
    return dt.datetime.now(dt.UTC)  # noqa: TID251  # this is the clock


def local_date(at: dt.datetime, timezone: str) -> dt.date:
    """Return the calendar day of an instant in a time zone, named as in the IANA database."""
    return at.astimezone(ZoneInfo(timezone)).date()
