"""Instants as people type them."""

import datetime as dt
from zoneinfo import ZoneInfo

from mailsignals.errors import UserError

EARLIEST, LATEST = 1970, 2999
"""Years; windows before and after them stay within the calendar."""


def instant(text: str, *, timezone: str) -> dt.datetime:
    """An ISO 8601 instant in UTC; without a zone it is local to ``timezone``, a day alone is its midnight there.

    Raises:
        UserError: naming what was typed.
    """
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise UserError(
            f"{text!r} is not an instant. Write a day such as 2026-10-01, or 2026-10-01T08:30+02:00."
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(timezone))
    if not EARLIEST <= moment.year <= LATEST:
        raise UserError(f"{text!r} is no instant of e-mail. Give one between {EARLIEST} and {LATEST}.")
    return moment.astimezone(dt.UTC)
