"""Signals of volume: emails of either side, their trend, chasers and urgent emails."""

import polars as pl

from mailsignals.signals.facts import Facts
from mailsignals.signals.instants import Instants
from mailsignals.signals.provenance import INBOUND_MAILS, OUTBOUND_MAILS, ROW_COUNT
from mailsignals.signals.signal import Signal, count, share, window

_LATELY = pl.col("sent_at") > pl.col("as_of") - pl.col("window")

SIGNALS = (
    Signal(
        "inbound",
        "emails",
        "Emails that the customer sent us.",
        count("inbound"),
        rows=INBOUND_MAILS,
        from_rows=ROW_COUNT,
    ),
    Signal(
        "outbound",
        "emails",
        "Emails that we sent the customer.",
        count("outbound"),
        rows=OUTBOUND_MAILS,
        from_rows=ROW_COUNT,
    ),
    Signal(
        "inbound_trend",
        "share",
        "Change in the customer's emails against the window before.",
        share("inbound", "inbound_before") - 1,
        rows=INBOUND_MAILS.with_window_before(),
        from_rows=pl.when((~_LATELY).any()).then(_LATELY.sum() / (~_LATELY).sum() - 1),
    ),
    Signal(
        "chasers",
        "emails",
        "Customer emails that chased us, sent 4 hours or more after an unanswered one.",
        count("chasers"),
        rows=INBOUND_MAILS.where(pl.col("again")),
        from_rows=ROW_COUNT,
    ),
    Signal(
        "urgent",
        "emails",
        "Customer emails that were marked or worded as urgent.",
        count("urgent"),
        rows=INBOUND_MAILS.where(pl.col("urgent")),
        from_rows=ROW_COUNT,
    ),
)


def measures(facts: Facts, instants: Instants, days: int) -> list[pl.LazyFrame]:
    """Return counts of touches in a window of ``days`` and in the window before, as changes."""
    inbound = ~pl.col("outbound")
    sent_at = pl.col("sent_at")
    return [
        instants.tally(
            facts.touches,
            since=sent_at,
            until=sent_at + window(days),
            amounts={
                "inbound": inbound,
                "outbound": pl.col("outbound"),
                "chasers": inbound & pl.col("again"),
                "urgent": inbound & pl.col("urgent"),
            },
        ),
        instants.tally(
            facts.touches.filter(inbound),
            since=sent_at + window(days),
            until=sent_at + window(2 * days),
            amounts={"inbound_before": pl.lit(1)},
        ),
    ]
