"""The tables of mailboxes and bounces, which are too large to count per request."""

import polars as pl

from mailsignals.touches.automated_mail import KIND_COUNTS, kind_counts
from mailsignals.workspace import Snapshot

KEYS = ["mailbox", "provider"]
HELD_SCHEMA = pl.Schema(
    {
        "mailbox": pl.String(),
        "provider": pl.String(),
        "messages": pl.UInt32(),
        "oldest_at": pl.Datetime("us", "UTC"),
        "newest_at": pl.Datetime("us", "UTC"),
        **KIND_COUNTS,
    }
)
"""One row per mailbox: its emails, and the number of automated ones by kind."""


def mailboxes(snapshot: Snapshot) -> pl.DataFrame:
    """Return one row per mailbox: ``HELD_SCHEMA``, and its state at ``as_of`` (``MAILBOX_STATUS_SCHEMA``)."""
    return (
        held_by_mailbox(snapshot.messages)
        .join(snapshot.mailbox_status, on=KEYS, how="full", coalesce=True)
        .with_columns(pl.col("messages", *KIND_COUNTS.names()).fill_null(0))
        .sort(KEYS)
    )


def held_by_mailbox(messages: pl.LazyFrame) -> pl.DataFrame:
    """Return the number of messages of each mailbox, by kind, and the dates of its oldest and newest: ``HELD_SCHEMA``.

    Args:
        messages: in ``MESSAGE_SCHEMA``.
    """
    sent_at = pl.col("sent_at")
    return (
        messages.group_by(KEYS)
        .agg(*kind_counts(), messages=pl.len(), oldest_at=sent_at.min(), newest_at=sent_at.max())
        .sort(KEYS)
        .select(pl.col(name).cast(dtype) for name, dtype in HELD_SCHEMA.items())
        .collect(engine="streaming")
    )


def bounces(snapshot: Snapshot) -> pl.LazyFrame:
    """Return ``automated`` and ``references`` of all bounces, as ``bounced_ids`` needs them."""
    return snapshot.messages.filter(pl.col("automated") == "bounce").select("automated", "references")
