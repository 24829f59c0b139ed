"""Export the tables behind the figures."""

import enum

import polars as pl

from mailsignals.signals.facts import Facts
from mailsignals.sla.ticket_rows import ticket_rows
from mailsignals.workspace import Snapshot

TURN_COLUMNS = (
    *("account", "conversation", "started_at", "direction", "opening", "role", "person"),
    *("answered_at", "answered_by", "due_at"),
)


class Table(enum.StrEnum):
    """A table that can be exported."""

    MESSAGES = "messages"
    TOUCHES = "touches"
    TURNS = "turns"
    CONVERSATIONS = "conversations"
    TICKETS = "tickets"


_DIRECTION = pl.when("outbound").then(pl.lit("outbound")).otherwise(pl.lit("inbound")).alias("direction")


def export_table(snapshot: Snapshot, table: Table) -> pl.DataFrame:
    """Return a table as of the snapshot's date, with account ids and addresses instead of numbers.

    Due times of turns ignore dismissals.

    Raises:
        UserError: the store can't be read.
    """
    match table:
        case Table.MESSAGES:
            known = snapshot.messages.filter(pl.col("sent_at") <= snapshot.as_of)
            return known.sort("sent_at", "mailbox", "provider", "provider_id").collect()
        case Table.TICKETS:
            return snapshot.with_ids(ticket_rows(snapshot.tickets))
        case Table.TOUCHES:
            rows = _touches(snapshot.facts_with_dismissed, pl.lit(snapshot.as_of))
        case _:
            turns = _turns(snapshot.facts_with_dismissed, pl.lit(snapshot.as_of))
            rows = turns.select(TURN_COLUMNS) if table is Table.TURNS else _conversations(turns)
    return snapshot.with_names(rows.collect())


def _touches(facts: Facts, as_of: pl.Expr) -> pl.LazyFrame:
    touches = facts.touches.filter(pl.col("sent_at") <= as_of)
    return touches.select("account", "conversation", "sent_at", _DIRECTION, "role", "person", "urgent")


def _turns(facts: Facts, as_of: pl.Expr) -> pl.LazyFrame:
    """Return the turns up to a date, without later responses."""
    answered = pl.col("answered_at") <= as_of
    return facts.turns.filter(pl.col("started_at") <= as_of).with_columns(
        _DIRECTION,
        answered_at=pl.when(answered).then("answered_at"),
        answered_by=pl.when(answered).then("answered_by"),
    )


def _conversations(turns: pl.LazyFrame) -> pl.LazyFrame:
    return turns.group_by("account", "conversation", maintain_order=True).agg(
        opened_at=pl.first("started_at"),
        opened=pl.first("direction"),
        role=pl.first("role"),
        person=pl.first("person"),
        turns=pl.len(),
        waiting_for=pl.when(pl.last("outbound")).then(pl.lit("them")).otherwise(pl.lit("us")),
    )
