"""A job of the background service with its use case."""

import dataclasses
import datetime as dt
from collections.abc import Callable

from mailsignals.config import Settings
from mailsignals.jobs.job import Context, Job
from mailsignals.jobs.schedule import Daily
from mailsignals.workspace import Workspace

Work = Callable[[Workspace, Context], str]
"""Does a job, and returns the outcome in words."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ListedJob(Job):
    """A job with its use case."""

    work: Work


def daily(settings: Settings, at: dt.time, *, weekdays: frozenset[int] | None = None) -> Daily:
    """Return a daily time in the company's time zone, on these weekdays only."""
    zones = (settings.company.timezone,)
    return Daily(at=at, zones=zones) if weekdays is None else Daily(at=at, zones=zones, weekdays=weekdays)
