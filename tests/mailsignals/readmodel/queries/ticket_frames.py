"""Tickets of two accounts, as an edition has them, that state only what matters."""

import datetime as dt
from collections.abc import Mapping

import polars as pl

from mailsignals.readmodel.tables.tickets import BY_THE_CLOCK, JUDGED
from mailsignals.schema import INSTANT
from mailsignals.sla.compliance import Period
from tests.mailsignals.readmodel.queries.frames import NOW

ALDER, BIRCH = 0, 1
"""The numbers of accounts of Ana and of Bo."""
BEA, KIM = "bea@us.test", "kim@us.test"
HOUR = dt.timedelta(hours=1)
PERIOD = Period(since=NOW - dt.timedelta(days=30), until=NOW)

ACCOUNTS = pl.DataFrame(
    {
        "account": [ALDER, BIRCH],
        "account_id": ["A", "B"],
        "name": ["Alder", None],
        "tier": ["gold", "gold"],
        "csm": ["ana@us.test", "bo@us.test"],
    },
    schema_overrides={"account": pl.UInt32},
)

CASES_SCHEMA = pl.Schema(
    {
        "conversation": pl.UInt32(),
        "opened_at": INSTANT,
        "account": pl.UInt32(),
        "figure": pl.String(),
        "started_at": INSTANT,
        "ended_at": INSTANT,
        "agent": pl.String(),
        "group": pl.String(),
        "own_tier": pl.String(),
        "hours": pl.Float64(),
        "business_hours": pl.Float64(),
        **{
            f"{before}{name}": dtype
            for before in ("", BY_THE_CLOCK)
            for name, dtype in zip(JUDGED, (INSTANT, pl.String(), pl.Boolean(), pl.Boolean()), strict=True)
        },
    }
)
TICKETS_SCHEMA = pl.Schema(
    {
        "conversation": pl.UInt32(),
        "account": pl.UInt32(),
        "account_id": pl.String(),
        "ticket": pl.String(),
        "tier": pl.String(),
        "contact": pl.String(),
        "agent": pl.String(),
        "opened_at": INSTANT,
        "resolved_at": INSTANT,
        "until": INSTANT,
        "subject": pl.String(),
        "waiting_for": pl.String(),
        "inbound_turns": pl.Int64(),
        "answered": pl.Boolean(),
        **dict.fromkeys(("fcr", "reopened", "escalated", "repeat_contact"), pl.Boolean()),
    }
)
MAILS_SCHEMA = pl.Schema(
    {
        "conversation": pl.UInt32(),
        "opened_at": INSTANT,
        "account": pl.UInt32(),
        "sent_at": INSTANT,
        "outbound": pl.Boolean(),
        "person": pl.String(),
        "subject": pl.String(),
    }
)


def edition_of(*tickets: Mapping[str, object]) -> dict[str, pl.DataFrame]:
    """The tables of tickets with one first response each.

    Each has ``account``, ``hours_ago`` (when it was opened), ``agent`` and ``verdict``; it was answered after an hour
    if it was met or breached, by a mail of the agent.
    """
    rows = [_rows(number, **ticket) for number, ticket in enumerate(tickets)]  # type: ignore[arg-type]
    cases, found, mails = zip(*rows, strict=True) if rows else ((), (), ())
    listed = pl.DataFrame(list(found), schema=TICKETS_SCHEMA)
    return {
        "accounts": ACCOUNTS,
        "sla_cases": pl.DataFrame(list(cases), schema=CASES_SCHEMA).sort("started_at"),
        "sla_tickets": listed.sort("opened_at"),
        "sla_ids": listed.select("ticket", "conversation", "opened_at").sort("ticket"),
        "sla_mails": pl.DataFrame([mail for each in mails for mail in each], schema=MAILS_SCHEMA).sort(
            "sent_at"
        ),
    }


def _rows(
    number: int, *, account: int = ALDER, hours_ago: float = 48, agent: str = BEA, verdict: str = "met"
) -> tuple[dict[str, object], dict[str, object], list[dict[str, object]]]:
    opened_at = NOW - hours_ago * HOUR
    ended_at = None if verdict == "pending" else opened_at + HOUR
    of = {"conversation": number, "account": account, "opened_at": opened_at}
    judged = {"due_at": opened_at + 4 * HOUR, "verdict": verdict, "off_hours": False, "near_miss": False}
    case = {
        **of,
        "figure": "first_response",
        "started_at": opened_at,
        "ended_at": ended_at,
        "agent": agent,
        "group": "gold",
        "own_tier": "gold",
        "hours": 1.0,
        "business_hours": 1.0,
        **judged,
        **{f"{BY_THE_CLOCK}{name}": value for name, value in judged.items()},
    }
    ticket = {
        **of,
        "account_id": "AB"[account],
        "ticket": f"t{number}",
        "tier": "gold",
        "contact": "lee@a.test",
        "agent": agent,
        "resolved_at": ended_at,
        "until": ended_at or opened_at,
        "subject": None,
        "waiting_for": "them" if ended_at else "us",
        "inbound_turns": 1,
        "answered": ended_at is not None,
        **dict.fromkeys(("fcr", "reopened", "escalated", "repeat_contact"), False),
    }
    asked = {**of, "sent_at": opened_at, "outbound": False, "person": "lee@a.test", "subject": None}
    answer = {**of, "sent_at": ended_at, "outbound": True, "person": agent, "subject": None}
    return case, ticket, [asked, answer] if ended_at else [asked]
