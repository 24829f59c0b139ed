"""Levels follow what a CSM can act on, not a fixed score."""

import polars as pl

LEVELS = ("high", "medium", "low")


def alarm_level(*, accounts_per_csm: int) -> pl.Expr:
    """With a model. High: of the accounts with an alarm, each CSM's riskiest few; medium: the others, and who is near.

    Reads ``risk`` (null: no level), ``alarm``, ``near``, ``csm`` and ``account``.
    """
    # Who cannot be judged has no alarm, and takes nobody's place.
    alarm = pl.col("alarm").fill_null(value=False)
    place = pl.struct(~alarm, -pl.col("risk").fill_null(-1.0), "account").rank("ordinal").over("csm")
    return (
        pl.when(pl.col("risk").is_null())
        .then(None)
        .when(pl.col("alarm") & (place <= accounts_per_csm))
        .then(pl.lit("high"))
        .when(pl.col("alarm") | pl.col("near"))
        .then(pl.lit("medium"))
        .otherwise(pl.lit("low"))
    )


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
