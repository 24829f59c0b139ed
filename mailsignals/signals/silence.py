"""Signals of silence: days since each side last wrote, and their ratio to the account's usual gap."""

import polars as pl

from mailsignals.signals.conversations import CHECKIN_TURNS
from mailsignals.signals.facts import Facts
from mailsignals.signals.instants import KEYS, Instants
from mailsignals.signals.provenance import INBOUND_MAILS, OUTBOUND_MAILS, YEAR
from mailsignals.signals.signal import Signal, window
from mailsignals.units import days

RHYTHM_SPAN, RHYTHM_GAPS = 180, 5
"""The span in days of an account's rhythm (the gaps between days with mail), and the fewest gaps that make one."""

_AS_OF = pl.col("as_of")


def _since_last(moment: str) -> pl.Expr:
    """Days since the latest of the rows; null without rows."""
    return days(_AS_OF.first() - pl.col(moment).max())


MOMENT_SIGNALS = (
    Signal(
        "days_since_checkin",
        "days",
        "Days since the last check-in by customer success.",
        days(_AS_OF - pl.col("last_checkin_at")),
        rows=CHECKIN_TURNS.over(YEAR),
        from_rows=_since_last("started_at"),
    ),
    Signal(
        "days_since_inbound",
        "days",
        "Days since the customer's last email.",
        days(_AS_OF - pl.col("last_inbound_at")),
        rows=INBOUND_MAILS.over(YEAR),
        from_rows=_since_last("sent_at"),
    ),
    Signal(
        "days_since_outbound",
        "days",
        "Days since our last email.",
        days(_AS_OF - pl.col("last_outbound_at")),
        rows=OUTBOUND_MAILS.over(YEAR),
        from_rows=_since_last("sent_at"),
    ),
    Signal(
        "overdue_ratio",
        "times",
        "The customer's silence, divided by the P90 of the gaps between their days with mail.",
        pl.when(pl.col("gaps") >= RHYTHM_GAPS).then(
            days(_AS_OF - pl.col("last_inbound_at")) / pl.col("usual_gap_days")
        ),
        rows=INBOUND_MAILS.over(RHYTHM_SPAN),
        from_rows=None,
    ),
)


def latest(facts: Facts, checkins: pl.LazyFrame, instants: Instants) -> list[pl.DataFrame]:
    """Return when either side last wrote and when customer success last began a conversation, however long ago.

    There are three frames: of the customer's mail, of the team's, and of check-ins.
    """
    sent, sent_at = facts.touches, pl.col("sent_at")
    return pl.collect_all(
        [
            instants.latest(sent.filter(~pl.col("outbound")), sent_at, "last_inbound_at"),
            instants.latest(sent.filter("outbound"), sent_at, "last_outbound_at"),
            instants.latest(checkins, sent_at, "last_checkin_at"),
        ],
        engine=facts.engine,
    )


def moments(facts: Facts, instants: Instants) -> list[pl.LazyFrame]:
    """Return the 90th percentile of the gaps between days (UTC) with inbound mail, by account and as-of time."""
    return [usual_gap(facts.touches.filter(~pl.col("outbound")), instants)]


def usual_gap(inbound: pl.LazyFrame, instants: Instants) -> pl.LazyFrame:
    """Return the usual gap between days (UTC) with inbound mail, by account and as-of time.

    The columns are ``usual_gap_days`` (the 90th percentile) and ``gaps`` (the number of gaps).
    """
    mail_days = (
        inbound.group_by("account", day=pl.col("sent_at").dt.date())
        .agg(first_at=pl.col("sent_at").min(), last_at=pl.col("sent_at").max())
        .sort("account", "day")
        .with_columns(pl.col("day", "last_at").shift(1).over("account").name.prefix("previous_"))
        .drop_nulls("previous_day")
        .select(
            "account",
            "first_at",
            "previous_last_at",
            gap_days=(pl.col("day") - pl.col("previous_day")).dt.total_days(),
        )
    )
    # A gap counts from the first email of its second day on, for as long as its first day lies in the span.
    gaps = instants.stack(
        mail_days, since=pl.col("first_at"), until=pl.col("previous_last_at") + window(RHYTHM_SPAN)
    )
    return gaps.group_by(KEYS).agg(gaps=pl.len(), usual_gap_days=pl.col("gap_days").quantile(0.9, "linear"))
