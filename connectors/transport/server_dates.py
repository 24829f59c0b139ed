"""The newest ``Date`` header of a server's answers, which shows whether this machine's clock is right."""

import datetime as dt
import email.utils
import threading
from collections.abc import Callable
from typing import NamedTuple, Protocol, runtime_checkable


class ServerDate(NamedTuple):
    """The time by a server's clock and by this machine's clock, at the same moment."""

    date_at: dt.datetime
    """The header ``Date`` of an answer, in UTC."""
    noted_at: dt.datetime
    """The time at which the answer arrived."""


class ServerDates:
    """Keeps the newest date that a server reported; safe to use from any thread."""

    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._last: ServerDate | None = None

    @property
    def last(self) -> ServerDate | None:
        """The date of the last answer; None before the first answer with a readable one."""
        with self._lock:
            return self._last

    def note(self, header: str | None) -> None:
        """Note the header ``Date`` of an answer; an unreadable one is ignored."""
        try:
            date = email.utils.parsedate_to_datetime(header or "")
        except (TypeError, ValueError, IndexError):
            return
        if date.tzinfo is None:  # "-0000", by which a server says that the zone is unknown
            date = date.replace(tzinfo=dt.UTC)
        try:
            found = ServerDate(date.astimezone(dt.UTC), self._now())
        except (OverflowError, ValueError):
            return
        with self._lock:
            self._last = found


@runtime_checkable
class ReportsDates(Protocol):
    """A provider that keeps the newest date that its server reported."""

    @property
    def dates(self) -> ServerDates:
        """The dates of the provider's answers."""
