"""Open hours as people write them, and as stretches of time on the clock of the world.

An instant is open if the clock on the wall shows a time within the open hours of its day, and the day is no holiday.
A half day has hours of its own in the place of its weekday's.
So an hour that a clock change repeats is open twice, and one that it skips is not there.
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
"""Calendars are laid out between these days; no mail is dated outside of 1990 to 2100."""

EPOCH = dt.date(1970, 1, 1)
MINUTE = 60_000_000
"""In microseconds."""
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class OpenHours:
    """One stretch of a day's open hours, in minutes after midnight, half-open."""

    opens_minute: int
    closes_minute: int
    """At most 1440, the end of the day."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Hours:
    """The open hours of a calendar from a day on."""

    timezone: str
    week: tuple[tuple[OpenHours, ...], ...]
    """Of each weekday, Monday first, in order and without overlap."""
    holidays: frozenset[dt.date] = frozenset()
    half_days: Mapping[dt.date, tuple[OpenHours, ...]] = dataclasses.field(default_factory=dict)
    """The hours of days with others than those of their weekday; a holiday is closed all the same."""
    since: dt.date | None = None
    """The first day on which they hold, until later ones do; the earliest hold before that day too."""


Calendar = Sequence[Hours]
"""The versions of one calendar; none at all means round the clock."""


@dataclasses.dataclass(frozen=True)
class Stretches:
    """The open stretches of a calendar, half-open, in microseconds since 1970, in order, without overlap."""

    opens: Integers
    closes: Integers


def microseconds(day: dt.date) -> int:
    """From the midnight of 1 January 1970 to a day's, by one and the same clock."""
    return (day - EPOCH).days * DAY


def stretches(calendar: Calendar) -> Stretches:
    """All of a calendar's open stretches between ``FIRST`` and ``LAST``."""
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
    """The first instant of the version's first day; a clock change may have skipped its midnight."""
    assert hours.since is not None
    midnight = microseconds(hours.since)
    begins = (
        max(since, midnight - offset)
        for since, until, offset in _offsets(hours.timezone)
        if until + offset > midnight
    )
    return next(begins, microseconds(LAST))


def _within(whole: Stretches, start: int, end: int) -> Stretches:
    """What of the stretches lies between two instants; they are in order, and none reaches into the next."""
    first = np.searchsorted(whole.closes, start, side="right")
    last = np.searchsorted(whole.opens, end, side="left")
    return Stretches(whole.opens[first:last].clip(min=start), whole.closes[first:last].clip(max=end))


def _on_the_clock(hours: Hours) -> Stretches:
    """The stretches of one version, as if it held always."""
    local = _on_the_wall(hours)
    parts = []
    for since, until, offset in _offsets(hours.timezone):
        part = _within(local, since + offset, until + offset)
        parts.append(Stretches(part.opens - offset, part.closes - offset))
    return Stretches(
        np.concatenate([part.opens for part in parts]), np.concatenate([part.closes for part in parts])
    )


def _on_the_wall(hours: Hours) -> Stretches:
    """The stretches by the local clock, every day of it once."""
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
"""How long calendars are laid out for, in microseconds."""


@functools.cache
def _offsets(timezone: str) -> tuple[tuple[int, int, int], ...]:
    """From when until when a zone's clocks are how far ahead of UTC, in microseconds."""
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
    """The instants, to the second, at which the zone's clocks are changed; no zone changes them twice a day."""
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
    """How far the zone's clocks are ahead of UTC."""
    found = moment.astimezone(zone).utcoffset()
    assert found is not None
    return found


def microseconds_at(moment: dt.datetime) -> int:
    """From the beginning of 1970 to an instant."""
    return (moment - dt.datetime.combine(EPOCH, dt.time(), dt.UTC)) // dt.timedelta(microseconds=1)
