"""Emails that need no response, because a support lead dismissed them or because they closed a conversation.

By the definition of turns a last "thanks" is an unanswered email. Such an email is removed from its ticket. It sets no
target running, and the response before it can be the resolution.
"""

import dataclasses
import datetime as dt

import polars as pl

from mailsignals.schema import INSTANT

DISMISSAL_SCHEMA = pl.Schema(
    {"account": pl.UInt32(), "sent_at": INSTANT, "person": pl.UInt32(), "dismissed_at": INSTANT}
)
"""A touch of a ticket and the time of its dismissal: all emails of the ticket that were unanswered then need none."""


_NEEDLESS_SCHEMA = pl.Schema({"conversation": pl.UInt32(), "dismissed": pl.UInt32(), "closed": pl.UInt32()})


@dataclasses.dataclass(frozen=True)
class NeededTouches:
    """The touches of tickets that need a response, and the numbers of removed ones."""

    touches: pl.DataFrame
    needless: pl.DataFrame
    """``conversation`` with the numbers of emails ``dismissed`` and ``closed``, where there are any."""


def needed_touches(
    touches: pl.DataFrame, dismissals: pl.DataFrame, *, as_of: dt.datetime, closing_after: dt.timedelta | None
) -> NeededTouches:
    """Return the touches without those dismissed by ``as_of``, and without those that ``closing_after`` closes.

    Args:
        touches: the touches of tickets after ``turns.with_conversations``, in their order.
        dismissals: ``DISMISSAL_SCHEMA``.
        as_of: the as-of time; later dismissals do not count.
        closing_after: the silence after which a last email counts as closing; None: never.
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
    """Return the turns with every touch dismissed, as ``conversation`` and ``started_at``.

    Args:
        marked: touches after ``turns.with_conversations``.
        dismissals: ``DISMISSAL_SCHEMA``, given by the as-of time.
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
    """The touches with ``dismissed``: true if unanswered when a dismissal for their ticket was given."""
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
    """An expression for a single last email of the customer after our response, not urgent and old enough."""
    conversation, outbound = pl.col("conversation"), pl.col("outbound")
    last = (conversation != conversation.shift(-1)).fill_null(value=True)
    after_ours = ((conversation == conversation.shift(1)) & outbound.shift(1)).fill_null(value=False)
    stands = pl.col("sent_at") <= as_of - closing_after
    return last & after_ours & ~outbound & ~pl.col("urgent") & stands


def _turning() -> pl.Expr:
    """An expression for the first touch of each turn among the remaining touches."""
    same = [pl.col(name) == pl.col(name).shift(1) for name in ("conversation", "outbound")]
    return ~pl.all_horizontal(same).fill_null(value=False)


def numbered_dismissals(
    given: pl.DataFrame, messages: pl.LazyFrame, *, accounts: pl.DataFrame, people: pl.DataFrame
) -> pl.DataFrame:
    """Return dismissals in ``DISMISSAL_SCHEMA``, without those of deleted accounts and people.

    Args:
        given: the rows of the store's table (``DISMISSALS_SCHEMA``).
        messages: ``MESSAGE_SCHEMA``.
        accounts: the rows of the account list.
        people: the ``person`` and ``address`` of all people.
    """
    if given.is_empty():
        return pl.DataFrame(schema=DISMISSAL_SCHEMA)
    ids = given["message_id"].drop_nulls().unique()
    # A copy that arrived later may have a slightly earlier date.
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
