"""Every signal of every account: what `mailsignals signals` writes of the instant."""

import polars as pl

from mailsignals.readmodel.tables.material import Material
from mailsignals.signals.pipeline import SIGNALS


def signal_rows(material: Material) -> pl.DataFrame:
    """``account_id``, ``as_of``, ``window_days``, then the signals; in the order of the account book."""
    ids = pl.lit(material.book["account_id"]).gather(pl.col("account"))
    return material.signals.sort("account", "window_days").select(
        ids.alias("account_id"), "as_of", "window_days", *(signal.name for signal in SIGNALS)
    )
