"""The meaning of an HTTP response to an email or note that was posted; decisions only."""

import datetime as dt
from collections.abc import Mapping

from connectors.transport.http import TransportError
from connectors.transport.waits import retry_after
from mailsignals.notifications.delivery.senders.base import LaterError, SendError, UnsureError

NOT_TAKEN = frozenset({408, 425, 429, 503})
"""Statuses for a request that was not processed and may be repeated later."""


def no_answer_error(error: TransportError, *, whose: str, service: str) -> SendError:
    """Return the error for an incomplete response: uncertain if the request may have reached the server."""
    if error.reached:
        return UnsureError(whose, f"the connection to {service} ended before a response ({error}).")
    return LaterError(whose, f"{service} can't be reached ({error}).", everywhere=True)


def by_status(
    status: int, headers: Mapping[str, str], *, whose: str, service: str, now: dt.datetime
) -> SendError | None:
    """Return the error that a status alone implies; None if the rest of the answer decides."""
    if status in NOT_TAKEN:
        wait = retry_after(headers, "", now=now)
        after = None if wait is None else dt.timedelta(seconds=wait)
        return LaterError(
            whose, f"{service} accepts no requests now ({status}).", everywhere=True, after=after
        )
    if status >= 500:
        return UnsureError(whose, f"{service} failed after it received the message ({status}).")
    return None
