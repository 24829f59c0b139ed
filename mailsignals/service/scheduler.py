"""APScheduler in a thread that no error ends; it keeps the next time of each job in memory."""

import datetime as dt
import threading
from collections.abc import Callable

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import STATE_RUNNING
from apscheduler.triggers.base import BaseTrigger

from mailsignals.jobs.schedule import Trigger

MOST_AT_ONCE = 32
"""Jobs that may run at the same time, more than there are."""


class When(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """A trigger as APScheduler requires it."""

    def __init__(self, rule: Trigger) -> None:
        self.rule = rule

    def get_next_fire_time(self, previous: dt.datetime | None, now: dt.datetime) -> dt.datetime | None:
        """Return the due time after the previous one."""
        return self.rule.next_after(previous or now)

    def __str__(self) -> str:
        return str(self.rule)


class Scheduler(BackgroundScheduler):  # type: ignore[misc]  # APScheduler has no types
    """APScheduler in a thread, which can't be ended by an error.

    Call ``wakeup`` regularly, because its own timer stops while the machine sleeps.
    """

    def __init__(self) -> None:
        pool = ThreadPoolExecutor(MOST_AT_ONCE)
        super().__init__(
            timezone=dt.UTC, jobstores={"default": MemoryJobStore()}, executors={"default": pool}
        )
        self.looks = 0
        """The number of looks so far, failed ones included: it grows as long as the thread is alive."""
        self.step: Callable[[Callable[[], float | None]], float | None] = lambda fire_due: fire_due()
        """Looks for due jobs, calls its argument to start them, and returns the seconds until the next look."""

    @property
    def is_alive(self) -> bool:
        """True while the thread runs."""
        thread: threading.Thread | None = self._thread
        return thread is not None and thread.is_alive()

    def _process_jobs(self) -> float | None:
        if self.state != STATE_RUNNING:
            return None
        pause = self.step(super()._process_jobs)
        self.looks += 1
        return pause

    def wakeup(self) -> None:
        """Look for due jobs at once; a change that a look makes itself causes no other one."""
        if threading.current_thread() is not self._thread:
            super().wakeup()
