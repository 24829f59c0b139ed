"""The events that alerts report, computed once for all recipients."""

from collections.abc import Sequence

import polars as pl

from mailsignals.notifications.alerts.events import EVENT_SCHEMA, HORIZON, of_desk, of_flags, with_event_ids
from mailsignals.notifications.alerts.history import Past
from mailsignals.notifications.alerts.recipients import MAKING
from mailsignals.notifications.digest.queue import owed_to_customers
from mailsignals.sla import ticket_rows
from mailsignals.store.tables.scores import SCORES_SCHEMA
from mailsignals.workspace import Snapshot

PLACE, PLACE_OF_CSM = "place", "place_of_csm"
"""Columns: a ticket's position among all open tickets, and among those of its CSM."""


def events(snapshot: Snapshot, *, scores: pl.DataFrame) -> pl.DataFrame:
    """Return the events of all current customers.

    Args:
        snapshot: the company.
        scores: the recorded risk of the accounts that may be newly at risk, in ``SCORES_SCHEMA``.

    Returns:
        ``EVENT_SCHEMA`` with ids, accounts' names and CSMs, and places in queues.
    """
    parts = [_of_tickets(snapshot), _at_risk(snapshot, scores)]
    customers = snapshot.accounts.filter((pl.col("churned_on") > snapshot.today).fill_null(value=True))
    current = pl.concat(parts, how="diagonal").join(
        customers.select("account_id", "name", "csm"), on="account_id", maintain_order="left"
    )
    asked = current.lazy().select(sender="person", sent_at="asked_at").unique()
    mails = snapshot.messages_of_people.select("sender", "sent_at", "message_id")
    return with_event_ids(current, mails.join(asked, on=["sender", "sent_at"], how="semi").collect())


def scores_in_question(snapshot: Snapshot, pasts: Sequence[Past]) -> pl.DataFrame:
    """Return the recorded risk of accounts at high risk since their CSM's last message, in ``SCORES_SCHEMA``.

    Without such an account, which is the usual case, little is read.
    """
    told = [
        (csm, max(filter(None, (past.since, *(one.sent_at for one in past.reader.schedules)))))
        for past in pasts
        if past.since is not None
        for csm in past.reader.csms
    ]
    schema = {"csm": pl.String(), "told_at": SCORES_SCHEMA["scored_at"]}
    csms = pl.DataFrame(told, schema=schema, orient="row")
    scores = snapshot.store.scores
    high = (
        scores.high_since(snapshot.workspace.day(snapshot.as_of - HORIZON))
        .join(snapshot.accounts.select("account_id", "csm"), on="account_id")
        .join(csms, on="csm")
        .filter(pl.col("scored_at") > pl.col("told_at") - MAKING)
    )
    return scores.of_accounts(set(high["account_id"]))


def _of_tickets(snapshot: Snapshot) -> pl.DataFrame:
    tickets, alerts = snapshot.tickets, snapshot.workspace.settings.alerts
    found = of_desk(tickets, snapshot.promises, tiers=alerts.tiers, at_share=alerts.at_share)
    waiting = owed_to_customers(
        tickets, snapshot.promises, snapshot.people["address"], timezone=snapshot.timezone
    )
    csm = pl.lit(snapshot.accounts["csm"]).gather(pl.col("account"))
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    places = waiting.select("conversation", row.alias(PLACE), row.over(csm).alias(PLACE_OF_CSM))
    placed = found.join(places, on="conversation", how="left", maintain_order="left")
    return ticket_rows.with_ids(snapshot.with_names(placed))


def _at_risk(snapshot: Snapshot, scores: pl.DataFrame) -> pl.DataFrame:
    if scores.is_empty():
        return pl.DataFrame(schema=EVENT_SCHEMA)
    tiers = snapshot.accounts.select("account_id", own_tier="tier")
    return (
        of_flags(snapshot.flags_of(scores), scores, as_of=snapshot.as_of)
        .join(tiers, on="account_id", maintain_order="left")
        .with_columns(tier="own_tier")
        .drop("own_tier")
    )
