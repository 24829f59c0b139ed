"""The support report: SLA targets met yesterday and in the week, breaches, and open tickets; pure."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from mailsignals.notifications.digest.bulletin import Bulletin, Groups
from mailsignals.notifications.digest.card import Row
from mailsignals.notifications.digest.queue import Queue
from mailsignals.sla.cases import BREACHED
from mailsignals.sla.compliance import Period
from mailsignals.sla.tickets import Tickets
from mailsignals.wording.numbers import count_noun, on_day, percent
from mailsignals.wording.people import PersonNames

SUPPORT = "support"
"""The kind of delivery."""

FIGURES = {
    "first_response": "First response",
    "next_response": "Next response",
    "resolution": "Resolution",
}
FEW = 10
"""A change between fewer targets than this may be chance, and is left out."""
DROP = 0.1
"""The smallest drop of the share of met targets that is shown."""
SHOWN = 10


def support(  # noqa: PLR0913  # all that it is made of
    yesterday: pl.DataFrame,
    week: pl.DataFrame,
    missed: pl.DataFrame,
    queue: Queue,
    *,
    names: Mapping[str, str],
    people: PersonNames,
    company: str,
    today: dt.date,
) -> Bulletin:
    """Return the report on the day before today, and on the seven days that end with it.

    Args:
        yesterday: the rows of ``report`` for the day, by tier.
        week: the rows of ``report`` for the seven days that end with it.
        missed: the rows of ``breached_cases`` for the day, with account ids and addresses instead of numbers.
        queue: the open tickets.
        names: the name of each account by its id.
        people: the names of people.
        company: the company's name.
        today: the day of the report.
    """
    day = today - dt.timedelta(days=1)
    met, due = _met(yesterday)
    result = f"SLA met on {met} of {count_noun(due, 'target')}" if due else "No SLA target was due"
    drops = _drops(week)
    sections: list[tuple[str, Groups]] = [
        ("Lower SLA compliance", [("Against the seven days before", drops)] if drops else []),
        ("Yesterday", _by_tier(yesterday)),
        ("Last seven days", _by_tier(week)),
        ("Breached yesterday", _missed(missed, names, people)),
        ("Open tickets", _queue(queue)),
    ]
    return Bulletin(
        kind=SUPPORT,
        title=f"{result} on {on_day(day)}",
        company=company,
        on=f"{day:%A}, {on_day(day)}, and the seven days that end with it",
        headline=f"{result} yesterday; {count_noun(queue.length, 'open ticket')}.",
        sections=[(name, groups) for name, groups in sections if groups],
        remarks=[
            "A target counts on the day of the customer's email. Targets that are not due yet are left out."
        ],
    )


def breached_cases(desk: Tickets, period: Period) -> pl.DataFrame:
    """Return the SLA targets breached in a period: ``account``, ``contact``, ``tier`` and ``figure``."""
    missed = desk.cases.filter((pl.col("verdict") == BREACHED) & period.holds("due_at")).sort("due_at")
    return missed.join(
        desk.tickets.select("conversation", "contact"), on="conversation", maintain_order="left"
    ).select("account", "contact", "figure", tier="group")


def _met(rows: pl.DataFrame) -> tuple[int, int]:
    """Return the number of met targets, and of all that were due."""
    met, breached_cases = rows.select(pl.col("met", "breached").sum()).row(0)
    return met, met + breached_cases


def _by_tier(rows: pl.DataFrame) -> Groups:
    tiers = rows.partition_by("by", as_dict=True, maintain_order=True)
    told = [(tier, list(_lines(own.to_dicts()))) for (tier,), own in tiers.items()]
    return [(tier, lines) for tier, lines in told if lines]


def _lines(rows: Sequence[Row]) -> Iterator[str]:
    """Yield one sentence per figure with targets that were due."""
    for row in rows:
        judged = row["met"] + row["breached"]
        if judged:
            before = row["compliance_before"]
            change = "" if before is None else f", previously {percent(before)}"
            met = f"SLA met on {row['met']} of {judged} ({percent(row['compliance'])}{change})"
            yield f"{FIGURES[row['figure']]}: {met}"


def _drops(rows: pl.DataFrame) -> list[str]:
    fell = pl.col("compliance_before") - pl.col("compliance") >= DROP
    enough = pl.col("met") + pl.col("breached") >= FEW
    return [
        f"{row['by']}, {FIGURES[row['figure']].lower()}: {percent(row['compliance'])}, down from "
        f"{percent(row['compliance_before'])}"
        for row in rows.filter(fell & enough).iter_rows(named=True)
    ]


def _missed(rows: pl.DataFrame, names: Mapping[str, str], people: PersonNames) -> Groups:
    told = [
        (
            names[row["account_id"]],
            [f"{row['tier']}, {people.of(row['contact'])}: {FIGURES[row['figure']].lower()}"],
        )
        for row in rows.head(SHOWN).iter_rows(named=True)
    ]
    more = rows.height - len(told)
    return [*told, (f"{more} more", [])] if more else told


def _queue(queue: Queue) -> Groups:
    told = [(ticket.name, [f"{ticket.tier}, {ticket.contact}: {ticket.due}"]) for ticket in queue.shown]
    return [*told, (queue.more, [])] if queue.more else told
