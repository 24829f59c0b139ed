"""Counts of automated emails by kind, per group of messages and per account."""

from collections.abc import Mapping

import polars as pl

from connectors.base import AUTOMATED
from mailsignals.touches.copies import kind_rank
from mailsignals.touches.people import RECIPIENTS, Directory, number_people

KIND_COUNTS = pl.Schema({"automated": pl.UInt32(), **dict.fromkeys(AUTOMATED, pl.UInt32())})
"""The number of automated emails, and of those of each kind."""

ACCOUNT_MAIL_SCHEMA = pl.Schema(
    {
        "account": pl.UInt32(),
        "mails": pl.UInt32(),
        **KIND_COUNTS,
        "from_account": pl.UInt32(),
        "automated_from_account": pl.UInt32(),
        "held_by": pl.List(pl.Struct({"provider": pl.String(), "mailbox": pl.String()})),
    }
)
"""One row per account with mail; ``held_by`` are the mailboxes that hold its automated mail."""

_OURS, _NOBODY = -1, -2
_NO_ACCOUNT = pl.lit([], dtype=pl.List(pl.Int64))


def kind_counts() -> list[pl.Expr]:
    """Return the aggregations that count messages by ``automated``, in ``KIND_COUNTS``."""
    kind = pl.col("automated")
    by_kind = ((kind == name).sum().cast(pl.UInt32).alias(name) for name in AUTOMATED)
    return [kind.count().cast(pl.UInt32), *by_kind]


def mail_of_accounts(
    messages: pl.LazyFrame, directory: Directory, aliases: Mapping[str, str]
) -> pl.DataFrame:
    """Return the number of emails and of automated emails per account, in ``ACCOUNT_MAIL_SCHEMA``, sorted by account.

    An inbound email of an account has a sender of the account. It has an internal recipient, or no visible recipients
    but the account's own people. An outbound email has an internal sender and a recipient of the account. Copies
    in several mailboxes with the same Message-ID, sender and date count once.

    Args:
        messages: ``MESSAGE_SCHEMA``.
        directory: the rules that match addresses to your team and accounts.
        aliases: the main address of a person, by each of their other addresses.
    """
    people = number_people(messages, directory, aliases)
    side = pl.when("internal").then(_OURS).otherwise(pl.col("account").cast(pl.Int64))
    sides = people.spellings.join(people.frame.select("person", side=side.fill_null(_NOBODY)), on="person")

    def side_of(address: pl.Expr) -> pl.Expr:
        return address.replace_strict(sides["address"], sides["side"], default=_NOBODY, return_dtype=pl.Int64)

    recipients = [pl.col(name).fill_null(pl.lit([], dtype=pl.List(pl.String))) for name in RECIPIENTS]
    sided = messages.select(
        "provider",
        "mailbox",
        mail=_same_mail(),
        kind=kind_rank(),
        sender=side_of(pl.col("sender")),
        reached=pl.concat_list(recipients).list.eval(side_of(pl.element())).list.unique(),
    )
    mails = (
        sided.with_columns(account=_accounts(), is_inbound=pl.col("sender") >= 0)
        .select("provider", "mailbox", "mail", "kind", "is_inbound", "account")
        .explode("account")
        .drop_nulls("account")
        .group_by("account", "mail")
        .agg(
            pl.col("kind").min(),
            pl.col("is_inbound").first(),
            held_by=pl.struct("provider", "mailbox").filter(pl.col("kind").is_not_null()),
        )
    )
    by_program = pl.col("kind").is_not_null()
    return (
        mails.group_by("account")
        .agg(
            mails=pl.len(),
            automated=by_program.sum(),
            **{name: (pl.col("kind") == rank).sum() for rank, name in enumerate(AUTOMATED)},
            from_account=pl.col("is_inbound").sum(),
            automated_from_account=(pl.col("is_inbound") & by_program).sum(),
            held_by=pl.col("held_by").explode().drop_nulls().unique(),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in ACCOUNT_MAIL_SCHEMA.items())
        .sort("account")
        .collect(engine="streaming")
    )


def _same_mail() -> pl.Expr:
    """A number that the copies of one email share."""
    known = pl.col("message_id").is_not_null() & (pl.col("message_id") != "")
    mail = pl.struct("message_id", "sender", "dated_at").hash()
    return pl.when(known).then(mail).otherwise(pl.struct("provider", "mailbox", "provider_id").hash())


def _accounts() -> pl.Expr:
    """The accounts that a message belongs to, by the sides of its sender and its recipients."""
    sender, reached = pl.col("sender"), pl.col("reached")
    among_themselves = (reached.list.len() == 0) | (
        (reached.list.len() == 1) & (reached.list.first() == sender)
    )
    inbound = (sender >= 0) & (reached.list.contains(_OURS) | among_themselves)
    return (
        pl.when(inbound)
        .then(pl.concat_list("sender"))
        .when(sender == _OURS)
        .then(reached.list.eval(pl.element().filter(pl.element() >= 0)))
        .otherwise(_NO_ACCOUNT)
    )
