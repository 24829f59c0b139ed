"""The parameters of requests to Gmail about one mailbox."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import Any

import httplib2

from connectors.gmail.auth import Credentials, SignIn
from connectors.gmail.quota import Quota
from connectors.transport.limiter import Limiter
from connectors.transport.server_dates import ServerDates
from connectors.transport.waits import Pause


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """The time limits for one answer, in seconds."""

    read_seconds: float = 60.0
    """Seconds between two bytes of an answer."""
    total_seconds: float = 180.0


USUAL = Timeouts()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GmailAccess:
    """The parameters for requests to Gmail about one mailbox: address, server, sign-in, quota and clocks."""

    mailbox: str
    user_id: str
    """The name of the mailbox in requests."""
    root: str
    sign_in: SignIn
    credentials: Credentials
    quota: Quota
    limiter: Limiter
    pause: Pause
    now: Callable[[], dt.datetime]
    clock: Callable[[], float]
    """The monotonic time in seconds, for waits."""
    subjects: bool
    timeouts: Timeouts
    dates: ServerDates | None = None
    """Where the dates of answers are noted; None: nowhere."""


class _Connection(httplib2.Http):  # type: ignore[misc]  # httplib2 has no types
    """A connection that notes the dates of answers."""

    dates: ServerDates | None = None

    def request(self, *args: object, **options: object) -> Any:  # the library's pair  # noqa: ANN401
        """Send a request, note the date of the answer, and return it."""
        response, content = super().request(*args, **options)
        if self.dates is not None:
            self.dates.note(response.get("date"))
        return response, content


def connection(timeouts: Timeouts, dates: ServerDates | None = None) -> httplib2.Http:
    """Return a connection that follows no redirects to other servers, and notes the dates of answers."""
    http = _Connection(timeout=timeouts.read_seconds)
    http.dates = dates
    http.follow_redirects = False
    return http
