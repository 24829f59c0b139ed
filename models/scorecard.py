"""Risk without labels: signed features, averaged by block, weighted; no parameter is learnt.

Each feature is taken relative to the day's median over all accounts, so that a holiday or an outage moves nobody,
then winsorised and standardised. What is missing counts as the median.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from models.feature import Feature
from models.features import FEATURES

WINSORISE = 0.025
"""The share of accounts at either end whose feature is pulled in to the last one inside."""

ROUNDING = 1e-9
"""Accounts that differ by no more than this in a feature do not differ."""


def contributions(history: pl.DataFrame, weights: Mapping[str, float]) -> pl.DataFrame:
    """Return what each feature adds to the raw score of each account; they sum to it exactly.

    Args:
        history: one row an account and ``as_of``; the portfolio of a day is all its rows.
        weights: of the blocks; a block of weight 0 is left out.

    Returns:
        ``account``, ``as_of`` and a column a feature, in standard deviations of risk, averaged within blocks and
        weighted between them.
    """
    factors = coefficients(weights)
    # Rounded, because the last digit of a logarithm may depend on the row that it stands in: equals must stay level.
    return standardised(history).with_columns(
        (pl.col(name) * factor).round(12) for name, factor in factors.items()
    )


def standardised(history: pl.DataFrame, features: Sequence[Feature] = FEATURES) -> pl.DataFrame:
    """``account``, ``as_of`` and the features in the direction of risk, in standard deviations of the day's accounts.

    Each is taken relative to the day's median, winsorised and standardised; what is missing counts as the median.
    """
    names = pl.col([feature.name for feature in features])
    return (
        history.select("account", "as_of", *(_finite(f.expr * f.sign).alias(f.name) for f in features))
        .with_columns((names - names.median()).over("as_of").fill_null(0.0))
        .with_columns(_winsorised(names).over("as_of"))
        .with_columns(_standardised(names).over("as_of"))
    )


def coefficients(weights: Mapping[str, float]) -> dict[str, float]:
    """Return what a standard deviation of each feature adds to the raw score, by feature name.

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
