"""Additive gradient boosting whose every input can only push one way: step functions that one can read.

Inputs are cut at quantiles first and boosted by their interval, so that the fitted model is a table of steps for each
input, read off by moving one input at a time. Its iterations are chosen on a later time than it is fitted to, because
the library's own choice splits rows at random and stops far too late.
"""

from typing import Protocol

import numpy as np

from models.index import Index, Term, value
from models.inputs import BY_NAME
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
    """What of scikit-learn's model is used."""

    n_iter_: int

    def fit(self, X: Floats, y: Flags, **later: Floats | Flags) -> "Boosted":  # noqa: N803  # its names
        """Boost."""

    def decision_function(self, X: Floats) -> Floats:  # noqa: N803  # its name
        """The logit of each row."""


def fit_additive(sample: Sample) -> tuple[Index, Floats]:
    """The index, and what models that had not seen a row's account say of the row; ``sample`` holds mature rows."""
    edges = [_edges(column) for column in sample.inputs.T]
    centre = middle(sample.inputs)
    codes = _codes(sample.inputs, edges, centre)
    event = sample.event
    # A tier may matter either way; everything else points in the direction of risk.
    directions = [int(name in BY_NAME) for name in sample.names]
    iterations = _iterations(codes, event, sample.day, directions)
    unseen = np.zeros(len(sample))
    for number in np.unique(sample.fold):
        held = sample.fold == number
        unseen[held] = _logit(_boosted(codes[~held], event[~held], iterations, directions), codes[held])
    model = _boosted(codes, event, iterations, directions)
    index = tuple(
        Term(
            name=name,
            centre=float(centre[place]),
            edges=tuple(map(float, edges[place])),
            steps=_steps(model, codes, place, len(edges[place]) + 1),
        )
        for place, name in enumerate(sample.names)
    )
    # The library's base rate is in its logit and not in the steps.
    return index, unseen + float(np.mean(value(index, sample.inputs) - _logit(model, codes)))


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


def _iterations(codes: Floats, event: Flags, day: Ints, directions: list[int]) -> int:
    """How many trees do best on the last part of the time, with a gap of the horizon before it."""
    begins = np.quantile(day, 1 - LATER_SHARE)
    early, late = day < begins - HORIZON_DAYS, day >= begins
    if not (event[early].any() and event[late].any() and (~event[early]).any()):
        return FALLBACK_ITERATIONS
    model = _boosted(
        codes[early], event[early], MOST_ITERATIONS, directions, later=(codes[late], event[late])
    )
    return max(1, int(model.n_iter_) - PATIENCE) if model.n_iter_ < MOST_ITERATIONS else MOST_ITERATIONS


def _boosted(
    codes: Floats,
    event: Flags,
    iterations: int,
    directions: list[int],
    *,
    later: tuple[Floats, Flags] | None = None,
) -> Boosted:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415  # only training should pay for it

    model: Boosted = HistGradientBoostingClassifier(
        interaction_cst="no_interactions",
        monotonic_cst=directions,
        max_iter=iterations,
        learning_rate=0.05,
        max_leaf_nodes=4,
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


def _steps(model: Boosted, codes: Floats, place: int, count: int) -> tuple[float, ...]:
    """What each interval of an input adds, against the average row: exact, because no tree looks at two inputs."""
    moved = np.zeros((count, codes.shape[1]))
    moved[:, place] = np.arange(count)
    logit = _logit(model, moved)
    average = float(np.bincount(codes[:, place].astype(np.int64), minlength=count) @ logit) / len(codes)
    return tuple(float(one - average) for one in logit)
