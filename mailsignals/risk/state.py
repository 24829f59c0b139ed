"""Whether the risk of an account can be judged: unknown is a state of its own, never a low risk."""

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
"""In the order in which accounts are listed; only an active account has a level."""
JUDGED = ("active", "seldom_writes", "new")
"""They wrote within 90 days, and enough of their mail is in sight."""
LAPSED_DAYS = 90
SELDOM = 0.5
"""An account whose usual pace makes silence for 90 days this likely writes too seldom for silence to tell anything."""


def state(as_of: dt.datetime | pl.Expr, *, timezone: str, max_visibility_gap: float) -> pl.Expr:
    """The first that applies: churned, not started, never heard, lapsed, not enough sight, new, seldom writes, active.

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
