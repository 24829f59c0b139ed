"""What every account scored on each day, as it was recorded then."""

import datetime as dt

import polars as pl

from mailsignals.readmodel.tables.material import Material

HISTORY_DAYS = 730
"""How far back: two years."""


def history(material: Material) -> pl.DataFrame:
    """``SCORES_SCHEMA`` of the accounts of the book, by account and day, without whose flag is held back."""
    own, first = material.book.select("account_id"), material.today - dt.timedelta(days=HISTORY_DAYS)
    return (
        material.recorded.drop("held_back")
        .filter(pl.col("scored_on") >= first, pl.col("scored_at") <= material.as_of)
        .join(own, on="account_id", how="semi")
        .sort("account_id", "scored_on")
    )
