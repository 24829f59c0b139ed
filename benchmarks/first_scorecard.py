"""The first version of the scorecard, for comparison: 19 features, and levels by percentile.

It compared each account only with its own past, and gave the riskiest fifth of a day a high level.
"""

from collections.abc import Mapping

import polars as pl

from models.feature import Feature
from models.features import FEATURES
from models.scorecard import standardised

HIGH_SCORE, ACCOUNTS_PER_CSM = 80.0, 5
LEAST_TOUCHES, WIDEST_GAP = 5, 0.5
"""Condition for a score: the least number of touches in 180 days, and the largest visibility gap of 90 days."""

_DROPPED = (
    Feature(
        name="unanswered_checkin",
        signal="unanswered_checkin_days",
        block="response",
        sign=1,
        expr=pl.col("unanswered_checkin_days").fill_null(0).log1p(),
        value=pl.col("unanswered_checkin_days"),
        text="A check-in has been unanswered for {value:day}.",
    ),
    Feature(
        name="followups",
        signal="followups",
        block="response",
        sign=1,
        expr=pl.col("followups_60").log1p(),
        value=pl.col("followups_60"),
        text="We followed up {value:time} in the last 60 days without a reply.",
    ),
)
FIRST_FEATURES = (*FEATURES, *_DROPPED)
"""Features of today's scorecard, and the two that were removed because they point in the wrong direction."""


def first_scores(history: pl.DataFrame, weights: Mapping[str, float]) -> pl.DataFrame:
    """Return ``account``, ``as_of``, ``raw_score`` and ``score``, the percentile of the day.

    Args:
        history: the result of ``mailsignals.signals.history`` for the scored accounts.
        weights: the weights of the scorecard's blocks.
    """
    blocks = [feature.block for feature in FIRST_FEATURES]
    total = sum(weights.values())
    parts = standardised(history, FIRST_FEATURES)
    raw = pl.lit(0.0)
    for feature in FIRST_FEATURES:
        share = weights.get(feature.block, 0.0) / total / blocks.count(feature.block)
        raw += (pl.col(feature.name) * share).round(12)
    rank = (pl.col("raw_score").rank("average") - 1) / pl.len()
    return parts.select("account", "as_of", raw_score=raw).with_columns(score=(100 * rank).over("as_of"))


def first_level() -> pl.Expr:
    """Return the level: high for the riskiest five accounts per CSM with a score of at least 80, else medium or low.

    Medium are the other accounts with such a score. It reads ``as_of``, ``csm``, ``score``, ``raw_score`` and
    ``account``.
    """
    risky = pl.col("score") >= HIGH_SCORE
    place = pl.struct(-pl.col("raw_score"), "account").rank("ordinal").over("as_of", "csm")
    return (
        pl.when(risky & (place <= ACCOUNTS_PER_CSM))
        .then(pl.lit("high"))
        .when(risky)
        .then(pl.lit("medium"))
        .when(pl.col("score").is_not_null())
        .then(pl.lit("low"))
    )
