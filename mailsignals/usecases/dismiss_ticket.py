"""Dismiss a ticket's unanswered emails, and undo that."""

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
"""The fewest digits of a ticket's id, so that a typing error matches no other ticket."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TicketMatch:
    """A ticket that was found by the first digits of its id."""

    ticket: str
    """The whole id."""
    opening: Opening
    """The email that opened it."""
    waiting_for: str
    """``us`` or ``them``."""


def ticket_by_prefix(snapshot: Snapshot, beginning: str) -> TicketMatch:
    """Return the ticket whose id begins with some digits.

    Args:
        snapshot: the company at a date.
        beginning: at least ``LEAST_DIGITS`` digits; surrounding white space is ignored.

    Raises:
        UserError: no ticket matches, or more than one.
    """
    wanted = beginning.strip().lower()
    rows = snapshot.with_ids(ticket_rows(snapshot.tickets)).filter(pl.col("ticket").str.starts_with(wanted))
    if len(wanted) < LEAST_DIGITS or rows.is_empty():
        raise UserError(
            f"{beginning!r}: no such ticket. Use at least {LEAST_DIGITS} digits of an id from "
            "`mailsignals sla --open` or `mailsignals sla --tickets`."
        )
    if rows.height > 1:
        first = ", ".join(rows["ticket"].head(5))
        raise UserError(f"{beginning!r} matches {rows.height} tickets ({first}). Use more digits.")
    row = rows.row(0, named=True)
    return TicketMatch(ticket=row["ticket"], opening=_opening(snapshot, row), waiting_for=row["waiting_for"])


def dismiss_ticket(
    workspace: Workspace, beginning: str, *, at: dt.datetime, by: str, note: str | None
) -> TicketMatch:
    """Dismiss a ticket's unanswered emails; later emails from the customer count again.

    Args:
        workspace: the company.
        beginning: the first digits of the ticket's id.
        at: the time.
        by: the author.
        note: the reason.

    Raises:
        UserError: no ticket matches, it has no unanswered emails, or the store can't be written.
    """
    found = _found(workspace, beginning, at)
    if found.waiting_for != "us":
        raise UserError(f"Ticket {found.ticket} has no unanswered emails, so there is nothing to dismiss.")
    with Store.open(workspace.settings.store.path, mode="write") as store:
        store.dismiss(found.opening, at=at, by=by, note=note)
    return found


def undo_dismissal(workspace: Workspace, beginning: str, *, at: dt.datetime) -> TicketMatch:
    """Undo all dismissals of a ticket.

    Args:
        workspace: the company.
        beginning: the first digits of the ticket's id.
        at: the time.

    Raises:
        UserError: no ticket matches, it has no dismissals, or the store can't be written.
    """
    found = _found(workspace, beginning, at)
    with Store.open(workspace.settings.store.path, mode="write") as store:
        if not store.take_back_dismissals(found.opening):
            raise UserError(f"Ticket {found.ticket} has no dismissed emails.")
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
