"""What a model says of the accounts of a day, as risk needs it."""

import dataclasses

import polars as pl

from models.feature import Feature


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Predicted:
    """A model's answers about the scored accounts."""

    source: str
    """The model's id."""
    rows: pl.DataFrame
    """``account``; ``risk`` within the horizon, ``risk_30`` and ``risk_60`` (null where the model has no such
    intervals); ``alarm``: one stands; ``near``: one would stand if it had opened; ``tenure_days``, ``renewal_days``.
    """
    parts: pl.DataFrame
    """``account`` and what each input adds to the index."""
    drivers: tuple[Feature, ...]
    """The inputs that a sentence can tell of."""
    alarms: bool
    """Whether the model has thresholds at all; without, levels follow the score."""
