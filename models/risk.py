"""Risk: at least one of two independent causes happens, going quiet or leaving ("noisy or", Pearl 1988, section 4.3.2).

``risk = 1 - (1 - quiet) * (1 - leaving)``, so that ``-ln(1 - risk) = -ln(1 - quiet) - ln(1 - leaving)``: the causes
add up. Where all customers write daily, quiet is near 0 for everybody and leaving decides the order; where they write
monthly, quiet does.
"""

import polars as pl

CAUSES = ("quiet", "leaving")

WITH_QUIET = "quiet+"
"""Begins the source of risk that has both causes; what follows gave the chance of leaving."""
UNTRAINED = f"{WITH_QUIET}scorecard"
"""The source of risk where no model is in use."""


def probability(log_odds: pl.Expr) -> pl.Expr:
    """Return the probability (0 to 1) of log odds; null for null."""
    return 1 / (1 + (-log_odds).exp())


def burden(log_odds: pl.Expr) -> pl.Expr:
    """Return ``-ln(1 - p)`` of the probability of log odds, which adds up over causes; null for null."""
    # ln(1 + e^x), which would overflow as it stands.
    return pl.max_horizontal(log_odds, 0.0) + (-log_odds.abs()).exp().log1p()


def combined(burdens: pl.Expr) -> pl.Expr:
    """Return the probability (0 to 1) that at least one cause happens, from the sum of their burdens."""
    return 1 - (-burdens).exp()
