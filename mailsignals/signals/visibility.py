"""The share of each account's conversations that is not visible."""

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
    """Return counts of distinct ids referred to in the window, and of those with no message stored by then.

    A repeated reference counts once: it counts from the end of the earlier reference's window on.
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
