"""The matters of an instant: the tickets are looked at once for all readers, and nobody is assessed for it."""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from mailsignals.cli.desks import desk_at, with_names
from mailsignals.flags.flags import flags
from mailsignals.notifications.alerts.events import EVENT_SCHEMA, HORIZON, of_desk, of_flags, with_ids
from mailsignals.notifications.alerts.history import Past
from mailsignals.notifications.alerts.recipients import MAKING
from mailsignals.notifications.digest.queue import owed_to_customers
from mailsignals.sla import ticket_rows
from mailsignals.store import Store
from mailsignals.store.tables.scores import SCORES_SCHEMA
from mailsignals.workspace import Workspace

PLACE, PLACE_OF_CSM = "place", "place_of_csm"
"""Where a ticket stands in the queue of all, and in that of its CSM."""


def matters_at(
    workspace: Workspace, store: Store, as_of: dt.datetime, *, scores: pl.DataFrame
) -> pl.DataFrame:
    """All matters of current customers: ``EVENT_SCHEMA`` with ids, accounts' names and CSMs, and places in queues.

    Args:
        workspace: the company.
        store: its store.
        as_of: the instant.
        scores: what was recorded of the accounts of which it matters whether they are at risk, in ``SCORES_SCHEMA``.
    """
    parts = [_of_tickets(workspace, store, as_of), _at_risk(workspace, store, scores, as_of)]
    today = workspace.day(as_of)
    customers = workspace.accounts(store, as_of=as_of).filter(
        (pl.col("churned_on") > today).fill_null(value=True)
    )
    current = pl.concat(parts, how="diagonal").join(
        customers.select("account_id", "name", "csm"), on="account_id", maintain_order="left"
    )
    asked = current.lazy().select(sender="person", sent_at="asked_at").unique()
    mails = store.messages().select("sender", "sent_at", "message_id")
    return with_ids(current, mails.join(asked, on=["sender", "sent_at"], how="semi").collect())


def scores_in_question(
    workspace: Workspace, store: Store, pasts: Sequence[Past], as_of: dt.datetime
) -> pl.DataFrame:
    """What was recorded of accounts that were at high risk after their CSM was last told: what began before is no news.

    Without any such account, which is most of the time, hardly anything is read.
    """
    told = [
        (csm, max(filter(None, (past.since, *(paper.sent_at for paper in past.reader.papers)))))
        for past in pasts
        if past.since is not None
        for csm in past.reader.csms
    ]
    schema = {"csm": pl.String(), "told_at": SCORES_SCHEMA["scored_at"]}
    csms = pl.DataFrame(told, schema=schema, orient="row")
    high = (
        store.scores.high_since(workspace.day(as_of - HORIZON))
        .join(workspace.book.accounts.select("account_id", "csm"), on="account_id")
        .join(csms, on="csm")
        .filter(pl.col("scored_at") > pl.col("told_at") - MAKING)
    )
    return store.scores.of_accounts(set(high["account_id"]))


def _of_tickets(workspace: Workspace, store: Store, as_of: dt.datetime) -> pl.DataFrame:
    settings = workspace.settings
    desk, tables = desk_at(workspace, store, as_of)
    found = of_desk(desk, workspace.promises, tiers=settings.alerts.tiers, at_share=settings.alerts.at_share)
    waiting = owed_to_customers(
        desk, workspace.promises, tables.people["address"], timezone=settings.company.timezone
    )
    csm = pl.lit(workspace.book.accounts["csm"]).gather(pl.col("account"))
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    places = waiting.select("conversation", row.alias(PLACE), row.over(csm).alias(PLACE_OF_CSM))
    placed = found.join(places, on="conversation", how="left", maintain_order="left")
    return ticket_rows.with_ids(with_names(placed, workspace, tables))


def _at_risk(workspace: Workspace, store: Store, scores: pl.DataFrame, as_of: dt.datetime) -> pl.DataFrame:
    if scores.is_empty():
        return pl.DataFrame(schema=EVENT_SCHEMA)
    book, timezone = workspace.book.accounts, workspace.settings.company.timezone
    found = flags(scores, store.feedback.frame(), book, as_of=as_of, timezone=timezone)
    tiers = book.select("account_id", own_tier="tier")
    return (
        of_flags(found, scores, as_of=as_of)
        .join(tiers, on="account_id", maintain_order="left")
        .with_columns(tier="own_tier")
        .drop("own_tier")
    )
