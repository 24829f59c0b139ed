"""A model's index: a sum of what each input adds, so that an explanation is the model itself.

A linear model adds a slope times the input's distance from its centre; an additive one adds a step by the interval that
the input lies in. The index ranks; ``calibration`` makes probabilities of it.
"""

import dataclasses
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import polars as pl

from models.sample import Floats


@dataclasses.dataclass(frozen=True, kw_only=True)
class Term:
    """What one input adds to the index."""

    name: str
    centre: float
    """What stands in for an unknown value; a linear term adds nothing there."""
    slope: float = 0.0
    edges: tuple[float, ...] = ()
    """Where the steps change, ascending; a value on an edge belongs to the step above it."""
    steps: tuple[float, ...] = ()
    """One more than there are edges; empty for a linear term."""

    def adds(self, values: Floats) -> Floats:
        """What each value adds."""
        filled = np.where(np.isfinite(values), values, self.centre)
        if not self.steps:
            return np.asarray(self.slope * (filled - self.centre))
        return np.asarray(self.steps)[np.searchsorted(self.edges, filled, side="right")]


Index: TypeAlias = tuple[Term, ...]


def contributions(index: Index, inputs: Floats) -> Floats:
    """What each input (a column) adds to the index of each row; the index is the sum of a row."""
    if not index:
        return np.zeros((len(inputs), 0))
    return np.stack([term.adds(inputs[:, place]) for place, term in enumerate(index)], axis=1)


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


def of_scorecard(names: Sequence[str], coefficients: dict[str, float]) -> Index:
    """The scorecard as an index: its coefficients as slopes, 0 for what it does not know."""
    return tuple(Term(name=name, centre=0.0, slope=coefficients.get(name, 0.0)) for name in names)
