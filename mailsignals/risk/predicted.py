"""The predictions of a trained model for the accounts of a day, as risk needs them."""

import dataclasses

import polars as pl

from models.feature import Feature


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Predicted:
    """A model's predictions for the accounts that have enough data."""

    source: str
    """The model's id."""
    sets_order: bool
    """True if its chance of churn is the risk; else it is one of the two causes."""
    parts: pl.DataFrame
    """``account`` and the log odds of churn that each input adds, one column per input."""
    intercept: float
    """The log odds of churn without any part; the chance follows from this plus the sum of the parts."""
    facts: pl.DataFrame
    """``account`` and the columns that sentences of ``drivers`` need beyond the outlook."""
    drivers: tuple[Feature, ...]
    """The inputs that a sentence can explain."""
