"""How much of the conversation we cannot see."""

import polars as pl

from mailsignals.signals.facts import Facts
from mailsignals.signals.instants import Instants
from mailsignals.signals.signal import Signal, share, window

SIGNALS = (
    Signal(
        "visibility_gap",
        "share",
        "Share of the emails referred to in the account's threads that are in no mailbox we read.",
        share("unseen", "referred"),
        rows=None,
        from_rows=None,
    ),
)


def measures(facts: Facts, instants: Instants, days: int) -> list[pl.LazyFrame]:
    """Distinct ids referred to in the window, and those of which no message was stored by then.

    An id that is named again counts once: each naming is in sight from where the one before it leaves.
    """
    span = window(days)
    named = facts.links.with_columns(
        since=pl.max_horizontal("sent_at", pl.col("previous_at") + span),
        until=pl.col("sent_at") + span,
    )
    since, until = pl.col("since"), pl.col("until")
    return [
        instants.tally(named, since=since, until=until, amounts={"referred": pl.lit(1)}),
        instants.tally(
            named,
            since=since,
            until=pl.min_horizontal("until", "stored_at"),
            amounts={"unseen": pl.lit(1)},
        ),
    ]
