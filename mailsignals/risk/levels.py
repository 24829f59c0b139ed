"""Risk levels, from the chance within 90 days and the number of accounts that a CSM can act on."""

import polars as pl

LEVELS = ("high", "medium", "low")
"""The highest risk first."""


def level(*, high_risk: float, medium_risk: float, accounts_per_csm: int) -> pl.Expr:
    """Return an expression for the level of active accounts.

    High: risk from ``high_risk`` on, among the CSM's riskiest; medium: from ``medium_risk`` on; low: the rest. The
    riskiest of a CSM are at most ``accounts_per_csm``, and at most a tenth of their active accounts, but at least one:
    a calm portfolio has no account at high risk, and no CSM has more than they can look after.

    Reads ``as_of``, ``state``, ``risk``, ``csm`` and ``account``. Only active accounts have a level. Accounts without a
    CSM count as one CSM's; ties go to the account that stands first in the list. Each as-of time has its own levels.
    """
    active = pl.col("state") == "active"
    risk = pl.when(active).then(pl.col("risk")).fill_null(-1.0)
    place = pl.struct(-risk, "account").rank("ordinal").over("as_of", "csm")
    tenth = active.sum().over("as_of", "csm") // 10
    room = pl.min_horizontal(pl.lit(accounts_per_csm), pl.max_horizontal(pl.lit(1), tenth))
    return (
        pl.when(~active | pl.col("risk").is_null())
        .then(None)
        .when((pl.col("risk") >= high_risk) & (place <= room))
        .then(pl.lit("high"))
        .when(pl.col("risk") >= medium_risk)
        .then(pl.lit("medium"))
        .otherwise(pl.lit("low"))
    )
