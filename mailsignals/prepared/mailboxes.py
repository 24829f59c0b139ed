"""Whose mail there is, how much, and how fresh it is."""

import polars as pl

from mailsignals.prepared.material import Material

KEYS = ["mailbox", "provider"]


def mailboxes(material: Material) -> pl.LazyFrame:
    """What ``held`` says of the store at the instant."""
    return held(material.messages, material.standings)


def held(messages: pl.LazyFrame, standings: pl.DataFrame) -> pl.LazyFrame:
    """One row a mailbox, by address and provider.

    Args:
        messages: ``MESSAGE_SCHEMA``.
        standings: ``STANDINGS_SCHEMA``.

    Returns:
        ``mailbox``, ``provider``, ``messages`` (how many), ``oldest_at``, ``newest_at``, and how it stands.
    """
    sent_at = pl.col("sent_at")
    counted = messages.group_by(KEYS).agg(messages=pl.len(), oldest_at=sent_at.min(), newest_at=sent_at.max())
    return (
        counted.join(standings.lazy(), on=KEYS, how="full", coalesce=True)
        .with_columns(pl.col("messages").fill_null(0))
        .sort(KEYS)
    )
