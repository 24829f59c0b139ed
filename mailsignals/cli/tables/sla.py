"""The tables of ``mailsignals sla``: tiers first, then whatever was asked for."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import polars as pl
from rich.console import Group, RenderableType
from rich.text import Text

from mailsignals.cli.cells import UNKNOWN, duration, number, open_hours, percentage
from mailsignals.cli.output import table
from mailsignals.sla.cases import VERDICTS
from mailsignals.sla.compliance import By
from mailsignals.sla.promises import FIGURES, NO_TARGET
from mailsignals.sla.workload import imbalance

FEW = 10
"""A share of fewer cases than this is called one of few, and nothing of it is marked."""

LOW_FCR, TOP_FCR, HIGH_ESCALATION, SLOW_HOURS = 0.70, 0.85, 0.20, 4.0
"""From where on a figure needs attention, or deserves praise; customary in support."""

WORDS = {"first_response": "first", "next_response": "next", "resolution": "resolution"}
TROUBLE, PRAISE = "bold red", "green"

Row = Mapping[str, Any]


def tier_tables(rows: pl.DataFrame, *, title: str) -> RenderableType:
    """Each tier's promises, how long customers waited, and what became of its tickets."""
    kept = ["in time", "of", "before", "met", "breached", "pending", "near\nmiss"]
    waits = ["50 %", "90 %", "by the\nclock 50 %", "90 % ", "off\nhours", "not\nyet"]
    outcomes = ["tickets", "resolved", "by one\nanswer", "reopened", "escalated", "asked\nagain"]
    tickets = rows.filter(pl.col("figure") == FIGURES[0])
    return Group(
        table(["tier", "", *kept], _lines(rows, _kept), title=title, right=kept),
        Text(),
        table(["open hours", "", *waits], _lines(rows, _waits), right=waits),
        Text(),
        table(
            ["tickets of", *outcomes],
            [(row["tier"], *_outcomes(row)) for row in tickets.iter_rows(named=True)],
            right=outcomes,
        ),
    )


Cells = Iterator[str | Text]


def _lines(rows: pl.DataFrame, cells: Callable[[Row], Cells]) -> list[tuple[str | Text, ...]]:
    """A line for each tier and figure, with the tier's name on its first one."""
    return [
        (row["tier"] if row["figure"] == FIGURES[0] else "", WORDS[row["figure"]], *cells(row))
        for row in rows.iter_rows(named=True)
    ]


def _kept(row: Row) -> Cells:
    yield percentage(row["compliance"])
    yield few(row["met"] + row["breached"]) if row["tier"] != NO_TARGET else UNKNOWN
    yield points_change(row["compliance"], row["compliance_before"])
    yield from (number(row[name]) for name in (*VERDICTS, "near_miss"))


def _waits(row: Row) -> Cells:
    yield _median(row)
    yield open_hours(row["p90_business_hours"])
    yield from (duration(row[name]) for name in ("median_hours", "p90_hours"))
    yield from (number(row[name]) for name in ("off_hours", "open"))


def _median(row: Row) -> str | Text:
    median, cases = row["median_business_hours"], row["cases"]
    if row["figure"] == FIGURES[0] and median is not None and median > SLOW_HOURS and cases >= FEW:
        return Text(f"slow {open_hours(median)}", TROUBLE)
    return open_hours(median)


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
    """A number of cases, and whether it is small."""
    return f"{number(count)} few" if 0 < count < FEW else number(count)


def points_change(now: float | None, before: float | None) -> str:
    """An arrow and by how many percentage points; nothing where either is not known."""
    if now is None or before is None:
        return ""
    points = round(100 * now) - round(100 * before)
    return "=" if points == 0 else f"{'↑' if points > 0 else '↓'} {abs(points)}"


def group_table(rows: pl.DataFrame, by: By, *, names: Mapping[str, str]) -> RenderableType:
    """A line for each account, agent or week: those with most breaches first, weeks in their order."""
    column = rows.columns[0]
    breaches = pl.col("breached").sum().over(column)
    ordered = rows if by is By.WEEK else rows.sort(-breaches, pl.col(column), maintain_order=True)
    right = ["tickets", "first\nin time", "open\nhours", "next\nin time", "resolved\nin time"]
    lines = []
    for (group,), figures in ordered.partition_by(column, as_dict=True, maintain_order=True).items():
        by_figure = {row["figure"]: row for row in figures.iter_rows(named=True)}
        first, *others = (by_figure[figure] for figure in FIGURES)
        lines.append(
            (
                names.get(str(group), str(group)),
                number(first["tickets"]),
                _share_of(first),
                open_hours(first["median_business_hours"]),
                *map(_share_of, others),
            )
        )
    return Group(Text(), table([str(by), *right], lines, right=right))


def _share_of(row: Row) -> str:
    judged = row["met"] + row["breached"]
    return f"{percentage(row['compliance'])} of {few(judged)}" if judged else UNKNOWN


def work_table(work: pl.DataFrame) -> RenderableType:
    """Return the table of agents with their first responses and mails."""
    right = ["answered first", "mails", "share of all mails"]
    lines = [
        (
            row["agent"],
            number(row["first_answers"]),
            number(row["outbound"]),
            percentage(row["outbound_share"]),
        )
        for row in work.iter_rows(named=True)
    ]
    return Group(Text(), table(["agent", *right], lines, right=right))


def remarks(rows: pl.DataFrame, work: pl.DataFrame | None) -> Iterator[str]:
    """Yield the sentences that explain the tables: business hours, few cases, dismissed mails, uneven work."""
    yield (
        "Open hours are those of each tier's calendar; answers that took none of them count as off hours, and in time. "
        f"50 % and 90 % are of what was answered or resolved. 'few' is under {FEW}."
    )
    taken = rows.filter(pl.col("figure") == FIGURES[0]).select(pl.col("dismissed", "closed").sum()).row(0)
    if any(taken):
        yield f"Mails that needed no answer: {taken[0]} dismissed, {taken[1]} closed by sla.closing_after."
    uneven = None if work is None else imbalance(work["outbound_share"].drop_nulls())
    if work is not None and uneven is not None:
        yield f"The busiest of {work.height} agents writes {uneven:.1f} times as much as the mean."
