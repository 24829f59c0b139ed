"""News of each account since its CSM's last digest: newly at risk, still at risk, or no longer; pure."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from mailsignals.accounts.addresses import plain_address
from mailsignals.flags.episodes import CHURNED, ENTERING, HIGH, PERSISTING, RECOVERED, SAVED
from mailsignals.flags.flags import visible_flags
from mailsignals.store.tables.deliveries import SENT

DIGEST = "digest"
"""The kind of delivery of a digest."""

ENTERED, STILL, OVER = "entered", "still", "over"

NEWS_SCHEMA = pl.Schema(
    {
        "account_id": pl.String(),
        "news": pl.String(),
        "became": pl.String(),
        "flagged_on": pl.Date(),
        "before_on": pl.Date(),
        "before_risk": pl.Float64(),
        "before_source": pl.String(),
    }
)
"""One row per account.

``news``: ``entered`` since then, ``still`` at risk, at risk then and ``over``; null for all others. ``became``: how it
ended, if over. ``flagged_on``: when its flag opened, if days are recorded. ``before_``: its risk then, the day and the
source; null unless the source is the same as today's, because trends don't join across a change of method.
"""


def told_on(
    deliveries: pl.DataFrame, csms: Collection[str | None], *, today: dt.date
) -> Mapping[str | None, dt.date]:
    """Return the day of each CSM's last digest before today; CSMs without one are left out.

    Args:
        deliveries: in ``DELIVERIES_SCHEMA``.
        csms: as the account list has them.
        today: the day of the digest to come.
    """
    last = _last_digests(deliveries, csms, today=today)
    return {csm: digest["due_on"] for csm, digest in last.items()}


def told_at(
    deliveries: pl.DataFrame, csms: Collection[str | None], *, today: dt.date
) -> Mapping[str | None, dt.datetime]:
    """Return the time of each CSM's last digest before today; CSMs without one are left out.

    Args:
        deliveries: in ``DELIVERIES_SCHEMA``.
        csms: as the account list has them.
        today: the day of the digest to come.
    """
    last = _last_digests(deliveries, csms, today=today)
    return {csm: digest["claimed_at"] for csm, digest in last.items()}


def _last_digests(
    deliveries: pl.DataFrame, csms: Collection[str | None], *, today: dt.date
) -> Mapping[str | None, Mapping[str, Any]]:
    """Return the delivery of each CSM's last digest before today."""
    sent = deliveries.filter(
        pl.col("kind") == DIGEST, pl.col("state") == SENT, pl.col("due_on") < today
    ).sort("due_on")
    last = {row["recipient"]: row for row in sent.iter_rows(named=True)}
    addresses = {csm: plain_address(csm) for csm in csms if csm is not None}
    return {csm: last[address] for csm, address in addresses.items() if address in last}


def by_record(
    found: pl.DataFrame, book: pl.DataFrame, since: pl.DataFrame, before: pl.DataFrame, *, source: str
) -> pl.DataFrame:
    """Return the news by recorded days, in ``NEWS_SCHEMA``: an account is at risk while its flag is open.

    Args:
        found: in ``FLAG_SCHEMA``, at the date and time.
        book: the account list's rows.
        since: by ``csm``, the day of the last digest (``since_on``), and the last one recorded by then
            (``before_on``).
        before: what was recorded of those days, in ``SCORES_SCHEMA``.
        source: of today's risk.
    """
    same = before.filter(pl.col("source") == source, pl.col("score").is_null())
    newest = (
        visible_flags(found)
        .sort("opened_on")
        .group_by("account_id")
        .last()
        .select("account_id", "opened_on", "closed_on", "state")
    )
    is_open = pl.col("state").is_in([ENTERING, PERSISTING])
    ended = pl.col("state").is_in([RECOVERED, SAVED, CHURNED]) & (pl.col("closed_on") > pl.col("since_on"))
    return (
        book.select("account_id", "csm")
        .join(since, on="csm", how="left", nulls_equal=True)
        .join(newest, on="account_id", how="left")
        .join(
            same.select("account_id", before_on="scored_on", before_risk="risk", before_source="source"),
            on=["account_id", "before_on"],
            how="left",
        )
        .with_columns(
            before_on=pl.when(pl.col("before_source").is_not_null()).then("before_on"),
            news=pl.when(is_open & (pl.col("opened_on") > pl.col("since_on")))
            .then(pl.lit(ENTERED))
            .when(is_open)
            .then(pl.lit(STILL))
            .when(ended)
            .then(pl.lit(OVER)),
            became="state",
            flagged_on="opened_on",
        )
        .select(NEWS_SCHEMA.names())
    )


def by_levels(today: pl.DataFrame, before: pl.DataFrame, *, before_on: dt.date) -> pl.DataFrame:
    """Return the news without recorded days, in ``NEWS_SCHEMA``: an account is at risk while its level is high.

    Nobody enters, and nothing is over, between two days of different sources.

    Args:
        today: the rows of ``assess``.
        before: the same for the day before.
        before_on: that day.
    """
    past = before.select(
        "account_id",
        before_level="level",
        before_on=pl.lit(before_on),
        before_risk="risk",
        before_source="source",
    )
    high, was_high = (pl.col(name).fill_null("") == HIGH for name in ("level", "before_level"))
    other = (pl.col("before_source") != pl.col("source")).fill_null(value=False)
    return (
        today.select("account_id", "level", "state", "source")
        .join(past, on="account_id", how="left")
        .with_columns(
            news=pl.when(high & (was_high | other))
            .then(pl.lit(STILL))
            .when(high)
            .then(pl.lit(ENTERED))
            .when(was_high & ~other)
            .then(pl.lit(OVER)),
            became=pl.coalesce("level", "state"),
            flagged_on=pl.lit(None, dtype=pl.Date),
            **{name: pl.when(~other).then(name) for name in ("before_on", "before_risk", "before_source")},
        )
        .select(NEWS_SCHEMA.names())
    )
