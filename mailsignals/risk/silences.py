"""Every account at every fourth Monday: its pace of writing, and whether it went silent after.

Snapshots lie on Mondays, midnight UTC, at the same times whatever the as-of time. A row depends on nothing later than
its snapshot, and whether it fell silent on nothing later than the 90 days after it.
"""

import datetime as dt

import numpy as np
import polars as pl

from mailsignals.schema import INSTANT
from models.labels import HORIZON_DAYS
from models.pace import Prior, fit_prior, log_odds, paces, wrote
from models.sample import Floats

MONTH = dt.timedelta(weeks=4)
HORIZON = dt.timedelta(days=HORIZON_DAYS)
_MONDAY = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)


def snapshot_instants(first: dt.datetime, last: dt.datetime) -> list[dt.datetime]:
    """Return every fourth Monday at midnight UTC between two times, both included."""
    start = -((_MONDAY - first) // MONTH)
    return [_MONDAY + number * MONTH for number in range(start, (last - _MONDAY) // MONTH + 1)]


def quiet_history(
    days: pl.DataFrame, left: pl.DataFrame, *, as_of: dt.datetime, timezone: str
) -> pl.DataFrame:
    """Return one row per snapshot and account that wrote within the 90 days before it, with the data of that time.

    Args:
        days: ``ACTIVE_DAY_SCHEMA``.
        left: ``account`` and ``churned_on`` of accounts that churned, as known at ``as_of``.
        as_of: nothing later matters.
        timezone: of local days.

    Returns:
        One row a snapshot and account, in this order: ``account``, ``as_of`` (of the snapshot), the columns of
        ``models.pace.paces``, ``log_odds`` with the snapshot's own prior (``r`` and ``a``), ``churned`` (before the 90
        days after the snapshot were over), and ``silent``, whether nothing came in these 90 days; null
        while they are not over.
    """
    asked = account_snapshots(days, as_of, timezone)
    rows = paces(days, asked).filter("wrote").sort("as_of", "account")
    rows = with_own_priors(rows)
    ends_at = pl.col("as_of") + HORIZON
    later = rows.select("account", as_of=ends_at, day=local_day(ends_at, timezone))
    gone = left.drop_nulls("churned_on").group_by("account").agg(pl.col("churned_on").min())
    return (
        rows.with_columns((~wrote(days, later)).alias("silent"), later["day"].alias("ends_on"))
        .with_columns(silent=pl.when(ends_at <= as_of).then("silent"))
        .join(gone, on="account", how="left", maintain_order="left")
        .with_columns(churned=(pl.col("churned_on") <= pl.col("ends_on")).fill_null(value=False))
        .drop("churned_on", "ends_on")
    )


def known_then(history: pl.DataFrame, as_of: dt.datetime) -> pl.DataFrame:
    """Return the rows of ``quiet_history`` with an outcome that was known at a date and time."""
    return history.filter(pl.col("as_of") + HORIZON <= as_of, ~pl.col("churned"))


def prior_of(days: pl.DataFrame, *, as_of: dt.datetime, timezone: str) -> Prior:
    """Return the prior of a day, from all accounts that wrote within the 90 days before."""
    lately = paces_at(days, as_of, timezone).filter("wrote")
    return fit_prior(floats(lately, "active"), floats(lately, "exposure"))


def paces_at(days: pl.DataFrame, as_of: dt.datetime, timezone: str) -> pl.DataFrame:
    """Return the paces of all accounts that wrote by a date and time."""
    moment = pl.lit(as_of).cast(INSTANT)
    asked = days.select(pl.col("account").unique(maintain_order=True)).with_columns(
        as_of=moment, day=local_day(moment, timezone)
    )
    return paces(days, asked).filter(pl.col("first_day").is_not_null())


def account_snapshots(days: pl.DataFrame, as_of: dt.datetime, timezone: str) -> pl.DataFrame:
    """Return each account at each snapshot since its first email: ``account``, ``as_of``, ``day``."""
    lately = days.filter(pl.col("first_at") <= as_of)
    period = int(MONTH / dt.timedelta(microseconds=1))
    since_start = (pl.col("first_at").min() - _MONDAY).dt.total_microseconds()
    last = (as_of - _MONDAY) // MONTH
    return (
        lately.group_by("account", maintain_order=True)
        .agg(number=-(-since_start // period))
        .with_columns(number=pl.int_ranges("number", last + 1))
        .explode("number")
        .drop_nulls("number")
        .with_columns(as_of=(pl.lit(_MONDAY) + pl.duration(days=28 * pl.col("number"))).cast(INSTANT))
        .select("account", "as_of", day=local_day(pl.col("as_of"), timezone))
    )


def with_own_priors(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows of ``paces`` with ``log_odds`` under each snapshot's own prior, which is added as ``r`` and ``a``.

    Args:
        rows: of all accounts that wrote within the 90 days before each ``as_of``, sorted by ``as_of``.
    """
    if rows.is_empty():
        empty = pl.lit(None, dtype=pl.Float64)
        return rows.with_columns(r=empty, a=empty, log_odds=empty)
    active, exposure = floats(rows, "active"), floats(rows, "exposure")
    at = rows["as_of"].to_physical().to_numpy()
    begin = np.flatnonzero(np.append(True, np.diff(at) != 0))
    ends = np.append(begin[1:], len(at))
    odds = np.empty(len(at))
    r, a = np.empty(len(at)), np.empty(len(at))
    for one, end in zip(begin, ends, strict=True):
        prior = fit_prior(active[one:end], exposure[one:end])
        r[one:end], a[one:end] = prior.r, prior.a
        odds[one:end] = log_odds(active[one:end], exposure[one:end], prior)
    return rows.with_columns(pl.Series("r", r), pl.Series("a", a), pl.Series("log_odds", odds))


def local_day(moment: pl.Expr, timezone: str) -> pl.Expr:
    """Return the local day of a date and time."""
    return moment.dt.convert_time_zone(timezone).dt.date()


def floats(rows: pl.DataFrame, name: str) -> Floats:
    """Return a column as an array of floating-point numbers."""
    return rows[name].cast(pl.Float64).to_numpy().astype(np.float64)
