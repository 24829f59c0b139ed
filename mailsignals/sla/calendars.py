"""Business hours as configured by local time, and as stretches of time in UTC.

A point in time is within business hours if its local time is within the hours of its day, unless that is a holiday.
A half day has hours of its own instead of its weekday's.
An hour that a clock change repeats counts twice, and an hour that it skips does not count.
"""

import dataclasses
import datetime as dt
import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]

FIRST, LAST = dt.date(1989, 1, 1), dt.date(2102, 1, 1)
"""The first and last day of calendars; dates of emails lie between 1990 and 2100."""

EPOCH = dt.date(1970, 1, 1)
MINUTE = 60_000_000
"""The length of a minute in microseconds."""
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class OpenHours:
    """One stretch of a day's business hours, in minutes after midnight, without its end."""

    opens_minute: int
    closes_minute: int
    """At most 1440, the end of the day."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Hours:
    """The business hours of a calendar from a day on."""

    timezone: str
    week: tuple[tuple[OpenHours, ...], ...]
    """The hours of each weekday, Monday first, in order and without overlap."""
    holidays: frozenset[dt.date] = frozenset()
    half_days: Mapping[dt.date, tuple[OpenHours, ...]] = dataclasses.field(default_factory=dict)
    """The hours of days that differ from their weekday; a holiday is closed nevertheless."""
    since: dt.date | None = None
    """The first day of this version, which is valid until the next one; the earliest is valid before that day too."""


Calendar = Sequence[Hours]
"""The versions of one calendar; without any every hour counts."""


@dataclasses.dataclass(frozen=True)
class Stretches:
    """The business hours of a calendar in microseconds since 1970, as stretches without their ends.

    They are in order and do not overlap.
    """

    opens: Integers
    closes: Integers


def microseconds(day: dt.date) -> int:
    """Return the microseconds from the midnight of 1 January 1970 to a day's midnight in the same time zone offset."""
    return (day - EPOCH).days * DAY


def stretches(calendar: Calendar) -> Stretches:
    """Return all business hours of a calendar between ``FIRST`` and ``LAST``."""
    if not calendar:
        return Stretches(np.array([microseconds(FIRST)]), np.array([microseconds(LAST)]))
    versions = sorted(calendar, key=lambda hours: hours.since or dt.date.min)
    starts = [microseconds(FIRST), *(_start(hours) for hours in versions[1:])]
    ends = [*itertools.accumulate(reversed([*starts[1:], microseconds(LAST)]), min)][::-1]
    parts = [
        _within(_on_the_clock(hours), start, end)
        for hours, start, end in zip(versions, starts, ends, strict=True)
    ]
    return Stretches(
        np.concatenate([part.opens for part in parts]), np.concatenate([part.closes for part in parts])
    )


def _start(hours: Hours) -> int:
    """The start of the version's first day in microseconds; a clock change may have skipped its midnight."""
    assert hours.since is not None
    midnight = microseconds(hours.since)
    begins = (
        max(since, midnight - offset)
        for since, until, offset in _offsets(hours.timezone)
        if until + offset > midnight
    )
    return next(begins, microseconds(LAST))


def _within(whole: Stretches, start: int, end: int) -> Stretches:
    """The parts of the stretches between two points in time; they are in order, without overlap."""
    first = np.searchsorted(whole.closes, start, side="right")
    last = np.searchsorted(whole.opens, end, side="left")
    return Stretches(whole.opens[first:last].clip(min=start), whole.closes[first:last].clip(max=end))


def _on_the_clock(hours: Hours) -> Stretches:
    """The stretches of one version in UTC, as if it were always valid."""
    local = _on_the_wall(hours)
    parts = []
    for since, until, offset in _offsets(hours.timezone):
        part = _within(local, since + offset, until + offset)
        parts.append(Stretches(part.opens - offset, part.closes - offset))
    return Stretches(
        np.concatenate([part.opens for part in parts]), np.concatenate([part.closes for part in parts])
    )


def _on_the_wall(hours: Hours) -> Stretches:
    """The stretches of one version in local time, every day once."""
    days = np.arange(microseconds(FIRST), microseconds(LAST), DAY)
    closed = np.array(sorted(map(microseconds, hours.holidays)), dtype=np.int64)
    days = days[~np.isin(days, closed)]
    half = np.array(sorted(map(microseconds, hours.half_days)), dtype=np.int64)
    usual = days[~np.isin(days, half)]
    weekday = (usual // DAY + EPOCH.weekday()) % 7
    plans = [(usual[weekday == number], plan) for number, plan in enumerate(hours.week)]
    plans += [(days[days == microseconds(day)], plan) for day, plan in hours.half_days.items()]
    opens, closes = [], []
    for on_days, plan in plans:
        for stretch in plan:
            opens.append(on_days + stretch.opens_minute * MINUTE)
            closes.append(on_days + stretch.closes_minute * MINUTE)
    if not opens:
        return Stretches(np.empty(0, np.int64), np.empty(0, np.int64))
    order = np.argsort(np.concatenate(opens))
    return Stretches(np.concatenate(opens)[order], np.concatenate(closes)[order])


SPAN = microseconds(LAST) - microseconds(FIRST)
"""The length of every calendar in microseconds."""


@functools.cache
def _offsets(timezone: str) -> tuple[tuple[int, int, int], ...]:
    """The offsets of a time zone from UTC: start, end and offset of each, in microseconds."""
    zone = ZoneInfo(timezone)
    changes = [FIRST_INSTANT, *_changes(zone), LAST_INSTANT]
    return tuple(
        (
            microseconds_at(since),
            microseconds_at(until),
            _ahead(since, zone) // dt.timedelta(microseconds=1),
        )
        for since, until in itertools.pairwise(changes)
    )


FIRST_INSTANT, LAST_INSTANT = (dt.datetime.combine(day, dt.time(), dt.UTC) for day in (FIRST, LAST))


def _changes(zone: ZoneInfo) -> Iterator[dt.datetime]:
    """The times, to the second, at which the zone's offset changes; no zone changes it twice on a day."""
    days = (FIRST_INSTANT + dt.timedelta(days=number) for number in range((LAST - FIRST).days + 1))
    for (before, ahead_before), (after, ahead_after) in itertools.pairwise(
        (day, _ahead(day, zone)) for day in days
    ):
        if ahead_before == ahead_after:
            continue
        unchanged, changed = before, after
        while changed - unchanged > _SECOND:
            middle = unchanged + (changed - unchanged) // (2 * _SECOND) * _SECOND
            if _ahead(middle, zone) == ahead_before:
                unchanged = middle
            else:
                changed = middle
        yield changed


_SECOND = dt.timedelta(seconds=1)


def _ahead(moment: dt.datetime, zone: ZoneInfo) -> dt.timedelta:
    """The offset of a time zone from UTC at a point in time."""
    found = moment.astimezone(zone).utcoffset()
    assert found is not None
    return found


def microseconds_at(moment: dt.datetime) -> int:
    """Return the microseconds from the beginning of 1970 (UTC) to a point in time."""
    return (moment - dt.datetime.combine(EPOCH, dt.time(), dt.UTC)) // dt.timedelta(microseconds=1)
