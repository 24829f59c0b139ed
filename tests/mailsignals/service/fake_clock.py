"""APScheduler with a clock and without a thread."""

import datetime as dt
from pathlib import Path
from typing import Any

import apscheduler.executors.base
import apscheduler.schedulers.base
import pytest
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.base import BaseScheduler

from mailsignals.service.scheduler import job_store


class Clock:
    """The time that the test says."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = at

    def now(self) -> dt.datetime:
        """The present instant."""
        return self.at


class Stepped(BaseScheduler):  # type: ignore[misc]  # APScheduler has no types
    """APScheduler without a thread: it looks at the clock when it is told to."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            timezone=dt.UTC, jobstores={"default": job_store(folder)}, executors={"default": DebugExecutor()}
        )

    def wakeup(self) -> None:
        """Nobody sleeps."""

    def shutdown(self, wait: bool = True) -> None:
        """Nothing goes on."""

    def step(self) -> None:
        """Begin what is due."""
        self._process_jobs()


def by_the_clock(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let APScheduler go by a clock of ours."""

    class Time(dt.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:  # as datetime.now
            return clock.at.astimezone(tz)

    for module in (apscheduler.schedulers.base, apscheduler.executors.base):
        monkeypatch.setattr(module, "datetime", Time)
