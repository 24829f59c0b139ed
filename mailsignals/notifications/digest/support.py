"""The day for a support lead: which promises were kept, what stands out, what was breached, what is due; pure."""

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

SUPPORT = "support"
"""The kind of delivery."""

FIGURES = {
    "first_response": "First responses",
    "next_response": "Later responses",
    "resolution": "Resolutions",
}
FEW = 10
"""A change between fewer cases than this is chance, and not named."""
DROP = 0.1
"""By how much of all cases fewer were in time than before, from where on it stands out."""
SHOWN = 10


def support(  # noqa: PLR0913  # all that it is made of
    yesterday: pl.DataFrame,
    week: pl.DataFrame,
    missed: pl.DataFrame,
    queue: Queue,
    *,
    names: Mapping[str, str],
    company: str,
    today: dt.date,
) -> Bulletin:
    """The day before today, and the seven days before it.

    Args:
        yesterday: what ``report`` returned for the day, by tier.
        week: the same for the seven days that end with it.
        missed: what ``breached_cases`` says of that day, with account ids and addresses for numbers.
        queue: what waits for us.
        names: of accounts, by id.
        company: its name.
        today: the day of the digest.
    """
    day = today - dt.timedelta(days=1)
    kept, judged = _kept(yesterday)
    told = f"{kept} of {count_noun(judged, 'promise')} kept" if judged else "no promise fell due"
    waits = f"{count_noun(queue.length, 'ticket')} {'waits' if queue.length == 1 else 'wait'} for us"
    drops = _drops(week)
    sections: list[tuple[str, Groups]] = [
        ("What stands out", [("Fewer in time than in the seven days before", drops)] if drops else []),
        ("Yesterday", _by_tier(yesterday)),
        ("The last seven days", _by_tier(week)),
        ("Fell due yesterday and was missed", _missed(missed, names)),
        ("Waiting for us", _queue(queue)),
    ]
    return Bulletin(
        kind=SUPPORT,
        title=f"{told[0].upper()}{told[1:]} on {on_day(day)}",
        company=company,
        on=f"{day:%A}, {on_day(day)}, and the seven days that end with it",
        headline=f"Yesterday {told}; {waits}.",
        sections=[(name, groups) for name, groups in sections if groups],
        remarks=[
            "A promise counts on the day on which the customer wrote; what is not due yet is not counted."
        ],
    )


def breached_cases(desk: Tickets, period: Period) -> pl.DataFrame:
    """The promises that fell due in a period and were not kept: ``account``, ``contact``, ``tier`` and ``figure``."""
    missed = desk.cases.filter((pl.col("verdict") == BREACHED) & period.holds("due_at")).sort("due_at")
    return missed.join(
        desk.tickets.select("conversation", "contact"), on="conversation", maintain_order="left"
    ).select("account", "contact", "figure", tier="group")


def _kept(rows: pl.DataFrame) -> tuple[int, int]:
    met, breached_cases = rows.select(pl.col("met", "breached").sum()).row(0)
    return met, met + breached_cases


def _by_tier(rows: pl.DataFrame) -> Groups:
    tiers = rows.partition_by("by", as_dict=True, maintain_order=True)
    told = [(tier, list(_lines(own.to_dicts()))) for (tier,), own in tiers.items()]
    return [(tier, lines) for tier, lines in told if lines]


def _lines(rows: Sequence[Row]) -> Iterator[str]:
    """What was promised and fell due, figure by figure."""
    for row in rows:
        judged = row["met"] + row["breached"]
        if judged:
            before = row["compliance_before"]
            change = "" if before is None else f", {percent(before)} before"
            yield f"{FIGURES[row['figure']]}: {row['met']} of {judged} in time ({percent(row['compliance'])}{change})"


def _drops(rows: pl.DataFrame) -> list[str]:
    fell = pl.col("compliance_before") - pl.col("compliance") >= DROP
    enough = pl.col("met") + pl.col("breached") >= FEW
    return [
        f"{row['by']}, {FIGURES[row['figure']].lower()}: {percent(row['compliance'])}, down from "
        f"{percent(row['compliance_before'])}"
        for row in rows.filter(fell & enough).iter_rows(named=True)
    ]


def _missed(rows: pl.DataFrame, names: Mapping[str, str]) -> Groups:
    told = [
        (
            names[row["account_id"]],
            [f"{row['tier']}, {row['contact']}: {FIGURES[row['figure']][:-1].lower()}"],
        )
        for row in rows.head(SHOWN).iter_rows(named=True)
    ]
    more = rows.height - len(told)
    return [*told, (f"and {more} more", [])] if more else told


def _queue(queue: Queue) -> Groups:
    told = [(ticket.name, [f"{ticket.tier}, {ticket.contact}: {ticket.due}"]) for ticket in queue.shown]
    return [*told, (queue.more, [])] if queue.more else told
