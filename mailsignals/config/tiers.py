"""What each tier was promised, and when we are open: ``[[tiers]]`` and ``[calendars.NAME]``."""

import datetime as dt
import itertools
import re
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, model_validator

from mailsignals.config.section import Hours, Name, Section, Timezone
from mailsignals.sla import calendars
from mailsignals.sla.calendars import OpenHours
from mailsignals.sla.holidays import holidays_of, problem_with

_INTERVAL = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)")


def _date(value: object) -> dt.date:
    try:
        # TOML has dates of its own; a datetime is a date to Python, but not to us.
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{str(value)!r} is not a date such as 2026-12-25") from None


Day = Annotated[dt.date, PlainValidator(_date)]


class Tier(Section):
    """``[[tiers]]``: what accounts of one tier were promised; a target that is absent is not judged."""

    name: Name
    """The name, as it stands in the tier column of the accounts file."""
    since: Annotated[Day | None, Field(alias="from")] = None
    """The day from which it holds for what begins then, where a tier stands several times; absent: always."""
    first_response_hours: Hours | None = None
    """How long a customer may wait for the first answer."""
    next_response_hours: Hours | None = None
    """How long for each later answer; absent: as for the first."""
    resolution_hours: Hours | None = None
    """How long until a ticket is resolved."""
    calendar: Name | None = None
    """The calendar in which the targets count; absent: round the clock."""


DEFAULT_TIERS = (
    Tier(name="enterprise", first_response_hours=2.0, resolution_hours=24.0),
    Tier(name="mid-market", first_response_hours=4.0, resolution_hours=24.0),
    Tier(name="small", first_response_hours=8.0, resolution_hours=24.0),
)


def _open_hours(day: object) -> tuple[OpenHours, ...]:
    if not isinstance(day, list | tuple):
        raise ValueError('a list is wanted, such as ["09:00-12:00", "13:00-17:30"]')  # noqa: TRY004  # pydantic
    stretches = tuple(map(_stretch, day))
    for before, after in itertools.pairwise(stretches):
        if after.opens_minute < before.closes_minute:
            raise ValueError("the stretches must follow each other in order, without overlap")
    return stretches


def _stretch(text: object) -> OpenHours:
    if isinstance(text, OpenHours):
        return text
    found = _INTERVAL.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"{text!r} is not a stretch of hours such as '09:00-17:30'")
    hour, minute, end_hour, end_minute = (int(part) if part else None for part in found.groups())
    assert hour is not None
    assert minute is not None
    closes = 1440 if end_hour is None or end_minute is None else 60 * end_hour + end_minute
    if closes <= 60 * hour + minute:
        raise ValueError(
            f"{text!r} ends before it begins; split a night at midnight (22:00-24:00, then 00:00-06:00 next day)"
        )
    return OpenHours(60 * hour + minute, closes)


def _holidays(value: object) -> str | tuple[dt.date, ...] | None:
    if value is None:
        return None
    if isinstance(value, str):
        problem = problem_with(value)
        if problem:
            raise ValueError(problem)
        return value
    if isinstance(value, list | tuple):
        return tuple(map(_date, value))
    raise ValueError(f"{value!r} is neither a country such as 'DE' or 'DE-BE' nor a list of dates")


OpenDay = Annotated[tuple[OpenHours, ...], PlainValidator(_open_hours)]
Holidays = Annotated[str | tuple[dt.date, ...] | None, PlainValidator(_holidays)]


class Calendar(Section):
    """``[calendars.NAME]``: the hours in which the targets of a tier count."""

    since: Annotated[Day | None, Field(alias="from")] = None
    """The day from which these hours hold, where a calendar stands several times, as [[calendars.NAME]]."""
    timezone: Timezone | None = None
    """The time zone of the hours; absent: ``company.timezone``."""
    mon: OpenDay = ()
    """Open hours of Mondays, such as ``["09:00-12:00", "13:00-17:30"]``; empty: closed."""
    tue: OpenDay = ()
    """Open hours of Tuesdays."""
    wed: OpenDay = ()
    """Open hours of Wednesdays."""
    thu: OpenDay = ()
    """Open hours of Thursdays."""
    fri: OpenDay = ()
    """Open hours of Fridays."""
    sat: OpenDay = ()
    """Open hours of Saturdays."""
    sun: OpenDay = ()
    """Open hours of Sundays."""
    holidays: Holidays = None
    """Days on which it is closed: a country (``DE``), a part of one (``DE-BE``), or a list of dates."""

    @model_validator(mode="after")
    def _is_open_at_all(self) -> Self:
        if not any((self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)):
            raise ValueError("the calendar is never open; give at least one day its hours")
        return self

    def hours(self, *, timezone: str) -> calendars.Hours:
        """The hours as the arithmetic wants them; ``timezone`` is that of calendars that name none."""
        found = self.holidays
        return calendars.Hours(
            timezone=self.timezone or timezone,
            week=(self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun),
            holidays=holidays_of(found) if isinstance(found, str) else frozenset(found or ()),
            since=self.since,
        )


def _versions(value: object) -> object:
    """One table is as good as a list of one."""
    return [value] if isinstance(value, dict) else value


def _differ(versions: tuple[Calendar, ...]) -> tuple[Calendar, ...]:
    days = [version.since for version in versions]
    for number, day in enumerate(days):
        if day in days[:number]:
            begins = "has no `from`" if day is None else f"is from {day}"
            raise ValueError(f"more than one of its tables {begins}; each needs a day of its own")
    return versions


Versions = Annotated[
    tuple[Calendar, ...], BeforeValidator(_versions), AfterValidator(_differ), Field(min_length=1)
]
"""The versions of a calendar, each from its day on; the earliest hold before that too."""
