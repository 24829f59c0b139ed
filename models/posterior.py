"""The most probable coefficients of a logistic regression whose coefficients have a normal prior each.

Maximum a posteriori by Newton's method: the loss is convex, and the prior keeps it from having no minimum. Sums are
``einsum``'s: a matrix product would wake a second thread, which costs more than it helps and adds in another order.
"""

import numpy as np

from models.sample import Flags, Floats

_MOST_STEPS = 50
_ENOUGH = 1e-9
"""A step that promises less than this of the loss was the last: the next one would be its square."""
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
    """Return the coefficients that are most probable after what happened.

    Args:
        columns: inputs by rows; an intercept is a column of ones.
        event: of each row.
        weight: of each row.
        mean: of the prior of each coefficient.
        deviation: the standard deviation of that prior, over 0.
        start: coefficients that are near, such as those of a similar fit; they save steps, and change nothing else.
    """
    happened = event.astype(np.float64)

    def at(place: Floats) -> tuple[float, Floats]:
        """The loss and the chances."""
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
        # A whole step overshoots only far from the end, and some part of it helps.
        share, (tried, chances) = 1.0, at(place - step)
        while tried > loss + _ROUNDING * abs(loss) and share > 1e-6:
            share /= 2
            tried, chances = at(place - share * step)
        place, loss, expected = place - share * step, tried, chances
        if gradient @ step < _ENOUGH:
            break
    return place


def logistic(logit: Floats) -> Floats:
    """Return the probability that belongs to log odds, however large they are."""
    return _logistic(logit, np.exp(-np.abs(logit)))


def _logistic(logit: Floats, small: Floats) -> Floats:
    """The logistic function, with e^-|logit| given: nothing overflows."""
    return np.asarray(np.where(logit >= 0, 1.0, small) / (1 + small))
