"""What was not delivered of late, and what came back; frames in, frames out."""

import datetime as dt

import polars as pl

from mailsignals.store.tables.deliveries import CLAIMED, DELIVERIES_SCHEMA, SENT

BOUNCED = "bounced"
SHOWN_DAYS = 14
"""For so many days it is shown that something was not delivered."""

UNDER_WAY = "It is being sent now; if nobody is sending, nobody knows whether it arrived."
CAME_BACK = "It came back. Look into the mailbox of digest.from for the reason, and check the address."


def undelivered_mail(deliveries: pl.DataFrame, messages: pl.LazyFrame, *, now: dt.datetime) -> pl.DataFrame:
    """The deliveries of late that were not sent or came back, in ``DELIVERIES_SCHEMA``; its states and ``bounced``."""
    late = deliveries.filter(pl.coalesce("ended_at", "claimed_at") > now - dt.timedelta(days=SHOWN_DAYS))
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
    """The ids of messages that a mailer daemon refers to, as far as its report's own headers say.

    Reports refer to the mail in ``References`` or ``In-Reply-To`` (as Exchange and Gmail have them), or only in their
    body, which nobody reads here.
    """
    return (
        messages.filter(pl.col("automated") == "bounce")
        .select(pl.col("references").explode().drop_nulls().unique())
        .collect()
        .to_series()
    )
