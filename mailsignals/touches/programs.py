"""Mail that programs wrote, as far as it tells something: meetings, addresses that are gone, people who are away."""

import polars as pl

from connectors.base import AUTOMATED
from mailsignals.schema import PROGRAM_SCHEMA
from mailsignals.touches.copies import references
from mailsignals.touches.merges import mail_merges

_KIND = PROGRAM_SCHEMA["kind"]
_BOUNCE, _CALENDAR, _AUTO_REPLY = (AUTOMATED.index(kind) for kind in ("bounce", "calendar", "auto_reply"))


def program_mail(
    directed: pl.DataFrame,
    logical: pl.DataFrame,
    copies: pl.DataFrame,
    reached: pl.DataFrame,
    *,
    mail_merge_accounts: int,
) -> pl.DataFrame:
    """Return the calendar messages, automatic replies and bounces of accounts.

    Args:
        directed: what would be touches whoever wrote it, with ``automated``, ``topic`` and ``base_subject``.
        logical: all logical messages.
        copies: their copies.
        reached: the recipients of each message, strangers too.
        mail_merge_accounts: from how many accounts on the same calendar message is an announcement.

    Returns:
        ``message``, ``account``, ``sent_at``, ``kind``, ``person`` and ``subject`` (what a calendar message is about).
    """
    calendar = directed.filter(pl.col("automated") == _CALENDAR)
    merges = mail_merges(calendar, accounts=mail_merge_accounts)
    away = directed.filter(pl.col("automated") == _AUTO_REPLY, ~pl.col("outbound"))
    nobody, nothing = pl.lit(None, dtype=pl.UInt32), pl.lit(None, dtype=pl.String)
    columns = ("message", "account", "sent_at")
    return pl.concat(
        [
            calendar.join(merges, on="message", how="anti").select(
                *columns, kind=_named("calendar"), person=nobody, subject="topic"
            ),
            away.select(*columns, kind=_named("auto_reply"), person="person", subject=nothing),
            _bounces(logical, copies, reached).select(
                *columns, kind=_named("bounce"), person="person", subject=nothing
            ),
        ]
    )


def _named(kind: str) -> pl.Expr:
    return pl.lit(kind, dtype=_KIND)


def _bounces(logical: pl.DataFrame, copies: pl.DataFrame, reached: pl.DataFrame) -> pl.DataFrame:
    """Bounces of mails of ours that went to one address outside, which is an account's: with ``person``, that address.

    A bounce is of the last id among those it refers to that is stored.
    """
    bounces = logical.lazy().filter(pl.col("automated") == _BOUNCE).select("message", "sent_at")
    stored = (
        copies.lazy()
        .filter(pl.col("id").is_not_null())
        .sort("sent_at")
        .unique("id", keep="first", maintain_order=True)
        .select("id", original="message")
    )
    originals = (
        references(copies.join(bounces.collect(), on="message", how="semi").sort("sent_at"))
        .with_row_index("place")
        .join(stored, on="id")
        .sort("place")
        .unique("message", keep="last", maintain_order=True)
        .select("message", "original")
    )
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
        bounces.join(originals, on="message")
        .join(ours, on="original", how="semi")
        .join(outside, on="original")
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
