"""The parameters of requests to Gmail about one mailbox."""

import dataclasses
import datetime as dt
from collections.abc import Callable

from connectors.gmail.auth import Credentials, SignIn
from connectors.gmail.quota import Quota
from connectors.transport.provider_limits import MailboxLimits
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
    limits: MailboxLimits
    pause: Pause
    now: Callable[[], dt.datetime]
    clock: Callable[[], float]
    """The monotonic time in seconds, for waits."""
    subjects: bool
    timeouts: Timeouts
    dates: ServerDates | None = None
    """Where the dates of answers are noted; None: nowhere."""
