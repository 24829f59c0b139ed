"""``mailsignals sla dismiss``: a lead says that what waits in a ticket needs no answer."""

import datetime as dt
import getpass
from typing import Annotated, Any

import polars as pl
import typer

from mailsignals import clock
from mailsignals.cli.desks import desk_at, named
from mailsignals.cli.run import Run
from mailsignals.errors import UserError
from mailsignals.sla.ticket_rows import ticket_rows
from mailsignals.store import Store
from mailsignals.store.tables.dismissals import Opening
from mailsignals.wording.numbers import day
from mailsignals.workspace import Workspace

LEAST_DIGITS = 4
"""Of a ticket's id, so that a slip of the finger names nobody's."""


def dismiss_command(
    context: typer.Context,
    ticket: Annotated[str, typer.Argument(metavar="TICKET", help="The ticket's id, or how it begins.")],
    *,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="Why it needs no answer.")] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who says so. Default: your login.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take back what was said of the ticket.")] = False,
) -> None:
    """Say that what waits in a ticket needs no answer, such as a "thanks"; a later mail of the customer does again."""
    run: Run = context.obj
    workspace = run.workspace()
    now = clock.now()
    with workspace.reading() as store:
        row, opening = _found(workspace, store, ticket, now)
    if not undo and row["waiting_for"] != "us":
        raise UserError(
            f"Ticket {row['ticket']}: nothing of it waits for us, so there is nothing to dismiss."
        )
    who = by or getpass.getuser()
    with Store.open(workspace.settings.store.path, mode="write") as store:
        if not undo:
            store.dismiss(opening, at=now, by=who, note=note)
        elif not store.take_back_dismissals(opening):
            raise UserError(f"Ticket {row['ticket']}: nobody has dismissed anything of it.")
    opened = day(row["opened_at"], workspace.settings.company.timezone)
    what = "waits for its answer again" if undo else f"needs no answer, says {who}"
    run.output.say(f"Ticket {row['ticket']} of {row['contact']}, opened {opened}: {what}.")


def _found(
    workspace: Workspace, store: Store, ticket: str, now: dt.datetime
) -> tuple[dict[str, Any], Opening]:
    """The ticket whose id begins so, and the mail that opened it."""
    wanted = ticket.strip().lower()
    desk, tables = desk_at(workspace, store, now)
    rows = named(ticket_rows(desk), workspace, tables).filter(pl.col("ticket").str.starts_with(wanted))
    if len(wanted) < LEAST_DIGITS or rows.is_empty():
        raise UserError(
            f"{ticket!r}: there is no such ticket. `mailsignals sla --open` and `mailsignals sla --tickets` "
            f"show the ids; give at least {LEAST_DIGITS} digits of one."
        )
    if rows.height > 1:
        first = ", ".join(rows["ticket"].head(5))
        raise UserError(f"{ticket!r}: {rows.height} tickets begin so ({first}). Give more digits.")
    row = rows.row(0, named=True)
    ids = (
        store.messages()
        .filter((pl.col("sender") == row["contact"]) & (pl.col("sent_at") == row["opened_at"]))
        .select(pl.col("message_id").drop_nulls().min())
        .collect()
    )
    opening = Opening(
        account_id=row["account_id"],
        sender=row["contact"],
        sent_at=row["opened_at"],
        message_id=ids.item(),
    )
    return row, opening
