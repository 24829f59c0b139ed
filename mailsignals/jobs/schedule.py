"""When something is due: instants by a rule, whatever the clocks on the walls do."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from typing import TypeAlias
from zoneinfo import ZoneInfo

from mailsignals.clock import local_date

WEEK = frozenset(range(7))
HORIZON_DAYS = 400
"""A rule that falls on no day within so many days is taken to fall on none."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Every:
    """Every so many minutes, counted from 1970, so that it does not depend on when a program started."""

    minutes: int

    def next_after(self, at: dt.datetime) -> dt.datetime:
        """The first occasion after an instant."""
        return self.last_until(at) + dt.timedelta(minutes=self.minutes)

    def last_until(self, at: dt.datetime) -> dt.datetime:
        """The last occasion up to an instant."""
        span = dt.timedelta(minutes=self.minutes)
        return _EPOCH + (at - _EPOCH) // span * span

    def __str__(self) -> str:
        return f"every {self.minutes} minutes"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Daily:
    """Once a day that it falls on, at a time of the local clock, in each of several time zones.

    A day has one occasion in a zone: where the clock shows the time twice, the first; where it skips the time, as
    long after midnight as if it had not. A day that a zone skips, when it changes sides of the date line, has none.
    """

    at: dt.time
    zones: tuple[str, ...]
    weekdays: frozenset[int] = WEEK
    """Monday is 0."""
    holidays: frozenset[dt.date] = frozenset()
    first_of_month: bool = False
    """Whether it falls on the first day of each month alone."""

    def falls_on(self, day: dt.date) -> bool:
        """Return whether the rule has an occasion on a day."""
        return (
            day.weekday() in self.weekdays
            and day not in self.holidays
            and (day.day == 1 or not self.first_of_month)
        )

    def next_after(self, at: dt.datetime) -> dt.datetime | None:
        """The first occasion after an instant; none if there is none within ``HORIZON_DAYS``."""
        firsts = (
            next((found for found in self._occasions(at, zone, step=1) if found > at), None)
            for zone in self.zones
        )
        return min((found for found in firsts if found is not None), default=None)

    def last_until(self, at: dt.datetime) -> dt.datetime | None:
        """The last occasion up to an instant; none if there is none within ``HORIZON_DAYS``."""
        lasts = (
            next((found for found in self._occasions(at, zone, step=-1) if found <= at), None)
            for zone in self.zones
        )
        return max((found for found in lasts if found is not None), default=None)

    def _occasions(self, at: dt.datetime, zone: str, *, step: int) -> Iterator[dt.datetime]:
        """The occasions around an instant and onwards from there, or backwards."""
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
    """The instant at which a zone's clock first shows a time of a day, or passes it; none if it has no such day."""
    if not _exists(day, zone):
        return None
    return dt.datetime.combine(day, at, ZoneInfo(zone)).astimezone(dt.UTC)


def _exists(day: dt.date, zone: str) -> bool:
    noon = dt.datetime.combine(day, dt.time(12), ZoneInfo(zone))
    return noon.astimezone(dt.UTC).astimezone(noon.tzinfo).date() == day
