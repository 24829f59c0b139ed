"""Stages of service level agreements: compliance by tier, and business hours by look-up or row by row."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from benchmarks.company import ACCOUNTS, AS_OF, BEGIN, CONVERSATION_RULES, TIER_HOURS
from benchmarks.files import TOUCHES
from benchmarks.measure import Figures
from mailsignals.sla.calendars import Calendar, Hours, OpenHours
from mailsignals.sla.compliance import By, Period, compliance
from mailsignals.sla.dismissals import DISMISSAL_SCHEMA
from mailsignals.sla.holidays import holidays_of
from mailsignals.sla.promises import Policy, Promises
from mailsignals.sla.tickets import TicketRules, Tickets, build_tickets

CASES = 100_000
"""Number of responses that are computed row by row."""

DAY_HOURS = (OpenHours(540, 720), OpenHours(780, 1050))
ZONES = (("Europe/Berlin", "DE-BE"), ("America/Chicago", "US"), ("Asia/Kolkata", "IN-KA"))
CALENDARS: dict[str, Calendar] = {
    zone: [Hours(timezone=zone, week=(*(DAY_HOURS,) * 5, (), ()), holidays=holidays_of(place))]
    for zone, place in ZONES
}


def promises() -> Promises:
    """Return a calendar for each of the three tiers with targets."""
    policies = [
        Policy(
            tier=f"{number}",
            first_response_hours=hours,
            next_response_hours=2 * hours,
            resolution_hours=24.0,
            calendar=ZONES[number][0],
        )
        for number, hours in enumerate(TIER_HOURS)
        if hours is not None
    ]
    return Promises.of(policies, CALENDARS, pl.Series([f"{number % 4}" for number in range(ACCOUNTS)]))


def by_tier(folder: Path) -> Figures:
    """Compute compliance by tier for all tickets of two years; return the number of rows, tickets and cases."""
    found = _desk(folder)
    period = Period(since=BEGIN, until=AS_OF)
    rows = compliance(found, period, by=By.TIER, timezone="Europe/Berlin")
    return {"rows": rows.height, "tickets": found.tickets.height, "cases": found.cases.height}


def looked_up(folder: Path) -> Callable[[], Figures]:
    """Return a stage that computes business hours and due times of responses by look-up."""
    cases, promised = _cases(folder).lazy(), promises()
    account, started_at, ended_at = pl.col("account"), pl.col("started_at"), pl.col("ended_at")
    policy = promised.policy(account, started_at)

    def measured() -> Figures:
        found = cases.select(
            hours=promised.open_hours(account, started_at, ended_at),
            due_at=promised.due_at(
                policy,
                passed=promised.passed(policy, started_at),
                target=promised.target(policy, "first_response"),
            ),
        ).collect()
        due = found["due_at"].drop_nulls().to_physical() // 1_000_000
        return _told(cases_of=found.height, hours=float(found["hours"].sum()), due=int(due.sum()))

    return measured


def row_by_row(folder: Path) -> Callable[[], Figures]:
    """Return a stage that computes business hours and due times of responses day by day in Python."""
    cases = _cases(folder).select("account", "started_at", "ended_at").rows()

    def measured() -> Figures:
        hours, due = 0.0, 0
        for account, started_at, ended_at in cases:
            number = account % 4
            if number == 3:
                hours += (ended_at - started_at) / dt.timedelta(hours=1)
                continue
            zone, holidays = _ZONES[number]
            hours += _open_between(started_at, ended_at, zone, holidays) / dt.timedelta(hours=1)
            target = dt.timedelta(hours=TIER_HOURS[number] or 0)
            due += int(_due(started_at, target, zone, holidays).timestamp())
        return _told(cases_of=len(cases), hours=hours, due=due)

    return measured


_ZONES = tuple((ZoneInfo(zone), holidays_of(place)) for zone, place in ZONES)


def _told(*, cases_of: int, hours: float, due: int) -> Figures:
    """Return sums that show that both ways agree."""
    return {"cases": cases_of, "business hours": round(hours, 3), "due times in seconds, summed": due}


def _open_between(
    since: dt.datetime, until: dt.datetime, zone: ZoneInfo, holidays: frozenset[dt.date]
) -> dt.timedelta:
    last = until.astimezone(zone).date()
    passed = dt.timedelta()
    for opens, closes in _stretches(since.astimezone(zone).date(), zone, holidays):
        if opens.date() > last:
            return passed
        begin, end = max(opens.astimezone(dt.UTC), since), min(closes.astimezone(dt.UTC), until)
        passed += max(end - begin, dt.timedelta())
    raise AssertionError("days do not end")


def _due(
    since: dt.datetime, target: dt.timedelta, zone: ZoneInfo, holidays: frozenset[dt.date]
) -> dt.datetime:
    left = target
    for opens, closes in _stretches(since.astimezone(zone).date(), zone, holidays):
        begin, end = max(opens.astimezone(dt.UTC), since), closes.astimezone(dt.UTC)
        if end - begin >= left:
            return begin + left
        left -= max(end - begin, dt.timedelta())
    raise AssertionError("days do not end")


def _stretches(
    day: dt.date, zone: ZoneInfo, holidays: frozenset[dt.date]
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Yield the periods of business hours from a day on, without end."""
    while True:
        if day.weekday() < 5 and day not in holidays:
            midnight = dt.datetime.combine(day, dt.time(), zone)
            for stretch in DAY_HOURS:
                opens = midnight.replace(hour=stretch.opens_minute // 60, minute=stretch.opens_minute % 60)
                closes = midnight.replace(hour=stretch.closes_minute // 60, minute=stretch.closes_minute % 60)
                yield opens, closes
        day += dt.timedelta(days=1)


def _desk(folder: Path) -> Tickets:
    return build_tickets(
        pl.scan_parquet(folder / TOUCHES),
        as_of=AS_OF,
        rules=TicketRules(),
        conversations=CONVERSATION_RULES,
        promises=promises(),
        dismissals=pl.DataFrame(schema=DISMISSAL_SCHEMA),
    )


def _cases(folder: Path) -> pl.DataFrame:
    answered = pl.col("ended_at").is_not_null() & (pl.col("figure") == "first_response")
    return _desk(folder).cases.filter(answered).head(CASES).select("account", "started_at", "ended_at")
