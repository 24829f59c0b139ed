"""Faults of the running service: each is logged when it begins and when it ends, and retried with growing pauses."""

import datetime as dt
import logging
import threading
from collections.abc import Callable, Sequence

from mailsignals.errors import UserError
from mailsignals.jobs.health import Fault
from mailsignals.store.messages.errors import machine_problem

log = logging.getLogger(__name__)

LOOK = "look for due jobs"
RECORD = "record runs"
START = "start jobs"
READ = "read the state of its jobs"
"""The parts of the service's work that can fail, as a verb and its object."""

FIRST_SECONDS, LAST_SECONDS = 1.0, 60.0
"""The pauses before the first retry and the last one; each doubles the one before."""


class FaultWatch:
    """The present faults; safe to use from any thread."""

    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        self._now = now
        self._turn = threading.Lock()
        self._faults: dict[str, Fault] = {}
        self._tries: dict[str, int] = {}

    def __contains__(self, doing: str) -> bool:
        with self._turn:
            return doing in self._faults

    @property
    def current(self) -> Sequence[Fault]:
        """The present faults, the oldest first."""
        with self._turn:
            return list(self._faults.values())

    def note(self, doing: str, error: Exception) -> None:
        """Count a failure; the first one of a fault is logged."""
        reason = reason_of(error)
        with self._turn:
            known = self._faults.get(doing)
            since = self._now() if known is None else known.since
            self._faults[doing] = Fault(doing=doing, since=since, reason=reason)
            self._tries[doing] = self._tries.get(doing, 0) + 1
        if known is None:
            is_bug = machine_problem(error) is None and not isinstance(error, UserError)
            fields = {"cannot": doing, "problem": reason}
            log.error("fault_begins", extra=fields, exc_info=error if is_bug else None)

    def clear(self, doing: str) -> None:
        """Note a success; the end of a fault is logged with the number of failures and its length."""
        with self._turn:
            fault, tries = self._faults.pop(doing, None), self._tries.pop(doing, 0)
        if fault is not None:
            seconds = round((self._now() - fault.since).total_seconds())
            log.warning("fault_ends", extra={"could_not": doing, "tries": tries, "seconds": seconds})

    def pause_seconds(self, doing: str) -> float:
        """Return the seconds to wait before the next try."""
        with self._turn:
            return growing_pause(self._tries.get(doing, 0))


def growing_pause(tries: int) -> float:
    """Return the seconds to wait after a number of failures: 1, 2, 4, up to 60."""
    return min(FIRST_SECONDS * (1 << min(max(tries - 1, 0), 10)), LAST_SECONDS)


def reason_of(error: Exception) -> str:
    """Return a sentence on an error: what is wrong, and what to do."""
    if (problem := machine_problem(error)) is not None:
        return problem
    if isinstance(error, UserError):
        return str(error)
    return f"a bug in mailsignals ({type(error).__name__}); see the log"
