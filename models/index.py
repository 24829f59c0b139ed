"""A model's index: a sum of what each input adds, so that an explanation is the model itself.

Each input adds a slope times its distance from a centre, so that the log odds of a model are its intercept plus a sum
of as many terms as there are inputs.
"""

import dataclasses
from typing import TypeAlias

import numpy as np
import polars as pl

from models.sample import Floats


@dataclasses.dataclass(frozen=True, kw_only=True)
class Term:
    """The part of one input in the index."""

    name: str
    centre: float
    """What stands in for an unknown value, which adds nothing."""
    slope: float
    low: float = -np.inf
    """Values under this count as this."""
    high: float = np.inf
    """Values over this count as this."""

    def adds(self, values: Floats) -> Floats:
        """Return what each value adds to the index."""
        filled = np.where(np.isfinite(values), values, self.centre)
        return np.asarray(self.slope * (np.clip(filled, self.low, self.high) - self.centre))


Index: TypeAlias = tuple[Term, ...]


def index_contributions(index: Index, inputs: Floats) -> Floats:
    """Return what each input (a column) adds to the index of each row; a row sums to the index."""
    added = np.zeros((len(inputs), len(index)))
    for place, term in enumerate(index):
        added[:, place] = term.adds(inputs[:, place])
    return added


def matrix(index: Index, frame: pl.DataFrame) -> Floats:
    """The inputs of an index as columns, in its order; nan where one is unknown."""
    names = [term.name for term in index]
    return frame.select(pl.col(names).cast(pl.Float64).fill_null(np.nan)).to_numpy()


def value(index: Index, inputs: Floats) -> Floats:
    """The index of each row, added up one input after the other, so that equals stay equal."""
    total = np.zeros(len(inputs))
    for place, term in enumerate(index):
        total += term.adds(inputs[:, place])
    return total
