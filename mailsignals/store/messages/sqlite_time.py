"""Times and days as numbers in SQLite: microseconds and days since 1970."""

import datetime as dt

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def to_microseconds(at: dt.datetime) -> int:
    """Return the microseconds since 1970 of a time."""
    return (at - _EPOCH) // dt.timedelta(microseconds=1)


def instant(number: int) -> dt.datetime:
    """Return the time in UTC of microseconds since 1970."""
    return _EPOCH + dt.timedelta(microseconds=number)


def day_number(on: dt.date) -> int:
    """Return the number of days from 1970 to a day."""
    return (on - _EPOCH.date()).days
