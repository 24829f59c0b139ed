"""Compliance and backlog by their definitions, one ticket at a time, apart from the engine."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from tests.mailsignals.oracle import Row, percentile
from tests.mailsignals.oracle_mails import DAY, HOUR
from tests.mailsignals.sla.oracle_tickets import Case, Figure, Ticket

By = Literal["tier", "account", "agent", "week"]

FIGURES: tuple[Figure, ...] = get_args(Figure)


def compliance(
    tickets: Sequence[Ticket], since: dt.datetime, until: dt.datetime, *, by: By, timezone: str
) -> list[Row]:
    """A row for each group and figure, over what was opened or started from an instant until before another."""
    groups: dict[str | None, list[Case]] = {}
    for ticket in tickets:
        for case in cases(ticket):
            if since <= case.started_at < until:
                groups.setdefault(group_of(case, ticket, by=by, timezone=timezone), []).append(case)
    return [
        {by: group, "figure": figure} | counted([case for case in groups[group] if case.figure == figure])
        for group in sorted(groups, key=lambda group: group or "")
        for figure in FIGURES
    ]


def cases(ticket: Ticket) -> Iterator[Case]:
    """All that a ticket is judged by; the first response and the resolution start at the opening."""
    yield from ticket.responses
    yield ticket.resolution


def group_of(case: Case, ticket: Ticket, *, by: By, timezone: str) -> str | None:
    """The group that a case is shown in."""
    groups: dict[By, str | None] = {
        "tier": case.tier,
        "account": ticket.account_id,
        "agent": case.agent,
        "week": week_of(case.started_at, timezone),
    }
    return groups[by]


def week_of(instant: dt.datetime, timezone: str) -> str:
    """The ISO week, such as ``2026-W09``, by the local calendar."""
    year, week, _ = instant.astimezone(ZoneInfo(timezone)).isocalendar()
    return f"{year:04}-W{week:02}"


def counted(these: Sequence[Case]) -> Row:
    """The figures of some cases."""
    met, breached, pending = (
        sum(case.verdict == verdict for case in these) for verdict in ("met", "breached", "pending")
    )
    hours = [case.hours for case in these if case.hours is not None]
    business = [case.business_hours for case in these if case.business_hours]
    return {
        "met": met,
        "breached": breached,
        "pending": pending,
        "compliance": met / (met + breached) if met + breached else None,
        "median_hours": percentile(hours, 0.5),
        "p90_hours": percentile(hours, 0.9),
        "median_business_hours": percentile(business, 0.5),
        "p90_business_hours": percentile(business, 0.9),
        "off_hours": sum(case.off_hours for case in these),
        "near_miss": sum(case.near_miss for case in these),
        "cases": len(these),
    }


def backlog(tickets: Sequence[Ticket], as_of: dt.datetime) -> list[Row]:
    """A row for each ticket of the last 90 days that is not resolved, in the order of the tickets."""
    waiting = [one for one in tickets if one.resolved_at is None and one.opened_at > as_of - 90 * DAY]
    return [
        {
            "account_id": one.account_id,
            "tier": one.tier,
            "contact": one.contact,
            "opened_at": one.opened_at,
            "age_hours": (as_of - one.opened_at) / HOUR,
            "waiting_for": one.waiting_for,
            "response_due_at": response_due_at(one),
            "resolution_due_at": one.resolution.due_at,
            "next_due_at": next_due_at(one),
        }
        for one in waiting
    ]


def response_due_at(ticket: Ticket) -> dt.datetime | None:
    """When the answer that we owe is due, null if we owe none or promised nothing."""
    return ticket.responses[-1].due_at if ticket.waiting_for == "us" else None


def next_due_at(ticket: Ticket) -> dt.datetime | None:
    """What is due first of what we owe: the answer, even if it is late, and the resolution, unless it is."""
    if ticket.waiting_for == "them":
        return None
    open_ones = [response_due_at(ticket)]
    if ticket.resolution.verdict == "pending":
        open_ones.append(ticket.resolution.due_at)
    return min((due_at for due_at in open_ones if due_at is not None), default=None)
