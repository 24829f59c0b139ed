"""The hours in which alerts may be sent, on workdays in the reader's time zone; pure."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from mailsignals.sla.calendars import OpenHours

_DAYS = 400
"""The number of days in which the next workday is searched."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LoudHours:
    """The hours in which alerts may be sent."""

    hours: Sequence[OpenHours]
    """The hours of a workday, in order."""
    weekdays: frozenset[int]
    """The workdays, Monday 0."""
    days_off: frozenset[dt.date]

    def holds(self, at: dt.datetime, timezone: str) -> bool:
        """Return whether the local time in a time zone is within the hours of a workday."""
        local = at.astimezone(ZoneInfo(timezone))
        minute = 60 * local.hour + local.minute
        return self._is_workday(local.date()) and any(
            each.opens_minute <= minute < each.closes_minute for each in self.hours
        )

    def next_after(self, at: dt.datetime, timezone: str) -> dt.datetime | None:
        """Return the next date and time at which the hours begin, in UTC; None without workdays."""
        zone = ZoneInfo(timezone)
        today = at.astimezone(zone).date()
        days = (today + dt.timedelta(days=number) for number in range(_DAYS))
        begins = (
            dt.datetime.combine(day, dt.time(*divmod(each.opens_minute, 60)), zone).astimezone(dt.UTC)
            for day in days
            if self._is_workday(day)
            for each in self.hours
        )
        return next((begin for begin in begins if begin > at), None)

    def _is_workday(self, day: dt.date) -> bool:
        return day.weekday() in self.weekdays and day not in self.days_off
