"""A model's index: a sum of what each input adds, so that an explanation is the model itself.

A linear model adds a slope times the input's distance from its centre; an additive one adds a step by the interval that
the input lies in; a pairwise one adds to that, by the intervals of two inputs, what they mean together, half of it to
each, which is their Shapley value. The index ranks; ``calibration`` makes probabilities of it.
"""

import dataclasses
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import polars as pl

from models.sample import Floats, Ints


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pair:
    """The joint part of two inputs: what they add to the index beyond what each adds alone."""

    other: str
    """The name of the second input."""
    table: tuple[tuple[float, ...], ...]
    """A row for each step of the first, a column for each of the second; 0 on average over either."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Term:
    """The part of one input in the index."""

    name: str
    centre: float
    """What stands in for an unknown value; a linear term adds nothing there."""
    slope: float = 0.0
    edges: tuple[float, ...] = ()
    """Where the steps change, ascending; a value on an edge belongs to the step above it."""
    steps: tuple[float, ...] = ()
    """One more than there are edges; empty for a linear term."""
    pairs: tuple[Pair, ...] = ()
    """With inputs of later terms."""

    def adds(self, values: Floats) -> Floats:
        """Return what each value adds to the index alone, without pairs."""
        if self.steps:
            return np.asarray(self.steps)[self.interval(values)]
        return np.asarray(self.slope * (self._filled(values) - self.centre))

    def interval(self, values: Floats) -> Ints:
        """The number of the step of each value."""
        return np.searchsorted(self.edges, self._filled(values), side="right")

    def _filled(self, values: Floats) -> Floats:
        return np.where(np.isfinite(values), values, self.centre)


Index: TypeAlias = tuple[Term, ...]


def index_contributions(index: Index, inputs: Floats) -> Floats:
    """Return what each input (a column) adds to the index of each row; a row sums to the index."""
    added = np.zeros((len(inputs), len(index)))
    place = {term.name: number for number, term in enumerate(index)}
    for term in index:
        here = place[term.name]
        added[:, here] += term.adds(inputs[:, here])
        for pair in term.pairs:
            there = place[pair.other]
            intervals = term.interval(inputs[:, here]), index[there].interval(inputs[:, there])
            half = np.asarray(pair.table)[intervals] / 2
            added[:, here] += half
            added[:, there] += half
    return added


def matrix(index: Index, frame: pl.DataFrame) -> Floats:
    """The inputs of an index as columns, in its order; nan where one is unknown."""
    names = [term.name for term in index]
    return frame.select(pl.col(names).cast(pl.Float64).fill_null(np.nan)).to_numpy()


def value(index: Index, inputs: Floats) -> Floats:
    """The index of each row, added up one input after the other, so that equals stay equal."""
    total = np.zeros(len(inputs))
    for part in index_contributions(index, inputs).T:
        total += part
    return total


def of_scorecard(names: Sequence[str], coefficients: dict[str, float]) -> Index:
    """The scorecard as an index: its coefficients as slopes, 0 for what it does not know."""
    return tuple(Term(name=name, centre=0.0, slope=coefficients.get(name, 0.0)) for name in names)
