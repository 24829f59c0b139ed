"""The lists of ``mailsignals sla``: the queue, tickets, and responses."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl
from rich.console import RenderableType
from rich.text import Text

from mailsignals.cli.cells import UNKNOWN, business_hours, duration, number
from mailsignals.cli.output import table
from mailsignals.cli.tables.sla import TROUBLE, WORDS
from mailsignals.sla.backlog import LATE, RISKY
from mailsignals.wording.numbers import count_noun, date_and_time
from mailsignals.wording.people import PersonNames

STYLES = {LATE: TROUBLE, RISKY: "yellow"}
SHOWN_DIGITS = 8
"""The digits of a ticket's id that are shown, enough to tell the tickets of a table apart."""


def queue_table(rows: pl.DataFrame, *, names: Mapping[str, str], people: PersonNames) -> RenderableType:
    """Return the table of open tickets with unanswered emails, in the order of ``rows``."""
    ours = rows.filter(pl.col("waiting_for") == "us")
    if ours.is_empty():
        return Text("No unanswered tickets.")
    lines = [
        (
            row["ticket"][:SHOWN_DIGITS],
            Text(time_left(row["left_hours"]), STYLES.get(row["state"], "")),
            WORDS.get(row["figure"], UNKNOWN),
            duration(row["waiting_hours"]),
            f"{names.get(row['account_id'], row['account_id'])}, {row['tier']}",
            people.of(row["agent"]) if row["agent"] else UNKNOWN,
            row["subject"] or UNKNOWN,
        )
        for row in ours.iter_rows(named=True)
    ]
    headings = ["ticket", "due", "target", "waiting", "account", "agent", "subject"]
    return table(headings, lines, right=["due", "waiting"])


def queue_remark(rows: pl.DataFrame) -> str:
    """Return a sentence with the numbers of unanswered tickets, overdue ones, and those that wait for customers."""
    ours = rows.filter(pl.col("waiting_for") == "us")
    states = dict(ours["state"].drop_nulls().value_counts().iter_rows())
    theirs = rows.height - ours.height
    return (
        f"{count_noun(ours.height, 'unanswered ticket')} ({number(states.get(LATE, 0))} overdue, "
        f"{number(states.get(RISKY, 0))} past half of their target). Waiting for the customer: {number(theirs)}, "
        "listed with --output or --json."
    )


def ticket_table(rows: pl.DataFrame, timezone: str, *, names: Mapping[str, str]) -> RenderableType:
    """Return the table of a period's tickets, in the order of ``rows``."""
    if rows.is_empty():
        return Text("No tickets opened in this period.")
    lines = [
        (
            row["ticket"][:SHOWN_DIGITS],
            _at(row["opened_at"], timezone),
            names.get(row["account_id"], row["account_id"]),
            verdict_cell(row["first_response"], row["first_response_business_hours"]),
            _later(row),
            verdict_cell(row["resolution"], row["resolution_business_hours"]),
            row["subject"] or UNKNOWN,
        )
        for row in rows.iter_rows(named=True)
    ]
    headings = [
        "ticket",
        "opened",
        "account",
        "first\nresponse",
        "next\nresponse met",
        "resolution",
        "subject",
    ]
    return table(headings, lines)


def response_table(rows: pl.DataFrame, timezone: str, *, names: Mapping[str, str]) -> RenderableType:
    """Return the table of the responses that were due in a period, in the order of ``rows``."""
    if rows.is_empty():
        return Text("No responses were due in this period.")
    lines = [
        (
            row["ticket"][:SHOWN_DIGITS],
            _at(row["started_at"], timezone),
            WORDS[row["figure"]],
            names.get(row["account_id"], row["account_id"]),
            _at(row["due_at"], timezone),
            _at(row["answered_at"], timezone),
            verdict_cell(row["verdict"], row["business_hours"]),
        )
        for row in rows.iter_rows(named=True)
    ]
    headings = ["ticket", "received", "target", "account", "due", "responded", "business hours"]
    return table(headings, lines)


def _later(row: Mapping[str, Any]) -> str:
    met, breached = row["next_responses_met"], row["next_responses_breached"]
    return f"{met} of {met + breached}" if met + breached else UNKNOWN


def verdict_cell(word: str | None, taken: float | None) -> Text:
    """Return a verdict with its business hours, ``met 1.5 h``; a breach is highlighted."""
    text = word or UNKNOWN
    return Text(
        text if taken is None else f"{text} {business_hours(taken)}", TROUBLE if word == "breached" else ""
    )


def time_left(value: float | None) -> str:
    """Return the time left as text, from hours: ``in 2 h``, or ``overdue by 3 days`` if negative."""
    if value is None:
        return UNKNOWN
    return f"in {duration(value)}" if value > 0 else f"overdue by {duration(-value)}"


def _at(moment: dt.datetime | None, timezone: str) -> str:
    return UNKNOWN if moment is None else date_and_time(moment, timezone)
