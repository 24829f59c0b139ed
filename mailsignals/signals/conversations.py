"""Signals of conversations: their initiators, responses to check-ins, and unanswered emails."""

import datetime as dt

import polars as pl

from mailsignals.signals.facts import CHECKIN, Facts
from mailsignals.signals.instants import KEYS, Instants
from mailsignals.signals.provenance import AGE, ALL_TURNS, ANSWERED, INBOUND_TURNS, ROW_COUNT
from mailsignals.signals.signal import Signal, count, share, window
from mailsignals.units import hours

OPEN_SPAN = 90
"""The age in days from which an unanswered turn no longer counts as open."""

CHECKIN_TURNS = ALL_TURNS.where(CHECKIN)
"""Turns with which customer success opened a conversation."""
OPEN_TURNS = INBOUND_TURNS.where(~ANSWERED).over(OPEN_SPAN)
"""Unanswered turns of the customer, started in the last 90 days."""
DUE = pl.col("as_of") >= pl.col("due_at")
"""Whether the response was due by the as-of time; null without an SLA target."""

_REPLIED = pl.col("answered_at") - pl.col("started_at") <= pl.col("reply_horizon")
CHECKIN_DAYS = 30
"""An account counts as looked after if customer success began a conversation within this many days."""

SIGNALS = (
    Signal(
        "initiation_share",
        "share",
        "Share of new conversations that the customer began.",
        share("opened_inbound", "opened"),
        rows=ALL_TURNS.where(pl.col("opening")),
        from_rows=(~pl.col("outbound")).mean(),
    ),
    Signal(
        "checkins",
        "conversations",
        "Conversations that customer success began.",
        count("checkins"),
        rows=CHECKIN_TURNS,
        from_rows=ROW_COUNT,
    ),
    Signal(
        "thread_response_rate",
        "share",
        "Share of check-ins, a week old or older, that got a reply within a week.",
        share("replied", "eligible"),
        rows=CHECKIN_TURNS.where(pl.col("reply_horizon") <= AGE),
        from_rows=_REPLIED.fill_null(value=False).mean(),
    ),
    Signal(
        "unreplied_rate",
        "share",
        "Share of customer emails past their due time that are still unanswered.",
        share("unreplied", "due"),
        rows=INBOUND_TURNS.where(DUE),
        from_rows=(~ANSWERED).mean(),
    ),
)

MOMENT_SIGNALS = (
    Signal(
        "open_turns",
        "emails",
        "Customer emails of the last 90 days that are unanswered.",
        pl.col("open_turns").fill_null(0),
        rows=OPEN_TURNS,
        from_rows=ROW_COUNT,
    ),
    Signal(
        "oldest_open_hours",
        "hours",
        "Waiting time of the oldest unanswered customer email.",
        pl.col("oldest_open_hours"),
        rows=OPEN_TURNS,
        from_rows=hours(AGE.max()),
    ),
)


def measures(
    facts: Facts, instants: Instants, days: int, *, reply_horizon: dt.timedelta
) -> list[pl.LazyFrame]:
    """Return counts of turns in a window of ``days``, as changes of sums by account and as-of time.

    One frame each for openings, check-ins, turns that were due, and due turns that are unanswered.
    """
    started_at, answered_at, due_at = pl.col("started_at"), pl.col("answered_at"), pl.col("due_at")
    over = started_at + window(days)
    openings = facts.turns.filter("opening")
    promised = facts.turns.filter(due_at.is_not_null())
    return [
        instants.tally(
            openings,
            since=started_at,
            until=over,
            amounts={"opened": pl.lit(1), "opened_inbound": ~pl.col("outbound"), "checkins": CHECKIN},
        ),
        instants.tally(
            openings.filter(CHECKIN),
            since=started_at + reply_horizon,
            until=over,
            amounts={
                "eligible": pl.lit(1),
                "replied": (answered_at - started_at <= reply_horizon).fill_null(value=False),
            },
        ),
        instants.tally(promised, since=due_at, until=over, amounts={"due": pl.lit(1)}),
        instants.tally(
            promised,
            since=due_at,
            until=pl.min_horizontal(over, answered_at),
            amounts={"unreplied": pl.lit(1)},
        ),
    ]


def conversation_moments(facts: Facts, instants: Instants) -> list[pl.LazyFrame]:
    """Return the number of open inbound turns and the age of the oldest in hours, by account and as-of time."""
    started_at = pl.col("started_at")
    waiting = instants.stack(
        facts.turns.filter(~pl.col("outbound")).select("account", "started_at", "answered_at"),
        since=started_at,
        until=pl.min_horizontal(started_at + window(OPEN_SPAN), "answered_at"),
    )
    return [
        waiting.group_by(KEYS).agg(
            open_turns=pl.len().cast(pl.Int64),
            oldest_open_hours=hours((pl.col("as_of") - started_at).max()),
        )
    ]
