"""Calendars between the engine's words and the oracle's."""

from mailsignals.config import Settings
from mailsignals.sla import calendars
from tests.mailsignals.sla import oracle_hours


def to_engine(calendar: oracle_hours.Calendar) -> list[calendars.Hours]:
    """The calendar of the oracle as the engine wants it."""
    return [
        calendars.Hours(
            timezone=one.timezone,
            week=tuple(tuple(calendars.OpenHours(*stretch) for stretch in day) for day in one.week),
            holidays=one.holidays,
            half_days={
                day: tuple(calendars.OpenHours(*stretch) for stretch in plan) for day, plan in one.half_days
            },
            since=one.since,
        )
        for one in calendar
    ]


def to_oracle(settings: Settings) -> dict[str | None, oracle_hours.Calendar]:
    """The calendars of a configuration by name, as the oracle wants them; without a name round the clock."""
    found: dict[str | None, oracle_hours.Calendar] = {None: ()}
    for name, versions in settings.calendars.items():
        every = [version.hours(timezone=settings.company.timezone) for version in versions]
        found[name] = tuple(
            oracle_hours.Hours(
                timezone=one.timezone,
                week=tuple(
                    tuple((each.opens_minute, each.closes_minute) for each in day) for day in one.week
                ),
                holidays=one.holidays,
                half_days=frozenset(
                    (day, tuple((each.opens_minute, each.closes_minute) for each in plan))
                    for day, plan in one.half_days.items()
                ),
                since=one.since,
            )
            for one in every
        )
    return found
