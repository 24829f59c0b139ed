"""Automated mail that signals use: calendar messages, bounces and automatic replies."""

from typing import NamedTuple

import polars as pl

from connectors.base import AUTOMATED
from mailsignals.schema import PERIOD_SCHEMA, PROGRAM_SCHEMA
from mailsignals.touches.copies import references
from mailsignals.touches.merges import mail_merges

_COPY_ORDER = ["sent_at", "message_id", "provider", "mailbox", "provider_id"]
_KIND = PROGRAM_SCHEMA["kind"]
_BOUNCE, _CALENDAR, _AUTO_REPLY = (AUTOMATED.index(kind) for kind in ("bounce", "calendar", "auto_reply"))


class ProgramMail(NamedTuple):
    """The calendar messages, automatic replies and bounces of accounts."""

    rows: pl.DataFrame
    """``message``, ``account``, ``sent_at``, ``kind``, ``person`` and ``subject``, the topic of a calendar message."""
    changing: pl.LazyFrame
    """``PERIOD_SCHEMA``: the periods within which the rows differed, before more mail arrived."""


def program_mail(
    directed: pl.DataFrame,
    logical: pl.DataFrame,
    copies: pl.DataFrame,
    reached: pl.DataFrame,
    *,
    mail_merge_accounts: int,
) -> ProgramMail:
    """Return the calendar messages, automatic replies and bounces of accounts.

    Args:
        directed: messages of accounts by direction, automated ones too, with ``automated``, ``topic`` and
            ``base_subject``.
        logical: all logical messages.
        copies: the copies of all logical messages.
        reached: the recipients of each message, strangers too.
        mail_merge_accounts: the number of accounts that make a calendar message an announcement.
    """
    calendar = directed.filter(pl.col("automated") == _CALENDAR)
    merges = mail_merges(calendar, accounts=mail_merge_accounts)
    away = directed.filter(pl.col("automated") == _AUTO_REPLY, ~pl.col("outbound"))
    nobody, nothing = pl.lit(None, dtype=pl.UInt32), pl.lit(None, dtype=pl.String)
    columns = ("message", "account", "sent_at")
    originals = _originals(logical, copies)
    rows = pl.concat(
        [
            calendar.join(merges, on="message", how="anti").select(
                *columns, kind=_named("calendar"), person=nobody, subject="topic"
            ),
            away.select(*columns, kind=_named("auto_reply"), person="person", subject=nothing),
            _bounces(originals, logical, reached).select(
                *columns, kind=_named("bounce"), person="person", subject=nothing
            ),
        ]
    )
    merging = merges.lazy().select("since", "until")
    waiting = (
        originals.lazy().select(since="sent_at", until="stored_at").filter(pl.col("since") < pl.col("until"))
    )
    return ProgramMail(
        rows=rows, changing=pl.concat([merging.cast(PERIOD_SCHEMA), waiting.cast(PERIOD_SCHEMA)])
    )


def _named(kind: str) -> pl.Expr:
    return pl.lit(kind, dtype=_KIND)


def _originals(logical: pl.DataFrame, copies: pl.DataFrame) -> pl.DataFrame:
    """The stored ids that bounces refer to, in the order of reference.

    Returns:
        One row for each bounce and id: ``message`` and ``sent_at`` of the bounce, ``original`` (the first
        message with that id) and ``stored_at`` (the time of that message).
    """
    bounces = logical.lazy().filter(pl.col("automated") == _BOUNCE).select("message", "sent_at")
    named = references(
        copies.join(bounces.collect(), on="message", how="semi").sort(_COPY_ORDER)
    ).with_row_index("place")
    stored = (
        copies.lazy()
        .filter(pl.col("id").is_not_null())
        .join(named, on="id", how="semi")
        .sort(_COPY_ORDER)
        .unique("id", keep="first", maintain_order=True)
        .select("id", original="message", stored_at="sent_at")
    )
    return (
        named.unique(["message", "id"], keep="first")
        .join(stored, on="id")
        .join(bounces, on="message")
        .sort("place")
        .collect()
    )


def _bounces(originals: pl.DataFrame, logical: pl.DataFrame, reached: pl.DataFrame) -> pl.DataFrame:
    """Bounces of emails from your team to one external address of an account, with its ``person``.

    A bounce belongs to the last stored id among those it refers to.
    """
    last = originals.lazy().unique("message", keep="last", maintain_order=True)
    outside = (
        reached.lazy()
        .filter(~pl.col("internal"))
        .group_by("message")
        .agg(pl.len().alias("strangers"), pl.first("person", "account"))
        .filter(pl.col("strangers") == 1, pl.col("account").is_not_null())
        .select(original="message", person="person", account="account")
    )
    ours = logical.lazy().filter("internal").select(original="message")
    return (
        last.join(ours, on="original", how="semi")
        .join(outside, on="original")
        .select("message", "account", "sent_at", "person")
        .collect()
    )


def program_rows(programs: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of ``program_mail`` with their ``thread`` in ``PROGRAM_SCHEMA``, by account and time."""
    subject = pl.col("subject")
    topic = pl.when(subject != "").then(subject.hash()).otherwise(pl.col("thread").cast(pl.UInt64))
    return (
        programs.with_columns(topic=pl.when(pl.col("kind") == "calendar").then(topic))
        .select(pl.col(name).cast(dtype) for name, dtype in PROGRAM_SCHEMA.items())
        .sort("account", "sent_at", "kind", "person", "topic")
    )
