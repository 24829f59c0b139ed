"""SLA targets of tiers, and business hours: ``[[tiers]]`` and ``[calendars.NAME]``."""

import datetime as dt
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, model_validator

from mailsignals.config.section import Hours, Name, Section, Timezone
from mailsignals.sla import calendars
from mailsignals.sla.calendars import OpenHours
from mailsignals.sla.holidays import days_of_every_year, days_off, is_yearly, problem_with

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_INTERVAL = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)")


def _date(value: object) -> dt.date:
    try:
        # TOML has dates; in Python a datetime is a date too, but it isn't accepted here.
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{str(value)!r} is not a date; use one such as 2026-12-25") from None


Day = Annotated[dt.date, PlainValidator(_date)]


class Tier(Section):
    """``[[tiers]]``: the SLA targets of accounts of one tier; missing targets aren't measured."""

    name: Name
    """The name in the tier column of the account list."""
    since: Annotated[Day | None, Field(alias="from")] = None
    """The first day of tickets with these targets, if the tier is listed several times; default: always."""
    first_response_hours: Hours | None = None
    """The target for the first response."""
    next_response_hours: Hours | None = None
    """The target for each next response; default: as for the first."""
    resolution_hours: Hours | None = None
    """The target for the resolution of a ticket."""
    calendar: Name | None = None
    """The calendar with the business hours of the targets; default: calendar hours."""


DEFAULT_TIERS = (
    Tier(name="enterprise", first_response_hours=2.0, resolution_hours=24.0),
    Tier(name="mid-market", first_response_hours=4.0, resolution_hours=24.0),
    Tier(name="small", first_response_hours=8.0, resolution_hours=24.0),
)


def _open_hours(day: object) -> tuple[OpenHours, ...]:
    if not isinstance(day, list | tuple):
        raise ValueError('must be a list such as ["09:00-12:00", "13:00-17:30"]')  # noqa: TRY004  # pydantic
    stretches = tuple(map(_stretch, day))
    for before, after in itertools.pairwise(stretches):
        if after.opens_minute < before.closes_minute:
            raise ValueError("the periods must be in order, without overlap")
    return stretches


def _stretch(text: object) -> OpenHours:
    if isinstance(text, OpenHours):
        return text
    found = _INTERVAL.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"{text!r} is not a period of hours; use one such as '09:00-17:30'")
    hour, minute, end_hour, end_minute = (int(part) if part else None for part in found.groups())
    assert hour is not None
    assert minute is not None
    closes = 1440 if end_hour is None or end_minute is None else 60 * end_hour + end_minute
    if closes <= 60 * hour + minute:
        raise ValueError(
            f"{text!r} ends before it begins; split it at midnight (22:00-24:00, then 00:00-06:00 the next day)"
        )
    return OpenHours(60 * hour + minute, closes)


def _holidays(value: object) -> str | tuple[str | dt.date, ...] | None:
    if value is None:
        return None
    if isinstance(value, str):
        return _place(value)
    if isinstance(value, list | tuple):
        return tuple(
            _place(each) if isinstance(each, str) and each[:1].isalpha() else _day(each) for each in value
        )
    raise ValueError(
        f"{value!r} is not a country or a list of dates; use one such as 'DE', 'DE-BE' or ['12-24']"
    )


def _place(text: str) -> str:
    problem = problem_with(text)
    if problem:
        raise ValueError(problem)
    return text


def _day(value: object) -> str | dt.date:
    """A date, or the text of a yearly day such as ``12-24``."""
    return value if isinstance(value, str) and is_yearly(value) else _date(value)


def _half_days(value: object) -> Mapping[str | dt.date, tuple[OpenHours, ...]]:
    if not isinstance(value, Mapping):
        raise ValueError('must be a table of days such as {"12-24" = ["09:00-12:00"]}')  # noqa: TRY004  # pydantic
    found: dict[str | dt.date, tuple[OpenHours, ...]] = {}
    for text, hours in value.items():
        try:
            found[_day(text)] = _open_hours(hours)
        except ValueError as error:
            raise ValueError(f"{text}: {error}") from None
    return found


OpenDay = Annotated[tuple[OpenHours, ...], PlainValidator(_open_hours)]
Holidays = Annotated[str | tuple[str | dt.date, ...] | None, PlainValidator(_holidays)]


