"""The desk of a company: its tickets at an instant, and names for what they are about."""

import datetime as dt

import polars as pl

from mailsignals.sla import ticket_rows
from mailsignals.sla.tickets import TicketRules, Tickets, build_tickets
from mailsignals.store import Store
from mailsignals.store.upkeep.derived import Derived
from mailsignals.workspace import Workspace


def desk_at(workspace: Workspace, store: Store, as_of: dt.datetime) -> tuple[Tickets, Derived]:
    """The tickets at an instant, and the tables that they were made from."""
    ((tables, _),) = workspace.derived_by_instant(store, [as_of])
    settings = workspace.settings.sla
    found = build_tickets(
        tables.touches,
        as_of=as_of,
        rules=TicketRules(
            resolve_after=dt.timedelta(hours=settings.resolve_after_hours),
            closing_after=settings.closing_after,
        ),
        conversations=workspace.conversation_rules,
        promises=workspace.promises,
        dismissals=workspace.dismissals(store, tables, as_of=as_of),
    )
    return found, tables


def named(rows: pl.DataFrame, workspace: Workspace, tables: Derived) -> pl.DataFrame:
    """Rows of tickets with their ids, and accounts and addresses in place of numbers."""
    return ticket_rows.with_ids(with_names(rows, workspace, tables)).drop("conversation")


def with_names(rows: pl.DataFrame, workspace: Workspace, tables: Derived) -> pl.DataFrame:
    """Account ids and addresses in place of numbers."""
    accounts, people = workspace.book.accounts, tables.people
    return ticket_rows.with_names(rows, account_ids=accounts["account_id"], addresses=people["address"])


def with_subjects(rows: pl.DataFrame, store: Store) -> pl.DataFrame:
    """Named rows with the ``subject`` of the mail that opened the ticket, as far as subjects are kept."""
    opened = rows.select("contact", "opened_at").unique().lazy()
    subjects = (
        store.messages()
        .select("subject", contact="sender", opened_at="sent_at")
        .join(opened, on=["contact", "opened_at"], how="semi")
        .group_by("contact", "opened_at")
        .agg(pl.col("subject").drop_nulls().min())
        .collect()
    )
    return rows.join(subjects, on=["contact", "opened_at"], how="left", maintain_order="left")
