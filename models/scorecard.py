"""Scorecard, a measure of risk without training: signed features, averaged by block and weighted.

Each feature is taken relative to the day's median over all accounts, so that holidays and outages have no effect. It is
then winsorised and standardised. Missing values count as the median.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from models.feature import Feature
from models.features import FEATURES

WINSORISE = 0.025
"""Share of accounts at either end whose feature is limited to the nearest value inside."""

ROUNDING = 1e-9
"""Difference of a feature up to which accounts count as equal."""


def contributions(history: pl.DataFrame, weights: Mapping[str, float]) -> pl.DataFrame:
    """Return the part of each feature in the raw score of each account; the parts sum to it exactly.

    Args:
        history: one row per account and ``as_of``; all rows of a day are standardised together.
        weights: the weights of the blocks; a block of weight 0 is left out.

    Returns:
        ``account``, ``as_of`` and one column per feature, in standard deviations of risk, averaged within blocks and
        weighted between them.
    """
    factors = coefficients(weights)
    # Rounded, because the last digit of a logarithm may depend on the row's position, and equal rows must stay equal.
    return standardised(history).with_columns(
        (pl.col(name) * factor).round(12) for name, factor in factors.items()
    )


def standardised(history: pl.DataFrame, features: Sequence[Feature] = FEATURES) -> pl.DataFrame:
    """Return ``account``, ``as_of`` and the features in the direction of risk, in the day's standard deviations.

    Each is taken relative to the day's median, winsorised and standardised; missing values count as the median.
    """
    names = pl.col([feature.name for feature in features])
    return (
        history.select("account", "as_of", *(_finite(f.expr * f.sign).alias(f.name) for f in features))
        .with_columns((names - names.median()).over("as_of").fill_null(0.0))
        .with_columns(_winsorised(names).over("as_of"))
        .with_columns(_standardised(names).over("as_of"))
    )


def coefficients(weights: Mapping[str, float]) -> dict[str, float]:
    """Return the amount that one standard deviation of each feature adds to the raw score, by feature name.

    It is the weight of the feature's block, shared within the block.
    """
    total = sum(weights.values())
    blocks = [feature.block for feature in FEATURES]
    return {
        f.name: weights.get(f.block, 0.0) / total / blocks.count(f.block) if total else 0.0 for f in FEATURES
    }


def _finite(value: pl.Expr) -> pl.Expr:
    return pl.when(value.is_finite()).then(value)


def _winsorised(value: pl.Expr) -> pl.Expr:
    return value.clip(value.quantile(WINSORISE, "lower"), value.quantile(1 - WINSORISE, "higher"))


def _standardised(value: pl.Expr) -> pl.Expr:
    spread = value.std(ddof=0)
    return pl.when(spread > ROUNDING).then((value - value.mean()) / spread).otherwise(0.0)
