"""Addresses outside the account list that take part in the conversations of one account."""

import polars as pl

from mailsignals.schema import STRANGER_SCHEMA


def outsiders(logical: pl.DataFrame, reached: pl.DataFrame, merges: pl.DataFrame) -> pl.DataFrame:
    """Return the senders and recipients who are neither internal nor of any account: ``message`` and ``person``.

    Automated mail and mail merges are left out, because their people take part in no conversation.

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
    """Return the number of emails per stranger in threads of exactly one account, in ``STRANGER_SCHEMA``.

    Args:
        outside: the result of ``outsiders`` with the ``thread`` of each message.
        touches: the ``thread`` and ``account`` of all touches.
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
