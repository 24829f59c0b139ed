"""The state of an account: only active ones have a risk level, and unknown is never a low risk."""

import datetime as dt

import polars as pl

STATES = (
    "active",
    "seldom_writes",
    "new",
    "lapsed",
    "never_heard",
    "not_enough_sight",
    "churned",
    "not_started",
)
"""All states in the order of lists; only an active account has a level."""
JUDGED = ("active", "seldom_writes", "new")
"""The states of accounts that wrote within 90 days with enough visible mail."""
LAPSED_DAYS = 90
SELDOM = 0.5
"""The chance of 90 silent days at an account's usual pace, from which it rarely writes and silence shows nothing."""


def state(as_of: dt.datetime | pl.Expr, *, timezone: str, max_visibility_gap: float) -> pl.Expr:
    """Return an expression for the first state that applies, in the order of the code below.

    Reads ``churned_on``, ``started_on`` (days of the company's time zone), ``first_inbound_at``, ``last_inbound_at``,
    ``visibility_gap_90`` and ``usual_quiet`` (the chance of silence at the account's usual pace; null counts as 0).
    """
    moment = as_of if isinstance(as_of, pl.Expr) else pl.lit(as_of)
    today = moment.dt.convert_time_zone(timezone).dt.date()
    long_ago = moment - pl.duration(days=LAPSED_DAYS)
    return (
        pl.when(pl.col("churned_on") <= today)
        .then(pl.lit("churned"))
        .when(pl.col("started_on") > today)
        .then(pl.lit("not_started"))
        .when(pl.col("last_inbound_at").is_null())
        .then(pl.lit("never_heard"))
        .when(pl.col("last_inbound_at") < long_ago)
        .then(pl.lit("lapsed"))
        .when(pl.col("visibility_gap_90").fill_null(0.0) > max_visibility_gap)
        .then(pl.lit("not_enough_sight"))
        .when(pl.col("first_inbound_at") > long_ago)
        .then(pl.lit("new"))
        .when(pl.col("usual_quiet").fill_null(0.0) >= SELDOM)
        .then(pl.lit("seldom_writes"))
        .otherwise(pl.lit("active"))
    )


def comparable(min_touches: int) -> pl.Expr:
    """Return an expression: true for accounts that have a past of their own and enough touches in 180 days.

    Reads ``state`` and ``touches_180``.
    """
    has_past = pl.col("state").is_in(("active", "seldom_writes"))
    return has_past & (pl.col("touches_180").fill_null(0) >= min_touches)
