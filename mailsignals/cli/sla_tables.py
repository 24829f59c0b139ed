"""The tables of ``mailsignals sla``: tiers first, then whatever was asked for."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
from rich.console import Group, RenderableType
from rich.text import Text

from mailsignals.cli.output import table
from mailsignals.cli.visible import visible
from mailsignals.cli.words import UNKNOWN, hours, number, open_hours, share
from mailsignals.sla.compliance import By
from mailsignals.sla.promises import FIGURES, NO_TARGET
from mailsignals.sla.workload import imbalance

FEW = 10
"""A share of fewer cases than this is called one of few, and nothing of it is marked."""

LOW_FCR, TOP_FCR, HIGH_ESCALATION, SLOW_HOURS = 0.70, 0.85, 0.20, 4.0
"""From where on a figure needs attention, or deserves praise; customary in support."""

WORDS = {"first_response": "first response", "next_response": "next response", "resolution": "resolution"}
TROUBLE, PRAISE = "bold red", "green"

Row = Mapping[str, Any]


def tier_tables(rows: pl.DataFrame, *, title: str) -> RenderableType:
    """Each tier's promises, and what became of its tickets."""
    right = [
        "in time",
        "of",
        "before",
        "met",
        "breached",
        "pending",
        "not yet",
        *SPANS,
        "near\nmiss",
        "off\nhours",
    ]
    lines = [
        (row["tier"] if row["figure"] == FIGURES[0] else "", WORDS[row["figure"]], *_figures(row))
        for row in rows.iter_rows(named=True)
    ]
    tickets = rows.filter(pl.col("figure") == FIGURES[0])
    outcomes = ["tickets", "resolved", "by one answer", "reopened", "escalated", "asked again"]
    return Group(
        table(["tier", "", *right], lines, title=title, right=right),
        Text(),
        table(
            ["tier", *outcomes],
            [(row["tier"], *_outcomes(row)) for row in tickets.iter_rows(named=True)],
            right=outcomes,
        ),
    )


SPANS = ("open hours\n50 %", "open hours\n90 %", "by the clock\n50 %", "by the clock\n90 %")


def _figures(row: Row) -> Iterator[str | Text]:
    judged = row["met"] + row["breached"]
    yield share(row["compliance"])
    yield few(judged) if row["tier"] != NO_TARGET else UNKNOWN
    yield change(row["compliance"], row["compliance_before"])
    yield from (number(row[name]) for name in ("met", "breached", "pending", "open"))
    yield _median(row)
    yield open_hours(row["p90_business_hours"])
    yield from (hours(row[name]) for name in ("median_hours", "p90_hours"))
    yield from (number(row[name]) for name in ("near_miss", "off_hours"))


def _median(row: Row) -> str | Text:
    median, cases = row["median_business_hours"], row["cases"]
    if row["figure"] == FIGURES[0] and median is not None and median > SLOW_HOURS and cases >= FEW:
        return Text(f"slow {open_hours(median)}", TROUBLE)
    return open_hours(median)


def _outcomes(row: Row) -> Iterator[str | Text]:
    yield number(row["tickets"])
    yield few(row["resolved"])
    fcr, escalated = row["fcr_share"], row["escalated_share"]
    word, style = (
        ("low ", TROUBLE) if (fcr or 0) < LOW_FCR else ("top ", PRAISE) if (fcr or 0) >= TOP_FCR else ("", "")
    )
    yield share(fcr) if fcr is None or row["resolved"] < FEW else Text(word + share(fcr), style)
    yield share(row["reopened_share"])
    high = escalated is not None and escalated > HIGH_ESCALATION and row["tickets"] >= FEW
    yield Text(f"high {share(escalated)}", TROUBLE) if high else share(escalated)
    yield share(row["repeat_contact_share"])


def few(count: int) -> str:
    """A number of cases, and whether it is small."""
    return f"{number(count)} few" if 0 < count < FEW else number(count)


def change(now: float | None, before: float | None) -> str:
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
    right = ["tickets", *(f"{heading}\n{what}" for heading in HEADINGS for what in ("in time", "of", "50 %"))]
    if by is By.AGENT:
        right += ["answered\nfirst", "mails", "share"]
    lines = []
    for (group,), figures in ordered.partition_by(column, as_dict=True, maintain_order=True).items():
        shown = visible(names.get(str(group), str(group)))
        by_figure = {row["figure"]: row for row in figures.iter_rows(named=True)}
        lines.append((shown, number(figures["tickets"][0]), *_in_brief(by_figure), *_work(figures, by)))
    return Group(Text(), table([str(by), *right], lines, right=right))


HEADINGS = ("first", "next", "resolved")


def _in_brief(by_figure: Mapping[str, Row]) -> Iterator[str]:
    for figure in FIGURES:
        row = by_figure[figure]
        yield share(row["compliance"])
        yield few(row["met"] + row["breached"])
        yield open_hours(row["median_business_hours"])


def _work(figures: pl.DataFrame, by: By) -> tuple[str, ...]:
    if by is not By.AGENT:
        return ()
    row = figures.row(0, named=True)
    return number(row["first_answers"]), number(row["outbound"]), share(row["outbound_share"])


def remarks(rows: pl.DataFrame) -> Iterator[str]:
    """What a reader of the tables should know."""
    yield (
        "Open hours are those of each tier's calendar; answers that took none of them count as off hours, and in time. "
        f"'few' is under {FEW}."
    )
    taken = rows.filter(pl.col("figure") == FIGURES[0]).select(pl.col("dismissed", "closed").sum()).row(0)
    if any(taken):
        yield f"Mails that needed no answer: {taken[0]} dismissed, {taken[1]} closed by sla.closing_after."
    if "outbound_share" in rows.columns:
        shares = rows.filter(pl.col("figure") == FIGURES[0])["outbound_share"].drop_nulls()
        uneven = imbalance(shares)
        if uneven is not None:
            yield f"The busiest agent writes {uneven:.1f} times the mean of {shares.len()}."
