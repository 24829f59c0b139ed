"""Copies of one email in several mailboxes are one logical message."""

import polars as pl

from mailsignals.touches.people import RECIPIENTS
from mailsignals.touches.subjects import is_urgent


def number_messages(messages: pl.LazyFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Each copy with the number of its logical message: same Message-ID and same sender, else its own.

    Args:
        messages: ``MESSAGE_SCHEMA``.
        people: ``person`` of each ``address``.

    Returns:
        The messages with ``message``, ``person`` (the sender) and ``id`` (a hash of the Message-ID, null without one);
        recipients are persons, and references hashes. Two ids among 30 million have the same hash in one of 40,000
        such companies.
    """
    known = pl.col("message_id").is_not_null() & (pl.col("message_id") != "")
    copies = (
        messages.select(
            "provider",
            "mailbox",
            "provider_id",
            "provider_thread_id",
            "sent_at",
            "message_id",
            "subject",
            "automated",
            "importance",
            _person(pl.col("sender"), people).alias("person"),
            *(pl.col(name).list.eval(_person(pl.element(), people)) for name in RECIPIENTS),
            pl.col("references").list.drop_nulls().list.eval(pl.element().hash()),
            id=pl.when(known).then(pl.col("message_id").hash()),
        )
        .collect(engine="streaming")
        .with_row_index("copy")
    )
    first = pl.col("copy").min().over("id", "person")
    return copies.with_columns(
        message=pl.when(pl.col("id").is_not_null()).then(first).otherwise("copy")
    ).drop("copy")


def _person(address: pl.Expr, people: pl.DataFrame) -> pl.Expr:
    return address.replace_strict(people["address"], people["person"], default=None, return_dtype=pl.UInt32)


def references(copies: pl.DataFrame) -> pl.LazyFrame:
    """``message`` and ``id``: one row for each id that a copy refers to."""
    return copies.lazy().select("message", id="references").explode("id").drop_nulls()


def logical_messages(copies: pl.DataFrame, *, urgency_words: tuple[str, ...]) -> pl.LazyFrame:
    """One row a logical message, with what its copies agree on or add to each other.

    The earliest instant; the subject of the earliest copy that has one; automated if any copy is; urgent by
    importance or subject. The recipients stay with the copies.
    """
    told = copies.lazy().select(
        "message",
        "person",
        "sent_at",
        "message_id",
        "provider",
        "mailbox",
        "provider_id",
        subject=pl.when(pl.col("subject").str.strip_chars() != "").then("subject"),
        automated=pl.col("automated").is_not_null(),
        important=pl.col("importance") == "high",
        referring=pl.col("references").list.len() > 0,
        threaded=pl.col("provider_thread_id").is_not_null(),
    )
    several = pl.len().over("message") > 1
    merged = (
        told.filter(several)
        .sort("sent_at", "provider", "mailbox", "provider_id")
        .group_by("message", maintain_order=True)
        .agg(
            pl.first("person", "sent_at", "message_id", "provider", "mailbox", "provider_id"),
            pl.col("subject").first(ignore_nulls=True),
            pl.col("automated", "important", "referring", "threaded").any(),
        )
    )
    return pl.concat([told.filter(~several), merged]).with_columns(
        urgent=pl.col("important") | is_urgent(pl.col("subject"), urgency_words),
        lone=~pl.col("referring") & ~pl.col("threaded"),
    )


def changing_periods(copies: pl.DataFrame) -> pl.LazyFrame:
    """Return the periods in which a logical message looked different, because a telling copy was yet to come.

    Copies that say the same as each other leave no such period, and hardly any do not: a blind copy is the
    usual exception.
    """
    several = pl.len().over("message") > 1
    telling = ["to", "cc", "bcc", "subject", "references", "importance", "automated"]
    content = pl.struct(*telling, pl.col("provider_thread_id").is_null()).hash()
    return (
        copies.lazy()
        .filter(several)
        .with_columns(content=content)
        .group_by("message")
        .agg(
            since=pl.col("sent_at").min(),
            until=pl.col("sent_at").max(),
            alike=pl.col("content").min() == pl.col("content").max(),
        )
        .filter(~pl.col("alike") & (pl.col("since") < pl.col("until")))
        .select("since", "until")
    )
