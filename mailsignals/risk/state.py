"""Whether an account can be judged at all: unknown is a state of its own, never a low risk."""

import datetime as dt

import polars as pl

STATES = ("scored", "not_enough_sight", "churned", "not_started")


def state(
    as_of: dt.datetime | pl.Expr, *, timezone: str, min_touches: int, max_visibility_gap: float
) -> pl.Expr:
    """The first that applies: churned, not started, not enough sight, scored.

    Reads ``churned_on``, ``started_on`` (days of the company's time zone), ``visibility_gap_90``, ``touches_180``.
    """
    moment = as_of if isinstance(as_of, pl.Expr) else pl.lit(as_of)
    today = moment.dt.convert_time_zone(timezone).dt.date()
    unseen = pl.col("visibility_gap_90").fill_null(0.0) > max_visibility_gap
    return (
        pl.when(pl.col("churned_on") <= today)
        .then(pl.lit("churned"))
        .when(pl.col("started_on") > today)
        .then(pl.lit("not_started"))
        .when(unseen | (pl.col("touches_180").fill_null(0) < min_touches))
        .then(pl.lit("not_enough_sight"))
        .otherwise(pl.lit("scored"))
    )
