"""Risk: the probability of at least one of two independent causes, going quiet or churn.

This is the "noisy or" of Pearl (1988, section 4.3.2).

``risk = 1 - (1 - quiet) * (1 - leaving)``, so that ``-ln(1 - risk) = -ln(1 - quiet) - ln(1 - leaving)``: the causes
add up. If all customers write daily, quiet is near 0 and the chance of churn decides the order. If they write monthly,
quiet decides it.
"""

import polars as pl

CAUSES = ("quiet", "leaving")

WITH_QUIET = "quiet+"
"""Prefix of the source of risk with both causes; the rest names the source of the chance of churn."""
UNTRAINED = f"{WITH_QUIET}scorecard"
"""Source of risk without a model in use."""


def probability(log_odds: pl.Expr) -> pl.Expr:
    """Return the probability (0 to 1) of log odds; null for null."""
    return 1 / (1 + (-log_odds).exp())


def burden(log_odds: pl.Expr) -> pl.Expr:
    """Return ``-ln(1 - p)`` of the probability of log odds, which adds up over causes; null for null."""
    # This is ln(1 + e^x), written so that it can't overflow.
    return pl.max_horizontal(log_odds, 0.0) + (-log_odds.abs()).exp().log1p()


def combined(burdens: pl.Expr) -> pl.Expr:
    """Return the probability (0 to 1) that at least one cause happens, from the sum of their burdens."""
    return 1 - (-burdens).exp()
