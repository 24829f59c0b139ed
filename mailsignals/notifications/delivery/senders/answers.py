"""What an answer over HTTP means for a mail that was posted; decisions only."""

import datetime as dt
from collections.abc import Mapping

from connectors.transport.http import TransportError
from connectors.transport.waits import retry_after
from mailsignals.notifications.delivery.senders.base import LaterError, SendError, UnsureError

NOT_TAKEN = frozenset({408, 425, 429, 503})
"""Statuses that say that nothing was done, and to come back later."""


def no_answer_error(error: TransportError, *, whose: str, service: str) -> SendError:
    """No whole answer: uncertain once the request may have reached the server."""
    if error.reached:
        return UnsureError(whose, f"the connection to {service} ended before it answered ({error}).")
    return LaterError(whose, f"{service} is out of reach ({error}).", everywhere=True)


def by_status(
    status: int, headers: Mapping[str, str], *, whose: str, service: str, now: dt.datetime
) -> SendError | None:
    """Return the error that a status alone implies; None if the rest of the answer decides."""
    if status in NOT_TAKEN:
        wait = retry_after(headers, "", now=now)
        after = None if wait is None else dt.timedelta(seconds=wait)
        return LaterError(whose, f"{service} takes nothing now ({status}).", everywhere=True, after=after)
    if status >= 500:
        return UnsureError(whose, f"{service} failed after it had the mail ({status}).")
    return None
