"""Addresses outside the account list that take part in the conversations of one account."""

import polars as pl

from mailsignals.schema import STRANGER_SCHEMA


def outsiders(logical: pl.DataFrame, reached: pl.DataFrame, merges: pl.DataFrame) -> pl.DataFrame:
    """Return who wrote or got each message and is neither internal nor any account's: ``message`` and ``person``.

    What programs wrote and mail merges name nobody who takes part in a conversation.

    Args:
        logical: all logical messages.
        reached: the recipients of each message, strangers too.
        merges: mail merges that people wrote, by ``message``.
    """
    outside = ~pl.col("internal") & pl.col("account").is_null()
    by_people = (
        logical.lazy().filter(pl.col("automated").is_null()).join(merges.lazy(), on="message", how="anti")
    )
    senders = by_people.filter(outside).select("message", "person")
    recipients = reached.lazy().filter(outside).select("message", "person")
    return pl.concat([senders, recipients.join(by_people, on="message", how="semi")]).unique().collect()


def strangers(outside: pl.DataFrame, touches: pl.DataFrame) -> pl.DataFrame:
    """Count the mails that name each stranger in threads of exactly one account, in ``STRANGER_SCHEMA``.

    Args:
        outside: ``outsiders`` with the ``thread`` of each message.
        touches: ``thread`` and ``account`` of all touches.
    """
    one_account = (
        touches.lazy()
        .group_by("thread")
        .agg(pl.col("account").first(), accounts=pl.col("account").n_unique())
        .filter(pl.col("accounts") == 1)
        .select("thread", "account")
    )
    return (
        outside.lazy()
        .join(one_account, on="thread")
        .group_by("person", "account")
        .agg(mails=pl.len())
        .sort("person", "account")
        .select(pl.col(name).cast(dtype) for name, dtype in STRANGER_SCHEMA.items())
        .collect()
    )
