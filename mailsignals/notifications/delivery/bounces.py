"""Recent deliveries that failed or bounced; frames in, frames out."""

import datetime as dt

import polars as pl

from mailsignals.clock import latest_credible
from mailsignals.store.tables.deliveries import CLAIMED, DELIVERIES_SCHEMA, SENT

BOUNCED = "bounced"
SHOWN_DAYS = 14
"""The number of days for which a failed delivery is shown."""

UNDER_WAY = "Sending is in progress. If no program is sending, it is unknown whether it arrived."
CAME_BACK = "The email bounced. The mailbox of digest.from has the reason; check the address."


def undelivered_mail(deliveries: pl.DataFrame, messages: pl.LazyFrame, *, now: dt.datetime) -> pl.DataFrame:
    """Return recent deliveries that were not sent or bounced, in ``DELIVERIES_SCHEMA``, with ``bounced`` as a state."""
    at = pl.coalesce("ended_at", "claimed_at")
    late = deliveries.filter(at > now - dt.timedelta(days=SHOWN_DAYS), at <= latest_credible(now))
    if late.is_empty():
        return late
    state = pl.col("state")
    came_back = (state == SENT) & pl.col("message_id").is_in(bounced_ids(messages).implode())
    return (
        late.with_columns(
            state=pl.when(came_back).then(pl.lit(BOUNCED)).otherwise(state),
            problem=pl.when(came_back)
            .then(pl.lit(CAME_BACK))
            .when(state == CLAIMED)
            .then(pl.lit(UNDER_WAY))
            .otherwise("problem"),
        )
        .filter(pl.col("state") != SENT)
        .select(DELIVERIES_SCHEMA.names())
    )


def bounced_ids(messages: pl.LazyFrame) -> pl.Series:
    """Return the Message-IDs to which bounce reports refer in their headers.

    Reports refer to the email in ``References`` or ``In-Reply-To`` (Exchange, Gmail), or only in their body, which is
    not read.
    """
    return (
        messages.filter(pl.col("automated") == "bounce")
        .select(pl.col("references").explode().drop_nulls().unique())
        .collect()
        .to_series()
    )
