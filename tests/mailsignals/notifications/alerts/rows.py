"""Matters, readers and deliveries that state only what matters."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from mailsignals.notifications.alerts.events import EVENT_SCHEMA
from mailsignals.notifications.alerts.history import pasts_of
from mailsignals.notifications.alerts.plan import AlertPlan, AlertRules, plan_alerts
from mailsignals.notifications.alerts.quiet_hours import LoudHours
from mailsignals.notifications.alerts.recipients import ALERT, DigestSchedule, Reader
from mailsignals.sla.calendars import OpenHours
from mailsignals.sla.cases import BREACHED
from mailsignals.store.tables.alerts import TOLD_SCHEMA, Alerted
from mailsignals.store.tables.deliveries import DELIVERIES_SCHEMA

BERLIN, ANA, LEA = "Europe/Berlin", "ana@us.test", "lea@us.test"
HOLIDAY = dt.date(2026, 3, 4)
LOUD = LoudHours(hours=[OpenHours(480, 1080)], weekdays=frozenset(range(5)), days_off=frozenset({HOLIDAY}))
"""Workdays from 8 to 18; 4 March is a holiday."""
RULES = AlertRules(loud=LOUD, between=dt.timedelta(hours=1))
BEGUN = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
"""When alerts began."""
CSM = Reader(kind=ALERT, recipient=ANA, timezone=BERLIN, csms=frozenset({ANA}))
LEAD = Reader(kind=ALERT, recipient=LEA, timezone=BERLIN, leads=True)


def at(text: str, zone: str = BERLIN) -> dt.datetime:
    """The instant of a time of March 2026 in Berlin, such as ``02 09:00``; the 2nd is a Monday."""
    return dt.datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


def a_matter(name: str, began: str, kind: str = BREACHED, **more: Any) -> dict[str, Any]:
    """One of Ana's account Northwind, breached unless it says otherwise."""
    known = {
        "matter": name,
        "kind": kind,
        "began_at": at(began),
        "due_at": at(began),
        "asked_at": at(began) - dt.timedelta(hours=2),
        "csm": ANA,
        "account_id": "A",
        "name": "Northwind",
        "ticket": "0123456789ab",
        "tier": "gold",
        "person": "kim@a.test",
        "agent": "desk@us.test",
        "figure": "first_response",
        "open_hours": 0.5,
        "promised_hours": 2.0,
        "by_calendar": True,
        "place": 0,
        "place_of_csm": 0,
    }
    return {**dict.fromkeys(EVENT_SCHEMA), **known, **more}


def a_delivery(on: int, number: int, state: str, claimed: str, **more: Any) -> dict[str, Any]:
    """An alert to Ana of a day of March."""
    known = {
        "kind": ALERT,
        "recipient": ANA,
        "due_on": dt.date(2026, 3, on),
        "number": number,
        "state": state,
        "attempts": 1,
        "claimed_at": at(claimed),
        "ended_at": at(claimed),
    }
    return {**dict.fromkeys(DELIVERIES_SCHEMA), **known, **more}


def a_digest(sent: str | None, *, due: str | None = None, today: str | None = None) -> DigestSchedule:
    """Ana's digest."""
    sent_at, due_at, today_at = (None if text is None else at(text) for text in (sent, due, today))
    return DigestSchedule(sent_at=sent_at, due_at=due_at, today_at=today_at, place="place_of_csm")


def plan_of(
    now: str,
    *matters: Mapping[str, Any],
    readers: Sequence[Reader] = (CSM,),
    deliveries: Sequence[Mapping[str, Any]] = (),
    told: Mapping[str, tuple[int, int] | None] | None = None,
    since: dt.datetime | None = BEGUN,
    resend: bool = False,
) -> AlertPlan:
    """What is planned.

    Args:
        now: the instant.
        matters: there are.
        readers: who is told; all of them were alerted ``since``, if at all.
        deliveries: before.
        told: by matter, in which of Ana's deliveries, or by a digest.
        since: when alerts began.
        resend: whether a person wants that.
    """
    rows = [
        (
            ANA,
            matter,
            at("02 09:00"),
            *((None, None) if where is None else (dt.date(2026, 3, where[0]), where[1])),
        )
        for matter, where in (told or {}).items()
    ]
    alerted = Alerted(
        since={} if since is None else {reader.recipient: since for reader in readers},
        told=pl.DataFrame(rows, schema=TOLD_SCHEMA, orient="row"),
    )
    sent = pl.DataFrame(list(deliveries), schema=DELIVERIES_SCHEMA)
    return plan_alerts(
        list(matters), pasts_of(readers, alerted, sent, at=at(now)), rules=RULES, at=at(now), resend=resend
    )


def states(plan: AlertPlan) -> dict[str, str]:
    """What becomes of each matter."""
    return {each.row["matter"]: each.state for each in plan.standings}


def mails(plan: AlertPlan) -> list[tuple[str, int, int, list[str]]]:
    """For whom, the day and number, and the matters of each alert."""
    return [
        (each.key.recipient, each.key.due_on.day, each.key.number, [row["matter"] for row in each.rows])
        for each in plan.notices
    ]
