"""What happened after a snapshot, as far as it was known at an instant.

A customer churns within the horizon of a snapshot ``s`` if the churn date lies in ``(s, s + 90 days]``, counted in days
of the company's time zone. At ``T`` that is known once 90 days have passed; nothing later than ``T`` exists. Snapshots
of customers who have not started, or have left, are no snapshots at all.
"""

import datetime as dt

import polars as pl

HORIZON_DAYS = 90


def churn_labels(rows: pl.DataFrame, *, as_of: dt.datetime, timezone: str) -> pl.DataFrame:
    """The rows that can be used at an instant, with ``day``, ``days_known``, ``days_to_event``.

    Args:
        rows: snapshots with ``as_of``, ``started_on`` and ``churned_on``.
        as_of: the instant at which one knows; snapshots after it do not exist.
        timezone: of days.

    Returns:
        ``day`` is the local day of the snapshot, ``days_known`` how many days after it are known, and
        ``days_to_event`` how many days after it the customer churned, null if that was not known to happen.
    """
    today = _day(pl.lit(as_of), timezone)
    ends_on = pl.when(pl.col("churned_on") <= today).then("churned_on")
    return (
        _seen(rows, as_of, timezone)
        .with_columns(days_to_event=(ends_on - pl.col("day")).dt.total_days())
        .filter(pl.col("started_on").is_null() | (pl.col("started_on") <= pl.col("day")))
        .filter(pl.col("days_to_event").is_null() | (pl.col("days_to_event") > 0))
    )


def silence_labels(rows: pl.DataFrame, *, as_of: dt.datetime, timezone: str) -> pl.DataFrame:
    """Return the usable rows with ``day``, ``days_known`` and ``days_to_event``, for silence instead of churn.

    Silence stands in where no churn is known: an account that writes goes silent for 90 days.

    Reads ``last_inbound_at`` and ``next_inbound_at`` instead of ``churned_on``. Only accounts that wrote within the 90
    days before a snapshot can go silent; silence is an event of the horizon's last day, when it is complete.
    """
    horizon = pl.duration(days=HORIZON_DAYS)
    wrote = pl.col("last_inbound_at") > pl.col("as_of") - horizon
    next_at = pl.when(pl.col("next_inbound_at") <= as_of).then("next_inbound_at")
    silent = next_at.is_null() | (next_at > pl.col("as_of") + horizon)
    complete = pl.col("days_known") >= HORIZON_DAYS
    return (
        _seen(rows, as_of, timezone)
        .filter(wrote)
        .filter(pl.col("started_on").is_null() | (pl.col("started_on") <= pl.col("day")))
        .filter(pl.col("churned_on").is_null() | (pl.col("churned_on") > pl.col("day")))
        .with_columns(days_to_event=pl.when(silent & complete).then(pl.lit(HORIZON_DAYS, dtype=pl.Int64)))
    )


def known_labels(labelled: pl.DataFrame) -> pl.DataFrame:
    """With ``event``: whether it happened within the horizon; null while that is not known."""
    happened = pl.col("days_to_event") <= HORIZON_DAYS
    return labelled.with_columns(
        event=pl.when(happened)
        .then(pl.lit(value=True))
        .when(pl.col("days_known") >= HORIZON_DAYS)
        .then(pl.lit(value=False))
    )


def _seen(rows: pl.DataFrame, as_of: dt.datetime, timezone: str) -> pl.DataFrame:
    day = _day(pl.col("as_of"), timezone)
    return rows.filter(pl.col("as_of") <= as_of).with_columns(
        day=day, days_known=(_day(pl.lit(as_of), timezone) - day).dt.total_days()
    )


def _day(moment: pl.Expr, timezone: str) -> pl.Expr:
    return moment.dt.convert_time_zone(timezone).dt.date()
