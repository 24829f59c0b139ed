"""Simple rules that a model has to beat besides chance: days since the last mail, and a graded rule."""

import polars as pl

from models.feature import days_since, drift, expected_events, reply_share

DAYS_SINCE_LAST_MAIL = "days since last mail"
GRADED_RULE = "graded rule"


def controls() -> list[pl.Expr]:
    """Columns over the history, higher is riskier; who never wrote, or has no past to compare with, stands lowest."""
    return [
        days_since("last_inbound_at").fill_null(0.0).alias(DAYS_SINCE_LAST_MAIL),
        _graded_rule().alias(GRADED_RULE),
    ]


def _graded_rule() -> pl.Expr:
    """The rules people know, each as a share of its threshold, up to twice it, added up.

    Inbound 40 % under usual, 30 days without a mail of ours, replies three times as slow as usual, and 25 points fewer
    check-ins answered than usual.
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
