"""The tables of ``mailsignals sla``: tiers first, then the requested groups."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import polars as pl
from rich.console import Group, RenderableType
from rich.text import Text

from mailsignals.cli.cells import UNKNOWN, business_hours, duration, number, percentage
from mailsignals.cli.output import table
from mailsignals.sla.cases import VERDICTS
from mailsignals.sla.compliance import By
from mailsignals.sla.promises import FIGURES, NO_TARGET
from mailsignals.sla.workload import imbalance
from mailsignals.wording.people import PersonNames

FEW = 10
"""A share of fewer cases than this is marked as few, and never highlighted."""

LOW_FCR, TOP_FCR, HIGH_ESCALATION, SLOW_HOURS = 0.70, 0.85, 0.20, 4.0
"""Thresholds from which a figure is highlighted; customary in support."""

WORDS = {"first_response": "first response", "next_response": "next response", "resolution": "resolution"}
TROUBLE, PRAISE = "bold red", "green"

Row = Mapping[str, Any]


def tier_tables(rows: pl.DataFrame, *, title: str) -> RenderableType:
    """Return three tables per tier: SLA compliance, response times, and outcomes of tickets.

    Args:
        rows: ``sla.report.report`` by tier, with the column ``tier``.
        title: a line above the tables.
    """
    met = ["SLA met", "of", "change", "met", "breached", "open", "near\nmiss"]
    waits = ["median", "P90", "calendar\nmedian", "calendar\nP90", "off\nhours", "open"]
    outcomes = [
        "tickets",
        "resolved",
        "first-contact\nresolution",
        "reopened",
        "escalated",
        "repeat\ncontact",
    ]
    tickets = rows.filter(pl.col("figure") == FIGURES[0])
    return Group(
        table(["tier", "", *met], _lines(rows, _met), title=title, right=met),
        Text(),
        table(["business hours", "", *waits], _lines(rows, _waits), right=waits),
        Text(),
        table(
            ["tickets of", *outcomes],
            [(row["tier"], *_outcomes(row)) for row in tickets.iter_rows(named=True)],
            right=outcomes,
        ),
    )


Cells = Iterator[str | Text]


def _lines(rows: pl.DataFrame, cells: Callable[[Row], Cells]) -> list[tuple[str | Text, ...]]:
    """Return a line per tier and figure, with the tier's name on its first line."""
    return [
        (row["tier"] if row["figure"] == FIGURES[0] else "", WORDS[row["figure"]], *cells(row))
        for row in rows.iter_rows(named=True)
    ]


def _met(row: Row) -> Cells:
    yield percentage(row["compliance"])
    yield few(row["met"] + row["breached"]) if row["tier"] != NO_TARGET else UNKNOWN
    yield points_change(row["compliance"], row["compliance_before"])
    yield from (number(row[name]) for name in (*VERDICTS, "near_miss"))


def _waits(row: Row) -> Cells:
    yield _median(row)
    yield business_hours(row["p90_business_hours"])
    yield from (duration(row[name]) for name in ("median_hours", "p90_hours"))
    yield from (number(row[name]) for name in ("off_hours", "open"))


def _median(row: Row) -> str | Text:
    median, cases = row["median_business_hours"], row["cases"]
    if row["figure"] == FIGURES[0] and median is not None and median > SLOW_HOURS and cases >= FEW:
        return Text(f"slow {business_hours(median)}", TROUBLE)
    return business_hours(median)


def _outcomes(row: Row) -> Cells:
    yield number(row["tickets"])
    yield few(row["resolved"])
    fcr, escalated = row["fcr_share"], row["escalated_share"]
    word, style = (
        ("low ", TROUBLE) if (fcr or 0) < LOW_FCR else ("top ", PRAISE) if (fcr or 0) >= TOP_FCR else ("", "")
    )
    yield percentage(fcr) if fcr is None or row["resolved"] < FEW else Text(word + percentage(fcr), style)
    yield percentage(row["reopened_share"])
    high = escalated is not None and escalated > HIGH_ESCALATION and row["tickets"] >= FEW
    yield Text(f"high {percentage(escalated)}", TROUBLE) if high else percentage(escalated)
    yield percentage(row["repeat_contact_share"])


def few(count: int) -> str:
    """Return a number of cases as text, marked where it is small: ``3 few``."""
    return f"{number(count)} few" if 0 < count < FEW else number(count)


def points_change(now: float | None, before: float | None) -> str:
    """Return the change in percentage points with an arrow, ``↓ 4``; empty where either share is unknown."""
    if now is None or before is None:
        return ""
    points = round(100 * now) - round(100 * before)
    return "=" if points == 0 else f"{'↑' if points > 0 else '↓'} {abs(points)}"


def group_table(
    rows: pl.DataFrame, by: By, *, names: Mapping[str, str], people: PersonNames
) -> RenderableType:
    """Return a line per account, agent or week: most breaches first, weeks in their order.

    Args:
        rows: ``sla.report.report`` by the group, whose column comes first.
        by: the group.
        names: of accounts, by id.
        people: names of agents.
    """
    column = rows.columns[0]
    breaches = pl.col("breached").sum().over(column)
    ordered = rows if by is By.WEEK else rows.sort(-breaches, pl.col(column), maintain_order=True)
    right = [
        "tickets",
        "first\nresponse met",
        "median,\nbusiness hours",
        "next\nresponse met",
        "resolution\nmet",
    ]
    lines = []
    for (group,), figures in ordered.partition_by(column, as_dict=True, maintain_order=True).items():
        by_figure = {row["figure"]: row for row in figures.iter_rows(named=True)}
        first, *others = (by_figure[figure] for figure in FIGURES)
        lines.append(
            (
                people.of(str(group)) if by is By.AGENT else names.get(str(group), str(group)),
                number(first["tickets"]),
                _share_of(first),
                business_hours(first["median_business_hours"]),
                *map(_share_of, others),
            )
        )
    return Group(Text(), table([str(by), *right], lines, right=right))


def _share_of(row: Row) -> str:
    judged = row["met"] + row["breached"]
    return f"{percentage(row['compliance'])} of {few(judged)}" if judged else UNKNOWN


def work_table(work: pl.DataFrame, *, people: PersonNames) -> RenderableType:
    """Return the table of agents with their first responses and emails; ``people`` has their names."""
    right = ["first responses", "emails", "share of all emails"]
    lines = [
        (
            people.of(row["agent"]),
            number(row["first_answers"]),
            number(row["outbound"]),
            percentage(row["outbound_share"]),
        )
        for row in work.iter_rows(named=True)
    ]
    return Group(Text(), table(["agent", *right], lines, right=right))


def remarks(rows: pl.DataFrame, work: pl.DataFrame | None) -> Iterator[str]:
    """Yield the sentences below the tables: business hours, few cases, dismissed emails, uneven work."""
    yield (
        "Business hours follow each tier's calendar. A response that took none of them is 'off hours', and met. "
        f"Median and P90 cover responded and resolved cases. 'few' means under {FEW}."
    )
    taken = rows.filter(pl.col("figure") == FIGURES[0]).select(pl.col("dismissed", "closed").sum()).row(0)
    if any(taken):
        yield f"Emails that need no reply: {taken[0]} dismissed, {taken[1]} closed by sla.closing_after."
    uneven = None if work is None else imbalance(work["outbound_share"].drop_nulls())
    if work is not None and uneven is not None:
        yield f"The busiest of {work.height} agents writes {uneven:.1f} times as many emails as the mean."
