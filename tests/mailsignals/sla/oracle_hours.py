"""Business time by its definition, one minute at a time in plain Python: slow, obvious, and apart from the engine."""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo

from tests.mailsignals.oracle_mails import DAY

Interval = tuple[int, int]
Week = tuple[tuple[Interval, ...], ...]
Calendar = Sequence["Hours"]

MINUTE = dt.timedelta(minutes=1)
NOTHING = dt.timedelta(0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Hours:
    """One version of a calendar: the open hours, from some day on."""

    timezone: str
    week: Week
    """Monday first: when each day opens and closes, in minutes after local midnight, up to 1440."""
    holidays: frozenset[dt.date] = frozenset()
    half_days: frozenset[tuple[dt.date, tuple[Interval, ...]]] = frozenset()
    """Days with hours of their own in the place of their weekday's."""
    since: dt.date | None = None
    """The first local day of this version; null: always."""


# --- an instant ----------------------------------------------------------------------------------


def is_open(instant: dt.datetime, calendar: Calendar) -> bool:
    """Whether the local wall clock is within open hours; a calendar without versions is round the clock."""
    if not calendar:
        return True
    hours = in_force(instant, calendar)
    local = instant.astimezone(ZoneInfo(hours.timezone))
    minute = local.hour * 60 + local.minute
    intervals = dict(hours.half_days).get(local.date(), hours.week[local.weekday()])
    return local.date() not in hours.holidays and any(opens <= minute < closes for opens, closes in intervals)


def in_force(instant: dt.datetime, calendar: Calendar) -> Hours:
    """The latest version that has begun; before all of them the earliest."""
    if len(calendar) == 1:
        return calendar[0]
    begun = [hours for hours in calendar if hours.since is None or begins_at(hours) <= instant]
    return max(begun, key=_since) if begun else min(calendar, key=_since)


@lru_cache(maxsize=1000)
def begins_at(hours: Hours) -> dt.datetime:
    """The first instant whose local date is the version's first day, or later if that day was skipped."""
    zone = ZoneInfo(hours.timezone)
    instant = dt.datetime.combine(_since(hours), dt.time(), tzinfo=dt.UTC) - DAY
    while instant.astimezone(zone).date() < _since(hours):
        instant += MINUTE
    return instant


def _since(hours: Hours) -> dt.date:
    return hours.since or dt.date.min


# --- a stretch of time ---------------------------------------------------------------------------


def open_time(since: dt.datetime, until: dt.datetime, calendar: Calendar) -> dt.timedelta:
    """How much of the time between two instants is open."""
    if not calendar:
        return max(until - since, NOTHING)
    days = _days(since, until)
    return sum((_open_in(midnight, since, until, calendar=calendar) for midnight in days), start=NOTHING)


def due(
    start: dt.datetime, amount: dt.timedelta, calendar: Calendar, *, days: float = 400
) -> dt.datetime | None:
    """The first instant by which so much open time has passed, null if that is more than so many days away."""
    if not calendar or amount <= NOTHING:
        return start + max(amount, NOTHING)
    left, last = amount, start + days * DAY
    for midnight in _days(start, last):
        today = _open_in(midnight, start, last, calendar=calendar)
        if today < left:
            left -= today
            continue
        for since, until in _open_minutes(midnight, start, last, calendar=calendar):
            if until - since >= left:
                return since + left
            left -= until - since
    return None


def _days(since: dt.datetime, until: dt.datetime) -> Iterator[dt.datetime]:
    """The UTC midnights of all days that the time between two instants touches."""
    midnight = dt.datetime.combine(since.astimezone(dt.UTC).date(), dt.time(), tzinfo=dt.UTC)
    while midnight < until:
        yield midnight
        midnight += DAY


def _open_in(
    midnight: dt.datetime, since: dt.datetime, until: dt.datetime, *, calendar: Calendar
) -> dt.timedelta:
    """How much of a UTC day's part between two instants is open."""
    if since <= midnight and midnight + DAY <= until:
        return sum(_flags(midnight, tuple(calendar))) * MINUTE
    minutes = _open_minutes(midnight, since, until, calendar=calendar)
    return sum((end - begin for begin, end in minutes), start=NOTHING)


def _open_minutes(
    midnight: dt.datetime, since: dt.datetime, until: dt.datetime, *, calendar: Calendar
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """The open minutes of a UTC day, the first and the last one clipped to what is between two instants."""
    for number, is_open_then in enumerate(_flags(midnight, tuple(calendar))):
        if not is_open_then:
            continue
        begin = max(midnight + number * MINUTE, since)
        end = min(midnight + (number + 1) * MINUTE, until)
        if begin < end:
            yield begin, end


# Offsets from UTC since 1990 are whole minutes, and so are open hours: a minute is open from end to end, or not.
@lru_cache(maxsize=20_000)
def _flags(midnight: dt.datetime, calendar: tuple[Hours, ...]) -> bytes:
    """Whether each of the 1440 minutes of a UTC day is open: every one is looked at, and remembered."""
    return bytes(is_open(midnight + number * MINUTE, calendar) for number in range(1440))
