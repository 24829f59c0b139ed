"""Simple rules that a model has to beat: days since the last email, and a graded rule."""

import polars as pl

from models.feature import days_since, drift, expected_events, reply_share

DAYS_SINCE_LAST_MAIL = "days since last mail"
GRADED_RULE = "graded rule"


def controls() -> list[pl.Expr]:
    """Return columns over the history: higher is riskier, lowest without mail or without a past to compare with."""
    return [
        days_since("last_inbound_at").fill_null(0.0).alias(DAYS_SINCE_LAST_MAIL),
        _graded_rule().alias(GRADED_RULE),
    ]


def _graded_rule() -> pl.Expr:
    """Return the sum of common rules, each as a multiple of its threshold, at most 2.

    The thresholds are 40% fewer inbound emails than usual, 30 days without an email from the team, replies three times
    slower than usual, and a check-in reply rate 25 percentage points below the usual one.
    """
    drop = (1 - pl.col("inbound_90") / expected_events("inbound", 90)) / 0.4
    silence = days_since("last_outbound_at") / 30
    slower = drift("customer_log_hours", "customer_replies", 90).exp() / 3
    fewer = (reply_share("past") - reply_share("90")) / 0.25
    graded = [
        pl.when(part.is_finite()).then(part).fill_null(0.0).clip(0.0, 2.0)
        for part in (drop, silence, slower, fewer)
    ]
    return pl.sum_horizontal(graded)
