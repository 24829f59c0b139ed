"""APScheduler with a clock and without a thread."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import apscheduler.executors.base
import apscheduler.schedulers.base
import pytest
from apscheduler.executors.debug import DebugExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.base import BaseScheduler


class Clock:
    """The time that the test says."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = at

    def now(self) -> dt.datetime:
        """The present instant."""
        return self.at


class Stepped(BaseScheduler):  # type: ignore[misc]  # APScheduler has no types
    """APScheduler without a thread: it looks for due jobs when the test says."""

    def __init__(self) -> None:
        super().__init__(
            timezone=dt.UTC, jobstores={"default": MemoryJobStore()}, executors={"default": DebugExecutor()}
        )
        self.step: Callable[[Callable[[], float | None]], float] = lambda _: 0.0
        """Set by the service: looks for due jobs, and starts them by its argument."""

    def wakeup(self) -> None:
        """Do nothing, because no thread sleeps."""

    def shutdown(self, wait: bool = True) -> None:
        """Do nothing, because no job is running."""

    def look(self) -> float:
        """Look for due jobs, run them, and return the seconds until the next look."""
        return self.step(self._process_jobs)


def by_the_clock(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let APScheduler go by a clock of ours."""

    class Time(dt.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:  # as datetime.now
            return clock.at.astimezone(tz)

    for module in (apscheduler.schedulers.base, apscheduler.executors.base):
        monkeypatch.setattr(module, "datetime", Time)
