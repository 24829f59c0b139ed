"""Rows of single tickets and responses behind every SLA figure, with names instead of numbers."""

import hashlib

import polars as pl

from mailsignals.sla.cases import VERDICTS
from mailsignals.sla.tickets import Tickets

ID_DIGITS = 12
"""The hexadecimal digits of a ticket id; among a million tickets a collision has a probability of 2 in 1,000."""

PEOPLE = ("contact", "agent", "first_agent", "person", "answered_by")
"""Columns that may hold people."""


def with_names(rows: pl.DataFrame, *, account_ids: pl.Series, addresses: pl.Series) -> pl.DataFrame:
    """Return the rows with ``account_id`` for ``account``, and addresses for the numbers of people."""
    people = [name for name in PEOPLE if name in rows.columns]
    return rows.with_columns(
        *(pl.lit(addresses).gather(pl.col(name)).alias(name) for name in people),
        account=pl.lit(account_ids).gather(pl.col("account")),
    ).rename({"account": "account_id"})


def with_ids(rows: pl.DataFrame) -> pl.DataFrame:
    """Return named rows with ``ticket``, a stable id made from account, contact and opening."""
    key = pl.concat_str(
        "account_id", "contact", pl.col("opened_at").to_physical().cast(pl.String), separator="\x1f"
    )
    texts = rows.select(key.cast(pl.Binary)).to_series().to_list()
    ids = [hashlib.blake2b(text, digest_size=ID_DIGITS // 2).hexdigest() for text in texts]
    return rows.select(pl.Series("ticket", ids, dtype=pl.String), pl.all())


def ticket_rows(desk: Tickets) -> pl.DataFrame:
    """Return all tickets with first response, verdicts on later responses, and resolution, one row per ticket."""
    first = _of_figure(desk, "first_response").select(
        "conversation",
        first_response="verdict",
        first_response_due_at="due_at",
        first_response_at="ended_at",
        first_response_hours="hours",
        first_response_business_hours="business_hours",
        first_agent="agent",
    )
    later = (
        _of_figure(desk, "next_response")
        .group_by("conversation")
        .agg(
            (pl.col("verdict") == name).sum().cast(pl.Int64).alias(f"next_responses_{name}")
            for name in VERDICTS
        )
    )
    resolution = _of_figure(desk, "resolution").select(
        "conversation",
        resolution="verdict",
        resolution_due_at="due_at",
        resolution_hours="hours",
        resolution_business_hours="business_hours",
    )
    rows = desk.tickets
    for part in (first, later, resolution):
        rows = rows.join(part, on="conversation", how="left", maintain_order="left")
    counts = [f"next_responses_{name}" for name in VERDICTS]
    return rows.with_columns(pl.col(counts).fill_null(0)).select(
        "conversation",
        "account",
        "tier",
        "contact",
        "opened_at",
        "agent",
        *first.columns[1:],
        *counts,
        "resolution",
        "resolution_due_at",
        "resolved_at",
        "resolution_hours",
        "resolution_business_hours",
        *("waiting_for", "inbound_turns", "outbound_turns"),
        *("fcr", "reopened", "escalated", "repeat_contact", "dismissed", "closed"),
    )


def response_rows(desk: Tickets) -> pl.DataFrame:
    """Return the customer turns that need a response, each with its ticket's opening, one row per turn."""
    opened = desk.tickets.select("conversation", "contact", "opened_at")
    return (
        desk.cases.filter(pl.col("figure") != "resolution")
        .join(opened, on="conversation", maintain_order="left")
        .select(
            *("conversation", "account", "contact", "opened_at"),
            "figure",
            "started_at",
            "due_at",
            "agent",
            "verdict",
            "hours",
            "business_hours",
            "off_hours",
            "near_miss",
            tier="group",
            answered_at="ended_at",
        )
    )


def _of_figure(desk: Tickets, figure: str) -> pl.DataFrame:
    return desk.cases.filter(pl.col("figure") == figure)
