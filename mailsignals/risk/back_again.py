"""The chance that a silent account writes again, from the company's own silences."""

import datetime as dt

import polars as pl

from mailsignals.risk.silences import HORIZON, account_snapshots, local_day
from models.back_again import SilenceBand, chance_to_return, silence_bands
from models.labels import HORIZON_DAYS
from models.pace import paces, wrote


def learn_back_again(
    days: pl.DataFrame, left: pl.DataFrame, *, as_of: dt.datetime, timezone: str
) -> tuple[SilenceBand, ...] | None:
    """Return the chance that silences of each length end within 90 days; None before any 90 days are over.

    Counted are accounts at the snapshots of ``mailsignals.risk.silences``, until their churn date.

    Args:
        days: ``ACTIVE_DAY_SCHEMA``.
        left: ``account`` and ``churned_on`` of accounts that churned, as known at ``as_of``.
        as_of: nothing later matters.
        timezone: of local days.
    """
    gone = left.drop_nulls("churned_on").group_by("account").agg(pl.col("churned_on").min())
    asked = (
        account_snapshots(days, as_of - HORIZON, timezone)
        .join(gone, on="account", how="left", maintain_order="left")
        .filter(pl.col("churned_on").is_null() | (pl.col("churned_on") > pl.col("day")))
        .drop("churned_on")
    )
    ends_at = pl.col("as_of") + HORIZON
    later = asked.select("account", as_of=ends_at, day=local_day(ends_at, timezone))
    since = paces(days, asked)["days_since"]
    return silence_bands(since.to_numpy(), wrote(days, later).to_numpy())


def back_again_of(found: pl.DataFrame, bands: tuple[SilenceBand, ...] | None) -> pl.Series:
    """Return ``back_again``: of lapsed accounts the chance to write within 90 days; null of all others.

    Args:
        found: the rows of ``mailsignals.risk.quiet.quiet_of``.
        bands: the result of ``learn_back_again``; None makes all null.
    """
    if bands is None:
        return pl.Series("back_again", [None] * found.height, dtype=pl.Float64)
    # Over 90 days may be a day less on the calendar, where clocks were put back.
    silence = found["days_since"].clip(lower_bound=HORIZON_DAYS)
    chances = pl.Series("back_again", chance_to_return(bands, silence.to_numpy()))
    return found.select(pl.when(~pl.col("wrote")).then(chances)).to_series().alias("back_again")
