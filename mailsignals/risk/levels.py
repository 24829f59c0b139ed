"""Levels follow what a CSM can act on, not a fixed score."""

import polars as pl

LEVELS = ("high", "medium", "low")


def level(*, high_score: float, accounts_per_csm: int) -> pl.Expr:
    """High: of the accounts from ``high_score`` on, each CSM's riskiest few; medium: the others; low: the rest.

    Reads ``score`` (null: no level), ``raw_score``, ``csm`` and ``account``. Accounts without a CSM count as one
    CSM's; ties go to the account that stands first in the book.
    """
    risky = pl.col("score") >= high_score
    place = pl.struct(-pl.col("raw_score").fill_null(float("-inf")), "account").rank("ordinal").over("csm")
    return (
        pl.when(pl.col("score").is_null())
        .then(None)
        .when(risky & (place <= accounts_per_csm))
        .then(pl.lit("high"))
        .when(risky)
        .then(pl.lit("medium"))
        .otherwise(pl.lit("low"))
    )
