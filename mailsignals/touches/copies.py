"""Copies of one email in several mailboxes are one logical message."""

import polars as pl

from mailsignals.touches.subjects import is_urgent


def number_messages(messages: pl.LazyFrame) -> pl.DataFrame:
    """Each copy with the number of its logical message: same Message-ID and same sender, else its own."""
    known = pl.col("message_id").is_not_null() & (pl.col("message_id") != "")
    return (
        messages.with_columns(message_id=pl.when(known).then("message_id"))
        .with_row_index("copy")
        .with_columns(
            message=pl.when(pl.col("message_id").is_not_null())
            .then(pl.col("copy").min().over("message_id", "sender"))
            .otherwise("copy")
        )
        .collect()
    )


def logical_messages(copies: pl.DataFrame, *, urgency_words: tuple[str, ...]) -> pl.LazyFrame:
    """One row a logical message, with what its copies agree on or add to each other.

    The earliest instant; the subject of the earliest copy that has one; automated if any copy is; urgent by
    importance or subject. The recipients stay with the copies.
    """
    told = pl.col("subject").str.strip_chars() != ""
    return (
        copies.lazy()
        .sort("sent_at", "provider", "mailbox", "provider_id")
        .group_by("message", maintain_order=True)
        .agg(
            pl.first("sent_at", "message_id", "sender", "provider", "mailbox", "provider_id"),
            subject=pl.col("subject").filter(told).first(),
            automated=pl.col("automated").is_not_null().any(),
            important=(pl.col("importance") == "high").any(),
            referring=(pl.col("references").list.len() > 0).any(),
            lone=((pl.col("references").list.len() == 0) & pl.col("provider_thread_id").is_null()).all(),
        )
        .with_columns(urgent=pl.col("important") | is_urgent(pl.col("subject"), urgency_words))
    )


def changing_periods(copies: pl.DataFrame) -> pl.LazyFrame:
    """When a logical message would still have looked different, because a telling copy was yet to come.

    Copies that say the same as each other leave no such period, and hardly any do not: a blind copy is the
    usual exception.
    """
    several = pl.len().over("message") > 1
    telling = ["to", "cc", "bcc", "subject", "references", "importance", "automated"]
    content = pl.struct(*telling, pl.col("provider_thread_id").is_null()).hash()
    return (
        copies.lazy()
        .filter(several)
        .group_by("message")
        .agg(
            since=pl.col("sent_at").min(),
            until=pl.col("sent_at").max(),
            alike=content.n_unique() == 1,
        )
        .filter(~pl.col("alike") & (pl.col("since") < pl.col("until")))
        .select("since", "until")
    )
