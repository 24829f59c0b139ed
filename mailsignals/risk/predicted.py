"""What a trained model says of the accounts of a day, as risk needs it."""

import dataclasses

import polars as pl

from models.feature import Feature


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Predicted:
    """A model's answers about the accounts that it can judge."""

    source: str
    """The model's id."""
    sets_order: bool
    """Whether its chance of leaving is the risk; else it is one of the two causes."""
    parts: pl.DataFrame
    """``account`` and what each input adds to the log odds of leaving, one column per input."""
    intercept: float
    """The log odds of leaving are this and the sum of the parts."""
    facts: pl.DataFrame
    """``account`` and the columns that sentences of ``drivers`` read beyond the outlook."""
    drivers: tuple[Feature, ...]
    """The inputs that a sentence can tell of."""
