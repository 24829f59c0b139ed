"""The chance that an account leaves within 90 days although it still writes, before any departure is known.

The scorecard says how an account changed against its own past. Until churn dates show what such a change means, it
moves the odds of an assumed share that leaves: ``logit(leaving) = logit(base) + 0.7 * score / 0.40``.
"""

import math

import polars as pl

SLOPE = 0.7
"""What one standard deviation of the scorecard adds to the log odds, until churn dates say otherwise."""
SPREAD = 0.40
"""A standard deviation of the scorecard. It is fixed, so that a day on which nobody changed much is a calm day."""
QUARTERS = 4


def base_log_odds(churn_a_year: float) -> float:
    """Return the log odds of leaving within a quarter, if a share of the accounts (0 to 1) leaves in a year."""
    share = churn_a_year / QUARTERS
    return math.log(share) - math.log1p(-share)


def untrained_log_odds(score: pl.Expr, churn_a_year: float) -> pl.Expr:
    """Return the log odds of leaving of accounts by their scorecard; null for null."""
    return base_log_odds(churn_a_year) + SLOPE / SPREAD * score


def untrained_terms(parts: pl.DataFrame) -> pl.DataFrame:
    """Return what each feature adds to the log odds of leaving.

    Args:
        parts: what each feature adds to the scorecard, one column per feature, beside ``account`` and ``as_of``.

    Returns:
        The same rows and columns in log odds, which add up to ``0.7 * score / 0.40``.
    """
    return parts.with_columns(pl.all().exclude("account", "as_of") * (SLOPE / SPREAD))
