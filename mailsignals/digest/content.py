"""What one CSM reads about their accounts at one instant; pure, and free of any markup."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from mailsignals.risk.words import counted, lasting, number_of, on_day, whole_days

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Gone quiet": ("inbound_down", "activity"),
    "Lost their champion": ("champion_quiet", "breadth"),
    "Slow to answer us": ("customer_slower", "fewer_answers", "response"),
    "Chased us": ("chasing", "urgent", "friction"),
    "We owe an answer": ("overdue_answer", "we_are_slow", "ours"),
    "No check-in": ("no_checkin",),
    "Hanging on one person": ("single_contact",),
}
"""Accounts are grouped by their first reason."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Card:
    """One account."""

    name: str
    tier: str | None
    level: str
    standing: str
    """What the score means, in words."""
    change: str
    """``new since yesterday`` or how it stands against then."""
    next_step: str
    """What to do, given why."""
    facts: Sequence[str]
    """Renewal and ARR; who wrote last on either side."""
    reasons: Sequence[str]
    weeks: Sequence[tuple[int, int]]
    """Their mails and ours in each of the last 13 weeks, oldest first."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Digest:
    """A CSM's mail."""

    csm: str | None
    company: str
    as_of: dt.datetime
    """In the company's time zone."""
    headline: str
    groups: Sequence[tuple[str, Sequence[Card]]]
    recovered: Sequence[str]
    """Accounts that were at high risk the day before and no longer are."""
    waiting: Sequence[tuple[str, str]]
    """Accounts, also healthy ones, that wait for an answer past due, the longest first."""
    watched: str
    """One sentence that accounts for all the other accounts."""


WAITING_SHOWN = 10
WEEKS = 13


def digests(
    today: pl.DataFrame, yesterday: pl.DataFrame, weeks: pl.DataFrame, *, company: str, timezone: str
) -> list[Digest]:
    """One digest a CSM, those without a CSM under null, in alphabetical order.

    Args:
        today: what ``assess`` returned for the instant, with ``last_inbound_person`` and ``last_outbound_person``.
        yesterday: the same for the day before.
        weeks: ``account``, ``theirs`` and ``ours``, lists of 13 weekly counts, oldest first.
        company: its name.
        timezone: of days.
    """
    levels = dict(yesterday.select("account", "level").iter_rows())
    charts = {row["account"]: row for row in weeks.iter_rows(named=True)}
    by_csm = today.partition_by("csm", as_dict=True, maintain_order=True)
    return [
        _digest(csm, rows.to_dicts(), levels, charts, company=company, timezone=timezone)
        for (csm,), rows in sorted(by_csm.items(), key=lambda item: (item[0][0] is None, item[0][0] or ""))
    ]


Row = Mapping[str, Any]


def _digest(
    csm: str | None,
    rows: Sequence[Row],
    levels: Mapping[int, str | None],
    charts: Mapping[int, Row],
    *,
    company: str,
    timezone: str,
) -> Digest:
    high = [row for row in rows if row["level"] == "high"]
    cards = [
        (_group(row), _card(row, levels.get(row["account"]), charts.get(row["account"]))) for row in high
    ]
    groups = [
        (name, [card for group, card in cards if group == name]) for name in GROUPS if name in dict(cards)
    ]
    recovered = [
        row["name"]
        for row in rows
        if levels.get(row["account"]) == "high" and row["level"] in {"medium", "low"}
    ]
    waiting = sorted((row for row in rows if row["overdue_turns"]), key=lambda row: -row["overdue_hours"])
    return Digest(
        csm=csm,
        company=company,
        as_of=rows[0]["as_of"].astimezone(ZoneInfo(timezone)),
        headline=_headline(high, levels),
        groups=groups,
        recovered=recovered,
        waiting=[(row["name"], _owed(row)) for row in waiting[:WAITING_SHOWN]],
        watched=_watched(rows),
    )


def _headline(high: Sequence[Row], levels: Mapping[int, str | None]) -> str:
    if not high:
        return "A quiet day: none of your accounts is at high risk."
    new = sum(levels.get(row["account"]) != "high" for row in high)
    text = f"{counted(len(high), 'account')} at high risk"
    return text + (f", {new} of them new since yesterday." if new else ", none of them new.")


def _card(row: Row, level_before: str | None, chart: Row | None) -> Card:
    return Card(
        name=row["name"],
        tier=row["tier"],
        level=row["level"],
        standing=f"riskier than {number_of(row['score'])} % of all accounts",
        change="new since yesterday" if level_before != "high" else "still at risk",
        next_step=_next_step(row),
        facts=_facts(row),
        reasons=[reason["text"] for reason in row["reasons"]],
        weeks=list(zip(chart["theirs"], chart["ours"], strict=True)) if chart else [],
    )


def _group(row: Row) -> str:
    mark = row["reasons"][0]["mark"] if row["reasons"] else "activity"
    return next(name for name, marks in GROUPS.items() if mark in marks)


def _next_step(row: Row) -> str:
    who = row["last_inbound_person"] or "them"
    return {
        "Gone quiet": f"Write to {who}, who wrote last, and ask what has changed.",
        "Lost their champion": f"Ask {who} who has taken over.",
        "Slow to answer us": f"Call, or try another contact than usual; {who} wrote last.",
        "Chased us": f"Settle what they chased us for, then call {who}.",
        "We owe an answer": "Answer what is past due, the oldest first.",
        "No check-in": f"Begin a check-in with {who}.",
        "Hanging on one person": f"Ask {who} to bring in a colleague.",
    }[_group(row)]


def _facts(row: Row) -> list[str]:
    return [line for line in (" · ".join(_contract(row)), " · ".join(_last_words(row))) if line]


def _contract(row: Row) -> list[str]:
    found = []
    if row["renewal_on"]:
        left = (row["renewal_on"] - row["as_of"].date()).days
        when = f"in {counted(left, 'day')}" if left >= 0 else f"{counted(-left, 'day')} ago"
        found.append(f"Renewal on {on_day(row['renewal_on'])} ({when})")
    if row["arr"] is not None:
        found.append(f"ARR {number_of(row['arr'])}")
    return found


def _last_words(row: Row) -> list[str]:
    found = []
    if row["last_inbound_person"]:
        found.append(f"Last heard from {row['last_inbound_person']}, {_ago(row['days_since_inbound'])}")
    if row["last_outbound_person"]:
        found.append(f"we last wrote {_ago(row['days_since_outbound'])} ({row['last_outbound_person']})")
    return found


def _ago(days: float) -> str:
    return "today" if days < 1 else f"{whole_days(days)} ago"


def _owed(row: Row) -> str:
    return (
        f"{counted(row['overdue_turns'], 'answer')} owed, the oldest {lasting(row['overdue_hours'])} past due"
    )


def _watched(rows: Sequence[Row]) -> str:
    states = [row["state"] for row in rows]
    medium, low = (sum(row["level"] == level for row in rows) for level in ("medium", "low"))
    parts = [f"{medium} at medium risk", f"{low} at low risk"]
    unseen = states.count("not_enough_sight")
    if unseen:
        parts.append(f"{unseen} with too little mail in sight to judge")
    return f"Your other accounts: {', '.join(parts)}."
