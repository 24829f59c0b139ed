"""What the signals are computed from: touches, turns and links, built once for every instant."""

import dataclasses
import datetime as dt
from typing import Self

import polars as pl

from mailsignals import turns
from mailsignals.schema import INSTANT
from mailsignals.signals.signal import window

LONGEST_SPAN = 180
"""No window looks further back than this many days."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts of some accounts; those of one account say nothing about another's."""

    sent: pl.LazyFrame
    """``TOUCH_SCHEMA``: enough for whoever needs no conversations."""
    touches: pl.LazyFrame
    """The same after ``turns.mark``, without thread and message."""
    turns: pl.LazyFrame
    """``TURN_SCHEMA`` and ``due_at``: when an inbound turn must be answered, null where nothing was promised."""
    checkins: pl.LazyFrame
    """Those of ``touches`` with which customer success opened a conversation."""
    links: pl.LazyFrame
    """``LINK_SCHEMA``."""
    accounts: pl.Series
    """The numbers of the accounts that get a row, mute ones too."""
    targets: pl.DataFrame
    """What each account was promised: ``account``, ``first_response_hours``, ``next_response_hours``."""

    def in_memory(self) -> Self:
        """The same, computed once for several uses."""
        touches = self.touches.collect(engine="streaming").lazy()
        return dataclasses.replace(
            self, touches=touches, turns=_turns(touches, self.targets), checkins=touches.filter(CHECKIN)
        )

    def in_sight_of(self, first: dt.datetime, last: dt.datetime) -> Self:
        """The facts that the windows of instants from ``first`` to ``last`` can hold, in memory, and all check-ins.

        A turn that starts in sight has every answer up to ``last`` in sight, too; a later one does not exist yet.
        """
        in_sight = pl.col("sent_at").is_between(first - window(LONGEST_SPAN), last)
        kept, links = pl.collect_all(
            [
                self.touches.filter(in_sight | CHECKIN),
                self.links.filter(in_sight).select("account", "sent_at", "previous_at", "stored_at"),
            ],
            engine="streaming",
        )
        near = kept.filter(in_sight).lazy()
        return dataclasses.replace(
            self,
            touches=near,
            turns=_turns(near, self.targets),
            checkins=kept.lazy().filter(CHECKIN),
            links=links.lazy(),
        )


CHECKIN = pl.col("opening") & pl.col("outbound") & (pl.col("role") == "cs")
"""Customer success opened a conversation; of touches and of turns."""


def facts(
    touches: pl.LazyFrame,
    links: pl.LazyFrame,
    *,
    accounts: pl.Series,
    rules: turns.ConversationRules,
    targets: pl.DataFrame,
) -> Facts:
    """The facts of ``accounts``; nothing is computed before it is needed.

    Args:
        touches: ``TOUCH_SCHEMA``, in its order.
        links: ``LINK_SCHEMA``.
        accounts: numbers of the accounts, UInt32.
        rules: where conversations end.
        targets: one row an account with targets: ``account``, ``first_response_hours``, ``next_response_hours``
            (null: the first-response target serves), counted round the clock.
    """
    marked = turns.mark(touches, rules).drop("thread", "message")
    return Facts(
        sent=touches,
        touches=marked,
        turns=_with_due_times(turns.turns(marked), targets),
        checkins=marked.filter(CHECKIN),
        links=links,
        accounts=accounts,
        targets=targets,
    )


def _turns(marked: pl.LazyFrame, targets: pl.DataFrame) -> pl.LazyFrame:
    """The turns of marked touches, computed."""
    return _with_due_times(turns.turns(marked), targets).collect(engine="streaming").lazy()


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
