"""Mails that need no answer: a lead said so, or nobody has added anything for long.

By the definition of turns a last "thanks" is a question that nobody answers. Such a mail is taken out of its ticket:
it starts no clock, and keeps no answer from being the resolution.
"""

import dataclasses
import datetime as dt

import polars as pl

from mailsignals.schema import INSTANT

DISMISSAL_SCHEMA = pl.Schema(
    {"account": pl.UInt32(), "sent_at": INSTANT, "person": pl.UInt32(), "dismissed_at": INSTANT}
)
"""A touch of a ticket, and when somebody said that nothing of it needs an answer: what waited then does not."""


_NEEDLESS_SCHEMA = pl.Schema({"conversation": pl.UInt32(), "dismissed": pl.UInt32(), "closed": pl.UInt32()})


@dataclasses.dataclass(frozen=True)
class NeededTouches:
    """The touches of tickets without those that need no answer, and how many those were."""

    touches: pl.DataFrame
    needless: pl.DataFrame
    """``conversation``, ``dismissed`` and ``closed`` (mails), of those that have any."""


def needed_touches(
    touches: pl.DataFrame, dismissals: pl.DataFrame, *, as_of: dt.datetime, closing_after: dt.timedelta | None
) -> NeededTouches:
    """Take out what was dismissed by ``as_of``, then what ``closing_after`` closes.

    Args:
        touches: of tickets, marked, in their order.
        dismissals: ``DISMISSAL_SCHEMA``.
        as_of: the instant; what is later than it does not exist.
        closing_after: how long neither side must have added anything; null: the rule is off.
    """
    given = dismissals.filter(pl.col("dismissed_at") <= as_of)
    if given.is_empty() and closing_after is None:
        return NeededTouches(touches, pl.DataFrame(schema=_NEEDLESS_SCHEMA))
    flagged = _dismissed(touches, given)
    left = flagged.filter(~pl.col("dismissed"))
    closing = pl.lit(value=False) if closing_after is None else _closing(as_of, closing_after)
    left = left.with_columns(closed=closing)
    taken = pl.concat([flagged.filter("dismissed"), left.filter("closed")], how="diagonal")
    counts = taken.group_by("conversation").agg(pl.col("dismissed", "closed").fill_null(value=False).sum())
    kept = left.filter(~pl.col("closed")).drop("dismissed", "closed")
    return NeededTouches(kept.with_columns(turning=_turning()), counts)


def excused_turns(marked: pl.LazyFrame, dismissals: pl.DataFrame) -> pl.DataFrame:
    """The turns of which every touch was dismissed: ``conversation`` and ``started_at``.

    Args:
        marked: touches after ``turns.with_conversations``.
        dismissals: ``DISMISSAL_SCHEMA``, as far as they are known at the instant.
    """
    if dismissals.is_empty():
        return pl.DataFrame(schema={"conversation": pl.UInt32, "started_at": INSTANT})
    keys = ["account", "sent_at", "person"]
    named = marked.join(dismissals.lazy(), on=keys, how="semi").select("conversation").collect()
    theirs = marked.filter(pl.col("conversation").is_in(named["conversation"].unique().implode()))
    turn = pl.col("turning").cum_sum().alias("turn")
    return (
        _dismissed(theirs.collect(), dismissals)
        .group_by("conversation", turn)
        .agg(started_at=pl.col("sent_at").min(), all_dismissed=pl.col("dismissed").all())
        .filter("all_dismissed")
        .select("conversation", "started_at")
    )


def _dismissed(touches: pl.DataFrame, given: pl.DataFrame) -> pl.DataFrame:
    """The touches with ``dismissed``: whether they still waited for an answer when one of their ticket's was given."""
    said = (
        touches.join(given, on=["account", "sent_at", "person"], how="inner")
        .select("conversation", "dismissed_at")
        .unique()
        .sort("dismissed_at")
    )
    answer = pl.when("outbound").then("sent_at").backward_fill().over("conversation")
    waiting = (
        touches.with_row_index("row")
        .filter(pl.col("conversation").is_in(said["conversation"].implode()))
        .with_columns(answer=answer)
        .filter(~pl.col("outbound"))
        .sort("sent_at")
        .join_asof(
            said,
            left_on="sent_at",
            right_on="dismissed_at",
            by="conversation",
            strategy="forward",
            check_sortedness=False,
        )
        .filter((pl.col("dismissed_at") < pl.col("answer")).fill_null(pl.col("dismissed_at").is_not_null()))
    )
    rows = pl.int_range(pl.len(), dtype=pl.UInt32)
    return touches.with_columns(dismissed=rows.is_in(waiting["row"].implode()))


def _closing(as_of: dt.datetime, closing_after: dt.timedelta) -> pl.Expr:
    """A lone last mail of the customer that follows our answer, is not urgent, and has stood for so long."""
    conversation, outbound = pl.col("conversation"), pl.col("outbound")
    last = (conversation != conversation.shift(-1)).fill_null(value=True)
    after_ours = ((conversation == conversation.shift(1)) & outbound.shift(1)).fill_null(value=False)
    stands = pl.col("sent_at") <= as_of - closing_after
    return last & after_ours & ~outbound & ~pl.col("urgent") & stands


def _turning() -> pl.Expr:
    """Where a turn starts among the touches that are left."""
    same = [pl.col(name) == pl.col(name).shift(1) for name in ("conversation", "outbound")]
    return ~pl.all_horizontal(same).fill_null(value=False)


def numbered_dismissals(
    given: pl.DataFrame, messages: pl.LazyFrame, *, accounts: pl.DataFrame, people: pl.DataFrame
) -> pl.DataFrame:
    """Return dismissals in ``DISMISSAL_SCHEMA``, without those of accounts and people that are gone.

    Args:
        given: rows of the store's table (``DISMISSALS_SCHEMA``).
        messages: ``MESSAGE_SCHEMA``.
        accounts: the account book's rows.
        people: ``person`` and ``address``.
    """
    if given.is_empty():
        return pl.DataFrame(schema=DISMISSAL_SCHEMA)
    ids = given["message_id"].drop_nulls().unique()
    # Another copy of the mail may have come since, which was sent a little earlier.
    current = (
        messages.filter(pl.col("message_id").is_in(ids.implode()))
        .group_by("message_id", "sender")
        .agg(now_at=pl.col("sent_at").min())
        .collect()
    )
    numbers = accounts.select("account_id", account=pl.int_range(pl.len(), dtype=pl.UInt32))
    return (
        given.join(current, on=["message_id", "sender"], how="left")
        .join(numbers, on="account_id")
        .join(people.select("person", sender="address"), on="sender")
        .with_columns(sent_at=pl.coalesce("now_at", "sent_at"))
        .select(pl.col(name).cast(dtype) for name, dtype in DISMISSAL_SCHEMA.items())
    )
