"""Untrained chance that an account churns within 90 days although it still writes, for use without churn dates.

The scorecard measures changes of an account against its own past. Until churn dates calibrate these changes, they shift
the odds of an assumed churn rate: ``logit(leaving) = logit(base) + 0.7 * score / 0.40``.
"""

import math

import polars as pl

SLOPE = 0.7
"""Log odds per standard deviation of the scorecard, without training."""
SPREAD = 0.40
"""Standard deviation of the scorecard, fixed so that days with few changes have few accounts at risk."""
QUARTERS = 4


def base_log_odds(churn_a_year: float) -> float:
    """Return the log odds of churn within a quarter for a yearly churn rate (0 to 1)."""
    share = churn_a_year / QUARTERS
    return math.log(share) - math.log1p(-share)


def untrained_log_odds(score: pl.Expr, churn_a_year: float) -> pl.Expr:
    """Return the log odds of churn of accounts by their scorecard; null for null."""
    return base_log_odds(churn_a_year) + SLOPE / SPREAD * score


def untrained_terms(parts: pl.DataFrame) -> pl.DataFrame:
    """Return the part of each feature in the log odds of churn.

    Args:
        parts: the part of each feature in the scorecard, one column per feature, with ``account`` and ``as_of``.

    Returns:
        The same rows and columns in log odds, which sum to ``0.7 * score / 0.40``.
    """
    return parts.with_columns(pl.all().exclude("account", "as_of") * (SLOPE / SPREAD))
