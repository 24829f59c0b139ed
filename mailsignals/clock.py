"""The one place that asks the system for the time."""

import datetime as dt


def now() -> dt.datetime:
    """The present instant in UTC."""
    return dt.datetime.now(dt.UTC)  # noqa: TID251  # this is the clock
