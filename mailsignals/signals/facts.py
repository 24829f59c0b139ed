"""The facts behind the signals: touches, turns and links, built once for every as-of time."""

import dataclasses
import datetime as dt
from typing import Self

import polars as pl

from mailsignals import turns
from mailsignals.engines import Engine, engine_for, engine_of
from mailsignals.signals.signal import window
from mailsignals.sla.dismissals import DISMISSAL_SCHEMA, excused_turns
from mailsignals.sla.promises import Promises

LONGEST_SPAN = 180
"""No window looks further back than this many days."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts of some accounts, in memory; the facts of different accounts are independent."""

    touches: pl.LazyFrame
    """``TOUCH_SCHEMA`` after ``turns.with_conversations``, without the column ``message``."""
    turns: pl.LazyFrame
    """``TURN_SCHEMA`` and ``due_at``: the time at which a response is due, null without an SLA target."""
    checkins: pl.LazyFrame
    """The touches with which customer success opened a conversation."""
    links: pl.LazyFrame
    """``LINK_SCHEMA``, read when it is needed."""
    programs: pl.LazyFrame
    """``PROGRAM_SCHEMA``, read when it is needed."""
    accounts: pl.Series
    """The numbers of the accounts that get a row, mute ones too."""
    promises: Promises
    """The SLA targets of each account."""
    excused: pl.DataFrame
    """``conversation`` and ``started_at`` of turns that are never due, because they were dismissed."""
    engine: Engine
    """The polars engine for queries over so many touches."""

    def in_sight_of(self, first: dt.datetime, last: dt.datetime) -> Self:
        """Return the facts within the windows of as-of times from ``first`` to ``last``, and all check-ins.

        A turn within these windows keeps its answer if that came by ``last``.
        """
        in_sight = pl.col("sent_at").is_between(first - window(LONGEST_SPAN), last)
        kept, links = pl.collect_all(
            [
                self.touches.filter(in_sight | CHECKIN),
                self.links.filter(in_sight).select("account", "sent_at", "previous_at", "stored_at"),
            ],
            engine=self.engine,
        )
        near = kept.filter(in_sight).lazy()
        return dataclasses.replace(
            self,
            touches=near,
            turns=_turns(near, self.promises, self.excused, self.engine),
            checkins=kept.lazy().filter(CHECKIN),
            links=links.lazy(),
        )


CHECKIN = pl.col("opening") & pl.col("outbound") & (pl.col("role") == "cs")
"""Customer success opened a conversation; of touches and of turns."""


def facts(
    touches: pl.LazyFrame,
    links: pl.LazyFrame,
    programs: pl.LazyFrame,
    *,
    accounts: pl.Series,
    rules: turns.ConversationRules,
    promises: Promises,
) -> Facts:
    """Return the facts of ``accounts`` from touches, as ``facts_of_marked`` does from marked ones.

    Args:
        touches: ``TOUCH_SCHEMA``, in its order.
        links: ``LINK_SCHEMA``.
        programs: ``PROGRAM_SCHEMA``.
        accounts: numbers of the accounts, UInt32.
        rules: the rules for the end of a conversation.
        promises: the SLA targets of each account, which set the due times of its turns.
    """
    marked = marked_touches(touches, rules)
    return facts_of_marked(marked, links, programs, accounts=accounts, promises=promises)


def marked_touches(touches: pl.LazyFrame, rules: turns.ConversationRules) -> pl.DataFrame:
    """Return touches in memory after ``turns.with_conversations``, without the column ``message``."""
    engine = engine_of(touches)
    return turns.with_conversations(touches, rules).drop("message").collect(engine=engine)


def facts_of_marked(
    marked: pl.DataFrame,
    links: pl.LazyFrame,
    programs: pl.LazyFrame,
    *,
    accounts: pl.Series,
    promises: Promises,
    dismissals: pl.DataFrame | None = None,
) -> Facts:
    """Return the facts of ``accounts``, in memory.

    Args:
        marked: the result of ``marked_touches``.
        links: ``LINK_SCHEMA``.
        programs: ``PROGRAM_SCHEMA``.
        accounts: numbers of the accounts, UInt32.
        promises: the SLA targets of each account, which set the due times of its turns.
        dismissals: the turns that need no response (``DISMISSAL_SCHEMA``), given by the as-of time; None for the
            signals, whose definitions ignore dismissals.
    """
    touches = marked.lazy()
    needless = excused_turns(
        touches, pl.DataFrame(schema=DISMISSAL_SCHEMA) if dismissals is None else dismissals
    )
    return Facts(
        touches=touches,
        turns=_turns(touches, promises, needless, engine_for(marked.height)),
        checkins=touches.filter(CHECKIN),
        links=links,
        programs=programs,
        accounts=accounts,
        promises=promises,
        excused=needless,
        engine=engine_for(marked.height),
    )


def _turns(marked: pl.LazyFrame, promises: Promises, needless: pl.DataFrame, engine: Engine) -> pl.LazyFrame:
    """The turns of marked touches, computed."""
    return _with_due_times(turns.turns(marked), promises, needless).collect(engine=engine).lazy()


def _with_due_times(found: pl.LazyFrame, promises: Promises, needless: pl.DataFrame) -> pl.LazyFrame:
    """The turns with ``due_at``."""
    started_at, policy = pl.col("started_at"), pl.col("policy")
    target = (
        pl.when("opening")
        .then(promises.target(policy, "first_response"))
        .otherwise(promises.target(policy, "next_response"))
    )
    due_at = promises.due_at(policy, passed=promises.passed(policy, started_at), target=target)
    due = (
        found.with_columns(policy=promises.policy(pl.col("account"), started_at))
        .with_columns(due_at=pl.when(~pl.col("outbound")).then(due_at))
        .drop("policy")
    )
    if needless.is_empty():
        return due
    marked = needless.lazy().with_columns(excused=pl.lit(value=True))
    return (
        due.join(marked, on=["conversation", "started_at"], how="left", maintain_order="left")
        .with_columns(due_at=pl.when(pl.col("excused").is_null()).then("due_at"))
        .drop("excused")
    )
