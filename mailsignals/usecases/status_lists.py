"""Lists of the state of mailsignals: sources of mail, skipped emails, and deliveries."""

import datetime as dt

import polars as pl

from connectors.base import TRIED_AGAIN
from mailsignals.notifications.delivery.bounces import SHOWN_DAYS
from mailsignals.store import Store

KEYS = ["provider", "mailbox", "source"]

AGAIN = "It is fetched again automatically, after an hour at first, then less and less often."
STAYS = "It stays skipped; other emails are not affected. If it matters, repair the email and import its file again."


def read_sources(store: Store) -> pl.DataFrame:
    """Return the sources with their time, progress, emails and skipped emails."""
    aside = store.skipped().group_by(KEYS).agg(set_aside=pl.len())
    flawed = store.defects().group_by(KEYS).agg(defects=pl.col("messages").sum())
    return (
        store.sources()
        .rename({"last_committed_at": "read_at"})
        .join(aside, on=KEYS, how="left")
        .join(flawed, on=KEYS, how="left")
        .with_columns(pl.col("set_aside", "defects").fill_null(0))
        .sort("mailbox", "source", "provider")
    )


def skipped_emails(store: Store) -> pl.DataFrame:
    """Return the skipped emails by reason, with the next step."""
    return (
        store.skipped()
        .group_by("mailbox", "source", "reason")
        .agg(mails=pl.len())
        .with_columns(
            advice=pl.when(pl.col("reason").is_in(sorted(TRIED_AGAIN)))
            .then(pl.lit(AGAIN))
            .otherwise(pl.lit(STAYS))
        )
        .sort("mails", "mailbox", "source", "reason", descending=[True, False, False, False])
    )


def deliveries_by_state(deliveries: pl.DataFrame, *, today: dt.date) -> pl.DataFrame:
    """Return the number of deliveries of the last days by state."""
    return (
        deliveries.filter(
            pl.col("due_on") > today - dt.timedelta(days=SHOWN_DAYS),
            # A day later it may be in another time zone; what is dated later is not true yet.
            pl.col("due_on") <= today + dt.timedelta(days=1),
        )
        .group_by("due_on", "kind", "state")
        .agg(recipients=pl.len())
        .sort("due_on", "kind", "state", descending=[True, False, False])
    )
