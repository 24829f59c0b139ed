"""Logistic regression with a normal prior on each coefficient, by maximum a posteriori.

The loss is convex, has a minimum because of the prior, and is minimised by Newton's method. Sums use ``einsum``: a
matrix product starts a second thread, which costs more than it saves and adds in another order.
"""

import numpy as np

from models.sample import Flags, Floats

_MOST_STEPS = 50
_ENOUGH = 1e-9
"""Relative gain below which a step is the last; the next gain would be about its square."""
_ROUNDING = 1e-12


def most_probable(
    columns: Floats,
    event: Flags,
    weight: Floats,
    *,
    mean: Floats,
    deviation: Floats,
    start: Floats | None = None,
) -> Floats:
    """Return the most probable coefficients for the observed events.

    Args:
        columns: inputs by rows; an intercept is a column of ones.
        event: true for each row with the event.
        weight: the weight of each row.
        mean: the mean of the prior of each coefficient.
        deviation: the standard deviation of that prior, above 0.
        start: initial coefficients, such as those of a similar fit; they affect the number of steps only.
    """
    happened = event.astype(np.float64)

    def at(place: Floats) -> tuple[float, Floats]:
        """Return the loss and the chances."""
        logit = np.einsum("i,ij->j", place, columns)
        small = np.exp(-np.abs(logit))
        loss = np.einsum("j,j->", weight, np.maximum(logit, 0) + np.log1p(small) - happened * logit)
        return float(loss + 0.5 * np.sum(((place - mean) / deviation) ** 2)), _logistic(logit, small)

    place = (mean if start is None else start).astype(np.float64)
    loss, expected = at(place)
    for _ in range(_MOST_STEPS):
        gradient = (
            np.einsum("ij,j->i", columns, weight * (expected - happened)) + (place - mean) / deviation**2
        )
        weighted = columns * (weight * expected * (1 - expected))
        curvature = np.einsum("ik,jk->ij", weighted, columns) + np.diag(deviation**-2)
        step = np.linalg.solve(curvature, gradient)
        # A full step overshoots only far from the minimum, where a part of it still reduces the loss.
        share, (tried, chances) = 1.0, at(place - step)
        while tried > loss + _ROUNDING * abs(loss) and share > 1e-6:
            share /= 2
            tried, chances = at(place - share * step)
        place, loss, expected = place - share * step, tried, chances
        if gradient @ step < _ENOUGH:
            break
    return place


def logistic(logit: Floats) -> Floats:
    """Return the probability (0 to 1) of log odds of any size, without overflow."""
    return _logistic(logit, np.exp(-np.abs(logit)))


def _logistic(logit: Floats, small: Floats) -> Floats:
    """Return the logistic function from e^-|logit|, which cannot overflow."""
    return np.asarray(np.where(logit >= 0, 1.0, small) / (1 + small))
