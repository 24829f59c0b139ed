"""The lists of ``mailsignals sla``: the queue, tickets, and responses."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl
from rich.console import RenderableType
from rich.text import Text

from mailsignals.cli.cells import UNKNOWN, duration, number, open_hours
from mailsignals.cli.output import table
from mailsignals.cli.tables.sla import TROUBLE, WORDS
from mailsignals.sla.backlog import LATE, RISKY
from mailsignals.wording.numbers import count_noun, date_and_time

STYLES = {LATE: TROUBLE, RISKY: "yellow"}
SUBJECT_LENGTH = 40
SHOWN_DIGITS = 8
"""Of a ticket's id; as many as tell the tickets of a table apart."""


def queue_table(rows: pl.DataFrame, *, names: Mapping[str, str]) -> RenderableType:
    """Return the table of open tickets that need our answer, in the order of ``rows``."""
    ours = rows.filter(pl.col("waiting_for") == "us")
    if ours.is_empty():
        return Text("No ticket waits for us.")
    lines = [
        (
            row["ticket"][:SHOWN_DIGITS],
            Text(time_left(row["left_hours"]), STYLES.get(row["state"], "")),
            WORDS.get(row["figure"], UNKNOWN),
            duration(row["waiting_hours"]),
            f"{names.get(row['account_id'], row['account_id'])}, {row['tier']}",
            row["agent"] or UNKNOWN,
            short_subject(row["subject"]),
        )
        for row in ours.iter_rows(named=True)
    ]
    headings = ["ticket", "left", "for", "waits", "account", "with", "subject"]
    return table(headings, lines, right=["ticket", "left", "for", "waits"])


def queue_remark(rows: pl.DataFrame) -> str:
    """Return a sentence with the number of tickets that need our answer or the customer's, and how many are late."""
    ours = rows.filter(pl.col("waiting_for") == "us")
    states = dict(ours["state"].drop_nulls().value_counts().iter_rows())
    theirs = rows.height - ours.height
    return (
        f"Waiting for us: {count_noun(ours.height, 'ticket')} ({number(states.get(LATE, 0))} late, "
        f"{number(states.get(RISKY, 0))} past half of their target). Waiting for the customer: {number(theirs)}, "
        "which --output and --json have too."
    )


def ticket_table(rows: pl.DataFrame, timezone: str) -> RenderableType:
    """The tickets of a period, as they came."""
    if rows.is_empty():
        return Text("No ticket was opened in this period.")
    lines = [
        (
            row["ticket"][:SHOWN_DIGITS],
            _at(row["opened_at"], timezone),
            row["account_id"],
            verdict_cell(row["first_response"], row["first_response_business_hours"]),
            _later(row),
            verdict_cell(row["resolution"], row["resolution_business_hours"]),
            short_subject(row["subject"]),
        )
        for row in rows.sort("opened_at", maintain_order=True).iter_rows(named=True)
    ]
    headings = ["ticket", "opened", "account", "first", "next", "resolution", "subject"]
    return table(headings, lines, right=["ticket", "account", "next"])


def response_table(rows: pl.DataFrame, timezone: str) -> RenderableType:
    """Return the table of mails in a period that needed an answer, oldest first."""
    if rows.is_empty():
        return Text("Nothing called for an answer in this period.")
    lines = [
        (
            row["ticket"][:SHOWN_DIGITS],
            _at(row["started_at"], timezone),
            WORDS[row["figure"]],
            row["account_id"],
            _at(row["due_at"], timezone),
            _at(row["answered_at"], timezone),
            verdict_cell(row["verdict"], row["business_hours"]),
        )
        for row in rows.sort("started_at", maintain_order=True).iter_rows(named=True)
    ]
    headings = ["ticket", "asked", "for", "account", "due", "answered", "open hours"]
    return table(headings, lines, right=["ticket", "for", "account"])


def _later(row: Mapping[str, Any]) -> str:
    met, breached = row["next_responses_met"], row["next_responses_breached"]
    return f"{met} of {met + breached}" if met + breached else UNKNOWN


def verdict_cell(word: str | None, taken: float | None) -> Text:
    """A verdict and the open hours that it took; breaches stand out."""
    text = word or UNKNOWN
    return Text(
        text if taken is None else f"{text} {open_hours(taken)}", TROUBLE if word == "breached" else ""
    )


def time_left(value: float | None) -> str:
    """Return the hours left as text, or how late it is if negative: ``in 2.0 h``, ``late 3.5 h``."""
    if value is None:
        return UNKNOWN
    return f"in {duration(value)}" if value > 0 else f"late {duration(-value)}"


def short_subject(subject: str | None) -> str:
    """A subject that fits into a table."""
    text = subject or UNKNOWN
    return text if len(text) <= SUBJECT_LENGTH else f"{text[: SUBJECT_LENGTH - 3]}..."


def _at(moment: dt.datetime | None, timezone: str) -> str:
    return UNKNOWN if moment is None else date_and_time(moment, timezone)