class Calendar(Section):
    """``[calendars.NAME]``: the business hours for the targets of tiers."""

    since: Annotated[Day | None, Field(alias="from")] = None
    """The first day of these hours, if a calendar is listed several times as [[calendars.NAME]]."""
    timezone: Timezone | None = None
    """The time zone of the hours; default: ``company.timezone``."""
    mon: OpenDay = ()
    """Business hours on Mondays, such as ``["09:00-12:00", "13:00-17:30"]``; empty: closed."""
    tue: OpenDay = ()
    """Business hours on Tuesdays."""
    wed: OpenDay = ()
    """Business hours on Wednesdays."""
    thu: OpenDay = ()
    """Business hours on Thursdays."""
    fri: OpenDay = ()
    """Business hours on Fridays."""
    sat: OpenDay = ()
    """Business hours on Saturdays."""
    sun: OpenDay = ()
    """Business hours on Sundays."""
    holidays: Holidays = None
    """Closed days: a country (``DE``), a region (``DE-BE``), or a list of these and of dates."""
    half_days: Annotated[Mapping[str | dt.date, tuple[OpenHours, ...]], PlainValidator(_half_days)] = {}
    """Days with shorter hours than their weekday: dates, or yearly days such as ``12-24``."""

    @property
    def week(self) -> tuple[tuple[OpenHours, ...], ...]:
        """Return the business hours of each weekday, Monday first."""
        return (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)

    @model_validator(mode="after")
    def _is_open_at_all(self) -> Self:
        if not any(self.week):
            raise ValueError("the calendar has no business hours; add hours to at least one day")
        return self

    def hours(self, *, timezone: str) -> calendars.Hours:
        """Return the hours for the arithmetic of SLAs; ``timezone`` is for calendars without their own."""
        half_days = self._dated_half_days()
        return calendars.Hours(
            timezone=self.timezone or timezone,
            week=self.week,
            holidays=days_off(self.holidays or ()).difference(half_days),
            half_days=half_days,
            since=self.since,
        )

    def _dated_half_days(self) -> Mapping[dt.date, tuple[OpenHours, ...]]:
        """The yearly half days by date, on open weekdays without an entry for the date itself."""
        named = () if isinstance(self.holidays, str) else self.holidays or ()
        closed = {day for day in named if isinstance(day, dt.date)}
        yearly = {
            day: hours
            for text, hours in self.half_days.items()
            if isinstance(text, str)
            for day in days_of_every_year(text)
            if self.week[day.weekday()] and day not in closed
        }
        return yearly | {day: hours for day, hours in self.half_days.items() if isinstance(day, dt.date)}


def _versions(value: object) -> object:
    """A list of versions; a single table becomes a list of one."""
    return [value] if isinstance(value, dict) else value


def _differ(versions: tuple[Calendar, ...]) -> tuple[Calendar, ...]:
    days = [version.since for version in versions]
    for number, day in enumerate(days):
        if day in days[:number]:
            begins = "has no `from`" if day is None else f"is from {day}"
            raise ValueError(f"more than one of its tables {begins}; set a different day for each")
    return versions


Versions = Annotated[
    tuple[Calendar, ...], BeforeValidator(_versions), AfterValidator(_differ), Field(min_length=1)
]
"""The versions of a calendar, each from its day on; the earliest one also counts before its day."""


def half_day_problems(name: str, versions: Sequence[Calendar]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield each invalid half day of a calendar: its key and the problem."""
    for number, version in enumerate(versions):
        later = (
            other.since for other in versions if other.since and other.since > (version.since or dt.date.min)
        )
        ends = min(later, default=None)
        for day, hours in version.half_days.items():
            problem = _half_day_problem(version, day, hours) or _never_holds(day, version.since, ends)
            if problem:
                yield ("calendars", name, number, "half_days", str(day)), problem


def _half_day_problem(calendar: Calendar, day: str | dt.date, hours: tuple[OpenHours, ...]) -> str | None:
    named = () if isinstance(calendar.holidays, str) else calendar.holidays or ()
    if day in named:
        return "is a holiday as well; remove it from one of the two"
    if not hours:
        return "has no hours; list closed days under holidays"
    if isinstance(day, str):
        outside = (
            _WEEKDAYS[n]
            for n, open_hours in enumerate(calendar.week)
            if not _within(hours, open_hours or hours)
        )
        weekday = next(outside, None)
        return (
            weekday and f"has hours outside of those of a {weekday}, its weekday in some years; shorten them"
        )
    usual, weekday = calendar.week[day.weekday()], _WEEKDAYS[day.weekday()]
    if not usual:
        return f"is a {weekday}, on which the calendar is closed; remove it, or add hours for {weekday}s"
    return (
        None
        if _within(hours, usual)
        else f"has hours outside of those of its weekday, {weekday}; shorten them"
    )


def _within(hours: Iterable[OpenHours], usual: Sequence[OpenHours]) -> bool:
    """Return whether every minute of some hours is within the usual hours, which may be adjacent."""
    minutes = {minute for one in usual for minute in range(one.opens_minute, one.closes_minute)}
    return all(minutes.issuperset(range(one.opens_minute, one.closes_minute)) for one in hours)


def _never_holds(day: str | dt.date, since: dt.date | None, ends: dt.date | None) -> str | None:
    if isinstance(day, str) or ((since or day) <= day < (ends or dt.date.max)):
        return None
    first = "" if since is None else f" from {since} on"
    last = "" if ends is None else f" before {ends}"
    return f"these hours count{first}{last} only; move it to the table for its date"
