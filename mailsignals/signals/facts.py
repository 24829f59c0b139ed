"""What the signals are computed from: touches, turns and links, built once for every instant."""

import dataclasses
import datetime as dt

import polars as pl

from mailsignals import turns
from mailsignals.schema import INSTANT
from mailsignals.signals.signal import window

LONGEST_SPAN = 180
"""No window looks further back than this many days."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts of some accounts; those of one account say nothing about another's."""

    touches: pl.LazyFrame
    """``TOUCH_SCHEMA`` after ``turns.mark``, without thread and message."""
    turns: pl.LazyFrame
    """``TURN_SCHEMA`` and ``due_at``: when an inbound turn must be answered, null where nothing was promised."""
    links: pl.LazyFrame
    """``LINK_SCHEMA``."""
    accounts: pl.Series
    """The numbers of the accounts that get a row, mute ones too."""

    def in_sight_of(self, first: dt.datetime, last: dt.datetime) -> "Facts":
        """The facts that the windows of instants from ``first`` to ``last`` can hold, kept in memory."""
        begin = first - window(LONGEST_SPAN)
        touches, links = pl.collect_all(
            [
                self.touches.filter(pl.col("sent_at").is_between(begin, last)),
                self.links.filter(pl.col("sent_at").is_between(begin, last)),
            ],
            engine="streaming",
        )
        turns_ = self.turns.filter(pl.col("started_at").is_between(begin, last))
        return dataclasses.replace(self, touches=touches.lazy(), turns=turns_, links=links.lazy())


def facts(
    touches: pl.LazyFrame,
    links: pl.LazyFrame,
    *,
    accounts: pl.Series,
    rules: turns.ConversationRules,
    targets: pl.DataFrame,
) -> Facts:
    """The facts of ``accounts``.

    Args:
        touches: ``TOUCH_SCHEMA``, in its order.
        links: ``LINK_SCHEMA``.
        accounts: numbers of the accounts, UInt32.
        rules: where conversations end.
        targets: one row an account with targets: ``account``, ``first_response_hours``, ``next_response_hours``
            (null: the first-response target serves), counted round the clock.
    """
    marked = turns.mark(touches, rules).drop("thread", "message").collect(engine="streaming").lazy()
    return Facts(
        touches=marked,
        turns=_with_due_times(turns.turns(marked), targets).collect(engine="streaming").lazy(),
        links=links,
        accounts=accounts,
    )


def _with_due_times(found: pl.LazyFrame, targets: pl.DataFrame) -> pl.LazyFrame:
    following = pl.coalesce("next_response_hours", "first_response_hours")
    target = pl.when("opening").then("first_response_hours").otherwise(following)
    allowed = (target * 3.6e9).round().cast(pl.Int64).cast(pl.Duration("us"))
    due_at = pl.when(~pl.col("outbound")).then(pl.col("started_at") + allowed)
    return (
        found.join(targets.lazy(), on="account", how="left", maintain_order="left")
        .with_columns(due_at=due_at.cast(INSTANT))
        .drop("first_response_hours", "next_response_hours")
    )
