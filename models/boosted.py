"""Gradient boosting whose every input can only push one way, read off as step functions.

Inputs are cut at quantiles first and boosted by their interval. Without interactions the fitted model is a table of
steps for each input, read off by moving one input at a time; with pairs, each path of a tree looks at two inputs at
most, and ``pairs`` reads off a table for two inputs at a time. Iterations are chosen on a later time than the model is
fitted to, because the library's own choice splits rows at random and stops far too late.
"""

import dataclasses
from typing import Protocol

import numpy as np

from models.index import Index, Pair, Term, value
from models.inputs import BY_NAME
from models.interactions import PairTables, pair_tables, settled_pairs, steps_of
from models.labels import HORIZON_DAYS
from models.linear import middle
from models.sample import Flags, Floats, Ints, Sample

INTERVALS = 24
MOST_ITERATIONS = 300
PATIENCE = 20
LATER_SHARE = 0.25
"""The last part of the rows, by time, on which iterations are chosen."""
FALLBACK_ITERATIONS = 60
"""Where the history is too short to hold a later time with events of its own."""


class Boosted(Protocol):
    """The part of scikit-learn's model that is used here."""

    n_iter_: int

    def fit(self, X: Floats, y: Flags, **later: Floats | Flags) -> "Boosted":  # noqa: N803  # its names
        """Fit the model to inputs and events, and return it."""

    def decision_function(self, X: Floats) -> Floats:  # noqa: N803  # its name
        """The logit of each row."""


def fit_boosted(sample: Sample, *, pairs: bool = False) -> tuple[Index, Floats]:
    """The index, and what models that had not seen a row's account say of the row.

    Args:
        sample: mature rows.
        pairs: whether two inputs may mean something together.
    """
    edges = [_edges(column) for column in sample.inputs.T]
    centre = middle(sample.inputs)
    codes = _codes(sample.inputs, edges, centre)
    event = sample.event
    # A tier may matter either way; everything else points in the direction of risk.
    shape = _Shape(directions=[int(name in BY_NAME) for name in sample.names], pairs=pairs)
    iterations = _iterations(codes, event, sample.day, shape)
    unseen = np.zeros(len(sample))
    for number in np.unique(sample.fold):
        held = sample.fold == number
        unseen[held] = _logit(_boosted(codes[~held], event[~held], iterations, shape), codes[held])
    model = _boosted(codes, event, iterations, shape)
    index = _index(sample.names, centre, edges, _tables(model, codes, edges, shape))
    # The library's base rate is in its logit and not in the steps.
    return index, unseen + float(np.mean(value(index, sample.inputs) - _logit(model, codes)))


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Shape:
    """What a fit may look like."""

    directions: list[int]
    """1: only upwards; 0: either way."""
    pairs: bool


def _index(names: tuple[str, ...], centre: Floats, edges: list[Floats], tables: PairTables) -> Index:
    return tuple(
        Term(
            name=name,
            centre=float(centre[place]),
            edges=tuple(map(float, edges[place])),
            steps=tuple(map(float, tables.steps[place])),
            pairs=tuple(
                Pair(other=names[other], table=tuple(tuple(map(float, row)) for row in table))
                for (first, other), table in tables.pairs.items()
                if first == place
            ),
        )
        for place, name in enumerate(names)
    )


def _edges(column: Floats) -> Floats:
    """Where intervals of about equally many rows meet."""
    known = column[np.isfinite(column)]
    if not len(known):
        return np.zeros(0)
    cuts = np.unique(np.quantile(known, np.linspace(0, 1, INTERVALS + 1)[1:-1]))
    return np.asarray(cuts[cuts > known.min()])


def _codes(inputs: Floats, edges: list[Floats], centre: Floats) -> Floats:
    filled = np.where(np.isfinite(inputs), inputs, centre)
    columns = [np.searchsorted(cuts, filled[:, place], side="right") for place, cuts in enumerate(edges)]
    return np.stack(columns, axis=1).astype(np.float64)


def _iterations(codes: Floats, event: Flags, day: Ints, shape: _Shape) -> int:
    """How many trees do best on the last part of the time, with a gap of the horizon before it."""
    begins = np.quantile(day, 1 - LATER_SHARE)
    early, late = day < begins - HORIZON_DAYS, day >= begins
    if not (event[early].any() and event[late].any() and (~event[early]).any()):
        return FALLBACK_ITERATIONS
    model = _boosted(codes[early], event[early], MOST_ITERATIONS, shape, later=(codes[late], event[late]))
    return max(1, int(model.n_iter_) - PATIENCE) if model.n_iter_ < MOST_ITERATIONS else MOST_ITERATIONS


def _boosted(
    codes: Floats,
    event: Flags,
    iterations: int,
    shape: _Shape,
    *,
    later: tuple[Floats, Flags] | None = None,
) -> Boosted:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415  # only training should pay for it

    model: Boosted = HistGradientBoostingClassifier(
        interaction_cst="pairwise" if shape.pairs else "no_interactions",
        monotonic_cst=shape.directions,
        max_iter=iterations,
        learning_rate=0.05,
        max_leaf_nodes=8 if shape.pairs else 4,
        min_samples_leaf=max(20, len(event) // 200),
        l2_regularization=10.0,
        early_stopping=later is not None,
        n_iter_no_change=PATIENCE,
        random_state=0,
    )
    if later is None:
        return model.fit(codes, event)
    return model.fit(codes, event, X_val=later[0], y_val=later[1])


def _logit(model: Boosted, codes: Floats) -> Floats:
    return np.asarray(model.decision_function(codes), dtype=np.float64)


def _tables(model: Boosted, codes: Floats, edges: list[Floats], shape: _Shape) -> PairTables:
    """What each interval adds, and each two together: exact, because no path of a tree looks at more inputs."""
    counts = [len(cuts) + 1 for cuts in edges]

    def logit(moved: Floats) -> Floats:
        return _logit(model, moved)

    shares = [
        np.bincount(codes[:, place].astype(np.int64), minlength=count) / len(codes)
        for place, count in enumerate(counts)
    ]
    steps = [steps_of(logit, place, counts) for place in range(len(counts))]
    return settled_pairs(steps, pair_tables(logit, counts) if shape.pairs else {}, shares)
