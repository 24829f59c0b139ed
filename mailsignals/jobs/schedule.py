"""Schedules: rules for the times at which jobs are due, also across clock changes."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from typing import TypeAlias
from zoneinfo import ZoneInfo

from mailsignals.clock import local_date

WEEK = frozenset(range(7))
HORIZON_DAYS = 400
"""The days after which the search for a scheduled time ends; a rule without one by then has none."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Every:
    """A fixed interval in minutes, counted from 1970 and so independent of the start of the program."""

    minutes: int

    def next_after(self, at: dt.datetime) -> dt.datetime:
        """Return the first scheduled time after a time."""
        return self.last_until(at) + dt.timedelta(minutes=self.minutes)

    def last_until(self, at: dt.datetime) -> dt.datetime:
        """Return the last scheduled time up to a time, which it includes."""
        span = dt.timedelta(minutes=self.minutes)
        return _EPOCH + (at - _EPOCH) // span * span

    def __str__(self) -> str:
        return f"every {self.minutes} minutes"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Daily:
    """A local time on each matching day, in each of several time zones.

    A day has one scheduled time in each zone. If a clock change repeats the time, the first counts. If it skips the
    time, the scheduled time is as long after midnight as without the change. A day that a zone skips at the date line
    has none.
    """

    at: dt.time
    zones: tuple[str, ...]
    weekdays: frozenset[int] = WEEK
    """The weekdays on which the rule applies; Monday is 0."""
    holidays: frozenset[dt.date] = frozenset()
    first_of_month: bool = False
    """Whether the rule applies only on the first day of each month."""

    def falls_on(self, day: dt.date) -> bool:
        """Return whether the rule applies on a day."""
        return (
            day.weekday() in self.weekdays
            and day not in self.holidays
            and (day.day == 1 or not self.first_of_month)
        )

    def next_after(self, at: dt.datetime) -> dt.datetime | None:
        """Return the first scheduled time after a time; None without one within ``HORIZON_DAYS``."""
        firsts = (
            next((found for found in self._occasions(at, zone, step=1) if found > at), None)
            for zone in self.zones
        )
        return min((found for found in firsts if found is not None), default=None)

    def last_until(self, at: dt.datetime) -> dt.datetime | None:
        """Return the last scheduled time up to a time; None without one within ``HORIZON_DAYS``."""
        lasts = (
            next((found for found in self._occasions(at, zone, step=-1) if found <= at), None)
            for zone in self.zones
        )
        return max((found for found in lasts if found is not None), default=None)

    def _occasions(self, at: dt.datetime, zone: str, *, step: int) -> Iterator[dt.datetime]:
        """The scheduled times around a time, in steps of ``step`` days: forwards for 1, backwards for -1."""
        today = local_date(at, zone)
        for number in range(-2, HORIZON_DAYS):
            day = today + dt.timedelta(days=step * number)
            found = occasion(day, self.at, zone) if self.falls_on(day) else None
            if found is not None:
                yield found

    def __str__(self) -> str:
        return f"at {self.at:%H:%M} in {', '.join(self.zones)}"


Trigger: TypeAlias = Every | Daily


def occasion(day: dt.date, at: dt.time, zone: str) -> dt.datetime | None:
    """Return the time in UTC at which a zone's clock first shows or skips a time of a day.

    None if the zone skips that day.
    """
    if not _exists(day, zone):
        return None
    return dt.datetime.combine(day, at, ZoneInfo(zone)).astimezone(dt.UTC)


def _exists(day: dt.date, zone: str) -> bool:
    noon = dt.datetime.combine(day, dt.time(12), ZoneInfo(zone))
    return noon.astimezone(dt.UTC).astimezone(noon.tzinfo).date() == day
