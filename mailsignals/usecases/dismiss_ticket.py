"""Dismiss what waits in a ticket, since it needs no answer, and take that back."""

import dataclasses
import datetime as dt
from typing import Any

import polars as pl

from mailsignals.errors import UserError
from mailsignals.sla.ticket_rows import ticket_rows
from mailsignals.store import Store
from mailsignals.store.tables.dismissals import Opening
from mailsignals.workspace import Snapshot, Workspace

LEAST_DIGITS = 4
"""Of a ticket's id, so that a slip of the finger names nobody's."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TicketMatch:
    """The one ticket whose id begins as somebody typed it."""

    ticket: str
    """Its id."""
    opening: Opening
    """The mail that opened it."""
    waiting_for: str
    """``us`` or ``them``."""


def ticket_by_prefix(snapshot: Snapshot, beginning: str) -> TicketMatch:
    """Return the ticket whose id begins so.

    Args:
        snapshot: the company at the instant of interest.
        beginning: at least ``LEAST_DIGITS`` digits; white space around it does not count.

    Raises:
        UserError: no ticket's id begins so, or more than one.
    """
    wanted = beginning.strip().lower()
    rows = snapshot.with_ids(ticket_rows(snapshot.tickets)).filter(pl.col("ticket").str.starts_with(wanted))
    if len(wanted) < LEAST_DIGITS or rows.is_empty():
        raise UserError(
            f"{beginning!r}: there is no such ticket. `mailsignals sla --open` and `mailsignals sla --tickets` "
            f"show the ids; give at least {LEAST_DIGITS} digits of one."
        )
    if rows.height > 1:
        first = ", ".join(rows["ticket"].head(5))
        raise UserError(f"{beginning!r}: {rows.height} tickets begin so ({first}). Give more digits.")
    row = rows.row(0, named=True)
    return TicketMatch(ticket=row["ticket"], opening=_opening(snapshot, row), waiting_for=row["waiting_for"])


def dismiss_ticket(
    workspace: Workspace, beginning: str, *, at: dt.datetime, by: str, note: str | None
) -> TicketMatch:
    """Keep that what waits in a ticket needs no answer; a later mail of the customer does again.

    Args:
        workspace: the company.
        beginning: of the ticket's id, as ``ticket_by_prefix`` takes it.
        at: when.
        by: who says so.
        note: why.

    Raises:
        UserError: there is no such ticket, nothing in it waits for us, or the store cannot be written.
    """
    found = _found(workspace, beginning, at)
    if found.waiting_for != "us":
        raise UserError(f"Ticket {found.ticket}: nothing of it waits for us, so there is nothing to dismiss.")
    with Store.open(workspace.settings.store.path, mode="write") as store:
        store.dismiss(found.opening, at=at, by=by, note=note)
    return found


def undo_dismissal(workspace: Workspace, beginning: str, *, at: dt.datetime) -> TicketMatch:
    """Take back all that was dismissed of a ticket.

    Args:
        workspace: the company.
        beginning: of the ticket's id, as ``ticket_by_prefix`` takes it.
        at: when.

    Raises:
        UserError: there is no such ticket, nothing of it was dismissed, or the store cannot be written.
    """
    found = _found(workspace, beginning, at)
    with Store.open(workspace.settings.store.path, mode="write") as store:
        if not store.take_back_dismissals(found.opening):
            raise UserError(f"Ticket {found.ticket}: nobody has dismissed anything of it.")
    return found


def _found(workspace: Workspace, beginning: str, at: dt.datetime) -> TicketMatch:
    with workspace.at(at) as snapshot:
        return ticket_by_prefix(snapshot, beginning)


def _opening(snapshot: Snapshot, row: dict[str, Any]) -> Opening:
    ids = (
        snapshot.messages_of_people.filter(
            (pl.col("sender") == row["contact"]) & (pl.col("sent_at") == row["opened_at"])
        )
        .select(pl.col("message_id").drop_nulls().min())
        .collect()
    )
    return Opening(
        account_id=row["account_id"], sender=row["contact"], sent_at=row["opened_at"], message_id=ids.item()
    )
