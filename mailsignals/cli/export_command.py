"""``mailsignals export``: the tables behind the figures."""

import enum
from typing import Annotated

import polars as pl
import typer

from mailsignals import clock
from mailsignals.cli.desks import desk_at, named, with_names
from mailsignals.cli.files import check_suffix
from mailsignals.cli.options import AsOf
from mailsignals.cli.run import Run
from mailsignals.signals.facts import Facts
from mailsignals.sla.ticket_rows import ticket_rows

DIRECTION = pl.when("outbound").then(pl.lit("outbound")).otherwise(pl.lit("inbound")).alias("direction")


class Table(enum.StrEnum):
    """What can be exported."""

    MESSAGES = "messages"
    TOUCHES = "touches"
    TURNS = "turns"
    CONVERSATIONS = "conversations"
    TICKETS = "tickets"


def export_command(
    context: typer.Context,
    what: Annotated[Table, typer.Argument(metavar="TABLE", help=f"One of {', '.join(Table)}.")],
    *,
    output: Annotated[
        str, typer.Option(metavar="FILE", help="A file (.parquet, .csv or .json), or - for JSON.")
    ],
    as_of: AsOf = None,
) -> None:
    """The tables behind the figures, as they stood at an instant."""
    run: Run = context.obj
    check_suffix(output)
    workspace = run.workspace()
    moment = workspace.instant(as_of, now=clock.now())
    with workspace.reading() as store:
        if what is Table.MESSAGES:
            known = store.messages().filter(pl.col("sent_at") <= moment)
            frame = known.sort("sent_at", "mailbox", "provider", "provider_id").collect()
        elif what is Table.TICKETS:
            desk, tables = desk_at(workspace, store, moment)
            frame = named(ticket_rows(desk), workspace, tables)
        else:
            ((tables, _),) = workspace.derived_by_instant(store, [moment])
            rows = _rows(what, workspace.facts(tables), pl.lit(moment))
            frame = with_names(rows, workspace, tables)
    run.output.save(frame, output)


def _rows(what: Table, facts: Facts, as_of: pl.Expr) -> pl.DataFrame:
    """Touches, turns or conversations up to an instant; what came later had not happened."""
    if what is Table.TOUCHES:
        touches = facts.touches.filter(pl.col("sent_at") <= as_of)
        return touches.select(
            "account", "conversation", "sent_at", DIRECTION, "role", "person", "urgent"
        ).collect()
    answered = pl.col("answered_at") <= as_of
    turns = facts.turns.filter(pl.col("started_at") <= as_of).with_columns(
        DIRECTION,
        answered_at=pl.when(answered).then("answered_at"),
        answered_by=pl.when(answered).then("answered_by"),
    )
    columns = ["account", "conversation", "started_at", "direction", "opening", "role", "person"]
    if what is Table.TURNS:
        return turns.select(*columns, "answered_at", "answered_by", "due_at").collect()
    return (
        turns.group_by("account", "conversation", maintain_order=True)
        .agg(
            opened_at=pl.first("started_at"),
            opened=pl.first("direction"),
            role=pl.first("role"),
            person=pl.first("person"),
            turns=pl.len(),
            waiting_for=pl.when(pl.last("outbound")).then(pl.lit("them")).otherwise(pl.lit("us")),
        )
        .collect()
    )
