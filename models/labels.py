"""Labels of snapshots, as far as they were known at a point in time.

A customer churns within the horizon of a snapshot ``s`` if the churn date lies in ``(s, s + 90 days]``, counted in days
of the company's time zone. At ``T`` that is known once 90 days have passed, or once the churn date was entered, which
may be late. Everything later than ``T`` is ignored. Snapshots before a customer's start or after the churn date are
left out.
"""

import datetime as dt

import polars as pl

HORIZON_DAYS = 90


def churn_labels(rows: pl.DataFrame, *, as_of: dt.datetime, timezone: str) -> pl.DataFrame:
    """Return the rows that are usable as of a time, labelled with churn.

    Args:
        rows: snapshots with ``as_of``, ``started_on`` and ``churned_on``; ``churn_seen_at`` is the time at which the
            churn date became known; if it is null or absent, the date counts as known on its day.
        as_of: the point in time; later snapshots are left out.
        timezone: the time zone of days.

    Returns:
        The rows with four more columns: ``day`` is the local day of the snapshot, ``days_known`` the number of known
        days after it, ``days_to_event`` the days until the churn date, and ``days_to_sight`` the days until that date
        became known. The last two are null without a known churn date.
    """
    today, churned_on = _day(pl.lit(as_of), timezone), pl.col("churned_on")
    seen_on = _seen_on(rows, timezone)
    known = (churned_on <= today) & (seen_on <= today)
    since = pl.col("day")
    return (
        _seen(rows, as_of, timezone)
        .with_columns(
            days_to_event=pl.when(known).then((churned_on - since).dt.total_days()),
            days_to_sight=pl.when(known).then((seen_on - since).dt.total_days()),
        )
        .filter(pl.col("started_on").is_null() | (pl.col("started_on") <= since))
        .filter(pl.col("days_to_event").is_null() | (pl.col("days_to_event") > 0))
    )


def silence_labels(rows: pl.DataFrame, *, as_of: dt.datetime, timezone: str) -> pl.DataFrame:
    """Return the rows that are usable as of a time, labelled with silence, with the columns of ``churn_labels``.

    The rows need ``silent``, null while unknown, and ``churned``. Accounts that churned within the 90 days after a
    snapshot are left out, because churn explains their silence. Silence is an event of the horizon's last day.
    """
    happened = pl.when(pl.col("silent")).then(pl.lit(HORIZON_DAYS, dtype=pl.Int64))
    return (
        _seen(rows, as_of, timezone)
        .filter(~pl.col("churned"))
        # The last local day may have begun before its last hours are over.
        .with_columns(
            days_known=pl.when(pl.col("silent").is_null())
            .then(pl.col("days_known").clip(upper_bound=HORIZON_DAYS - 1))
            .otherwise("days_known")
        )
        .with_columns(days_to_event=happened, days_to_sight=happened)
    )


def _seen_on(rows: pl.DataFrame, timezone: str) -> pl.Expr:
    """Return the day on which a churn date became known, at the earliest the churn date."""
    churned_on = pl.col("churned_on")
    if "churn_seen_at" not in rows.columns:
        return churned_on
    return pl.max_horizontal(churned_on, _day(pl.col("churn_seen_at"), timezone))


def known_labels(labelled: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with ``event``: true if it happened within the horizon, null while unknown."""
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
