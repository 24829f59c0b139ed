"""Copies of one email in several mailboxes are one logical message."""

import datetime as dt

import polars as pl

from connectors.base import AUTOMATED
from mailsignals.threads import components
from mailsignals.touches.people import RECIPIENTS, People
from mailsignals.touches.subjects import is_urgent

SAME_ID_WITHIN = dt.timedelta(hours=1)
"""The longest time between two dates of one Message-ID; beyond it a program has used the id again."""

_ID, _DATED, _SUBJECT = ["person", "id"], ["person", "second", "line"], ["person", "sent_second", "line"]


def number_messages(messages: pl.LazyFrame, people: People, *, compare_subjects: bool = True) -> pl.DataFrame:
    """Return the copies, each with the number of its logical message.

    Two copies of one sender belong to the same email by either of two rules. They have the same Message-ID and dates
    at most an hour apart, or the same date to the second and the same subject. The rules apply transitively.

    Args:
        messages: ``MESSAGE_SCHEMA``.
        people: all people named in the messages.
        compare_subjects: whether the second rule applies; it does not where subjects are not kept.

    Returns:
        The messages with ``message``, ``person`` (the sender), ``owner`` (of the mailbox) and ``id`` (a hash of the
        Message-ID, null without one); recipients are persons, and references hashes. Among
        30 million ids a collision of hashes has a probability of 1 in 40,000.
    """
    known = pl.col("message_id").is_not_null() & (pl.col("message_id") != "")
    second = pl.col("dated_at").dt.truncate("1s")
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
            people.numbered(pl.col("sender")).alias("person"),
            people.numbered(pl.col("mailbox")).alias("owner"),
            *(pl.col(name).list.eval(people.numbered(pl.element())) for name in RECIPIENTS),
            pl.col("references").list.drop_nulls().list.eval(pl.element().hash()),
            id=pl.when(known).then(pl.col("message_id").hash()),
            second=second,
            line=pl.col("subject").str.replace_all(r"\s+", " ").str.strip_chars().fill_null("").hash(),
        )
        .collect(engine="streaming")
        .with_row_index("copy")
    )
    numbered = copies.with_columns(message=_same_id(copies))
    if compare_subjects:
        numbered = _with_equal_dates(numbered)
    return numbered.drop("copy", "second", "line")


def _same_id(copies: pl.DataFrame) -> pl.Series:
    """The first of the copies that share sender and Message-ID, except for ids that a program used again."""
    dated = pl.col("second")
    reused = (
        copies.lazy()
        .filter(pl.col("id").is_not_null())
        .group_by(_ID)
        .agg(earliest=dated.min(), latest=dated.max(), undated=dated.is_null().any())
        .filter(~pl.col("undated") & (pl.col("latest") - pl.col("earliest") > SAME_ID_WITHIN))
        .select(_ID)
    )
    apart = (
        copies.lazy()
        .select("copy", *_ID, "second")
        .join(reused, on=_ID, how="semi")
        .sort(*_ID, "second", "copy")
        .select(
            "copy", use=(dated.diff().over(_ID) > SAME_ID_WITHIN).fill_null(value=False).cum_sum().over(_ID)
        )
        .collect()
    )
    keyed = copies.select("copy", *_ID).join(apart, on="copy", how="left", maintain_order="left")
    first = pl.col("copy").min().over(*_ID, pl.col("use").fill_null(0))
    return keyed.select(pl.when(pl.col("id").is_not_null()).then(first).otherwise("copy")).to_series()


def _with_equal_dates(copies: pl.DataFrame) -> pl.DataFrame:
    """Join messages that share sender, date and subject; without a date, the second of ``sent_at``."""
    slim = copies.lazy().select(
        "message", "person", "second", "line", sent_second=pl.col("sent_at").dt.truncate("1s")
    )
    undated = slim.filter(pl.col("second").is_null()).select(_SUBJECT).unique()
    by_date = slim.filter(pl.col("second").is_not_null()).with_columns(
        other=pl.col("message").min().over(_DATED)
    )
    by_arrival = slim.join(undated, on=_SUBJECT, how="semi").with_columns(
        other=pl.col("message").min().over(_SUBJECT)
    )
    edges = (
        pl.concat([frame.select("message", "other") for frame in (by_date, by_arrival)])
        .filter(pl.col("message") != pl.col("other"))
        .unique()
        .collect()
    )
    if edges.is_empty():
        return copies
    one = components(edges, messages=copies.height)
    numbers = pl.int_range(copies.height, dtype=pl.UInt32, eager=True)
    first = pl.DataFrame({"message": numbers, "one": one}).select(pl.col("message").min().over("one"))[
        "message"
    ]
    return copies.with_columns(message=first.gather(copies["message"]))


def kind_rank() -> pl.Expr:
    """Return the kind of an automated copy as its position in ``AUTOMATED``; null where a person wrote it."""
    ranks: dict[str | None, int | None] = {None: None, **{kind: rank for rank, kind in enumerate(AUTOMATED)}}
    return pl.col("automated").replace_strict(ranks, default=len(AUTOMATED), return_dtype=pl.UInt8)


def references(copies: pl.DataFrame) -> pl.LazyFrame:
    """Return ``message`` and ``id``, one row for each id that a copy refers to."""
    return copies.lazy().select("message", id="references").explode("id").drop_nulls()


def logical_messages(copies: pl.DataFrame, *, urgency_words: tuple[str, ...]) -> pl.LazyFrame:
    """Return one row per logical message, combined from its copies.

    Time and id are those of the earliest copy, the subject that of the earliest copy with one. A message is automated
    if any copy is, and urgent by importance or subject. Recipients are not included.
    """
    kept = copies.lazy().select(
        "message",
        "person",
        "sent_at",
        "message_id",
        "provider",
        "mailbox",
        "provider_id",
        subject=pl.when(pl.col("subject").str.strip_chars() != "").then("subject"),
        automated=kind_rank(),
        important=pl.col("importance") == "high",
        referring=pl.col("references").list.len() > 0,
    )
    several = pl.len().over("message") > 1
    merged = (
        kept.filter(several)
        .sort("sent_at", "message_id", "provider", "mailbox", "provider_id")
        .group_by("message", maintain_order=True)
        .agg(
            pl.first("person", "sent_at", "message_id", "provider", "mailbox", "provider_id"),
            pl.col("subject").first(ignore_nulls=True),
            pl.col("automated").min(),
            pl.col("important", "referring").any(),
        )
    )
    return pl.concat([kept.filter(~several), merged]).with_columns(
        urgent=pl.col("important") | is_urgent(pl.col("subject"), urgency_words)
    )


def changing_periods(copies: pl.DataFrame, by_mailbox: pl.Series) -> pl.LazyFrame:
    """Return the periods in which a logical message differed, because a copy that changed it had not arrived.

    Copies with equal contents have no such period. The usual exception is a blind copy.

    Args:
        copies: copies with the number of their ``message``.
        by_mailbox: the messages whose recipients are the mailboxes that hold a copy.
    """
    several = pl.len().over("message") > 1
    telling = ["to", "cc", "bcc", "subject", "references", "importance", "automated"]
    owner = pl.when(pl.col("message").is_in(by_mailbox.implode())).then("owner")
    content = pl.struct(*telling, owner).hash()
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
