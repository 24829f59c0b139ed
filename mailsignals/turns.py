"""Conversations and turns of touches: long silences end conversations, changes of direction start turns.

All columns come from neighbouring rows of the sorted touches, so rows up to an as-of time don't depend on later
ones. An as-of time is therefore a filter on the result.
"""

import dataclasses
import datetime as dt

import polars as pl

from mailsignals.schema import TURN_SCHEMA

AGAIN_AFTER = dt.timedelta(hours=4)
"""The time after an unanswered email from which the next one of the same turn counts as a chaser."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ConversationRules:
    """The lengths of silence that end a conversation."""

    gap: dt.timedelta = dt.timedelta(days=14)
    unanswered_gap: dt.timedelta = dt.timedelta(days=90)
    """The gap while the conversation has only inbound touches, whose senders are still waiting."""


def with_conversations(touches: pl.LazyFrame, rules: ConversationRules) -> pl.LazyFrame:
    """Return the touches, marked with the conversation and turn that each belongs to.

    Adds ``opening`` (it opens a conversation), ``turning`` (it starts a turn), ``conversation`` (a number that
    grows from row to row) and ``again`` (it repeats a touch of its turn, ``AGAIN_AFTER`` or more after it).

    Args:
        touches: ``TOUCH_SCHEMA`` in its order.
        rules: the lengths of silence that end a conversation.
    """
    silence = pl.col("sent_at") - pl.col("sent_at").shift(1)
    elsewhere = (pl.col("account") != pl.col("account").shift(1)) | (
        pl.col("thread") != pl.col("thread").shift(1)
    )
    cut = (elsewhere | (silence > rules.gap)).fill_null(value=True)
    outbound_before = pl.col("outbound").cum_sum().shift(1, fill_value=0)
    at_cut = pl.when(cut).then(outbound_before).forward_fill()
    only_inbound = outbound_before == at_cut.shift(1)
    waiting = ~elsewhere & only_inbound & (silence <= rules.unanswered_gap)
    opening = cut & ~waiting.fill_null(value=False)
    return (
        touches.with_columns(opening=opening)
        .with_columns(
            turning=pl.col("opening") | (pl.col("outbound") != pl.col("outbound").shift(1)),
            conversation=pl.col("opening").cum_sum().cast(pl.UInt32),
        )
        .with_columns(again=~pl.col("turning") & (silence >= AGAIN_AFTER))
    )


def turns(marked: pl.LazyFrame, *more: str) -> pl.LazyFrame:
    """Return the turns of touches after ``with_conversations``, one row per turn in ``TURN_SCHEMA``.

    The columns ``more`` are added from the first touch of each turn.
    """
    starts = marked.filter("turning")
    next_same = pl.col("conversation") == pl.col("conversation").shift(-1)
    return starts.with_columns(
        started_at=pl.col("sent_at"),
        answered_at=pl.when(next_same).then(pl.col("sent_at").shift(-1)),
        answered_by=pl.when(next_same).then(pl.col("person").shift(-1)),
    ).select(*(pl.col(name).cast(dtype) for name, dtype in TURN_SCHEMA.items()), *more)
