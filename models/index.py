"""Index of a model: the sum of one part per input, which also explains the prediction.

Each input adds its slope times its distance from a centre. The log odds of a model are its intercept plus the index.
"""

import dataclasses
from typing import TypeAlias

import numpy as np
import polars as pl

from models.sample import Floats


@dataclasses.dataclass(frozen=True, kw_only=True)
class Term:
    """Part of one input in the index."""

    name: str
    centre: float
    """Replacement for an unknown value, which adds 0."""
    slope: float
    low: float = -np.inf
    """Lower limit of values."""
    high: float = np.inf
    """Upper limit of values."""

    def adds(self, values: Floats) -> Floats:
        """Return the part of each value in the index."""
        filled = np.where(np.isfinite(values), values, self.centre)
        return np.asarray(self.slope * (np.clip(filled, self.low, self.high) - self.centre))


Index: TypeAlias = tuple[Term, ...]


def index_contributions(index: Index, inputs: Floats) -> Floats:
    """Return the part of each input (a column) in the index of each row; each row sums to the index."""
    added = np.zeros((len(inputs), len(index)))
    for place, term in enumerate(index):
        added[:, place] = term.adds(inputs[:, place])
    return added


def matrix(index: Index, frame: pl.DataFrame) -> Floats:
    """Return the inputs of an index as columns, in its order; nan where unknown."""
    names = [term.name for term in index]
    return frame.select(pl.col(names).cast(pl.Float64).fill_null(np.nan)).to_numpy()


def value(index: Index, inputs: Floats) -> Floats:
    """Return the index of each row, summed in the order of inputs, so that equal rows have equal values."""
    total = np.zeros(len(inputs))
    for place, term in enumerate(index):
        total += term.adds(inputs[:, place])
    return total
