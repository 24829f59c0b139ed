"""The mailboxes of a store with counts, freshness and problems."""

import datetime as dt

import polars as pl

from mailsignals.clock import latest_credible
from mailsignals.jobs.health import STALE, MailboxState
from mailsignals.readmodel.tables.system import HELD_SCHEMA
from mailsignals.store import Store
from mailsignals.store.tables.mailbox_status import READY
from mailsignals.touches.automated_mail import KIND_COUNTS

WAITING = "waiting"
"""The word for a mailbox whose provider requested a pause."""


def mailbox_states(store: Store, held: pl.DataFrame | None, now: dt.datetime) -> pl.DataFrame:
    """Return the mailboxes with counts, first and last email, freshness and problems."""
    keys = ["mailbox", "provider"]
    standings = store.mailbox_status.frame()
    if held is None:
        counts = {name: kind for name, kind in HELD_SCHEMA.items() if name not in keys}
        found = standings.select(
            *keys, *(pl.lit(None, dtype=kind).alias(name) for name, kind in counts.items())
        )
    else:
        found = held
    joined = found.join(standings, on=keys, how="full", coalesce=True).sort(keys)
    zeros = pl.col("messages", *KIND_COUNTS.names()).fill_null(0)
    counted = joined if held is None else joined.with_columns(zeros)
    return counted.with_columns(word=_word(now))


def _word(now: dt.datetime) -> pl.Expr:
    """Return the state of a mailbox for people."""
    state, synced_at = pl.col("state"), pl.col("synced_at")
    return (
        pl.when(state.is_null())
        .then(pl.lit("imported"))
        .when(state != READY)
        .then(state)
        .when(synced_at.is_null())
        .then(pl.lit("syncing"))
        .when((synced_at < now - STALE) | (synced_at > latest_credible(now)))
        .then(pl.lit("stale"))
        .otherwise(pl.lit("up to date"))
    )


def observed_mailboxes(boxes: pl.DataFrame) -> list[MailboxState]:
    """Return the mailboxes that were ever tried, for the health of the system."""
    tried = boxes.filter(pl.col("state").is_not_null())
    return [
        MailboxState(provider=provider, mailbox=mailbox, ready=state == READY, synced_at=synced_at)
        for provider, mailbox, state, synced_at in tried.select(
            "provider", "mailbox", "state", "synced_at"
        ).iter_rows()
    ]
