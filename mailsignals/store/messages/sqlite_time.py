"""Instants and days as SQLite keeps them: microseconds and days since 1970."""

import datetime as dt

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def to_microseconds(at: dt.datetime) -> int:
    """The number for an instant."""
    return (at - _EPOCH) // dt.timedelta(microseconds=1)


def instant(number: int) -> dt.datetime:
    """The instant of a number."""
    return _EPOCH + dt.timedelta(microseconds=number)


def day_number(on: dt.date) -> int:
    """The number for a day."""
    return (on - _EPOCH.date()).days
