"""A logistic model that is shrunk towards the scorecard rather than towards knowing nothing.

The standardised score, times 10, is one more column: by it the model can have the scorecard for a hundredth of the
penalty. How strongly to shrink is chosen by cross-validation over accounts, with the one-standard-error rule: the
strongest shrinkage whose loss, summed by account, exceeds the best by no more than a standard error of the difference.
"""

from collections.abc import Mapping

import numpy as np

from models.index import Index, Term, value
from models.sample import Flags, Floats, Ints, Sample

ANCHOR = 10.0
STRENGTHS = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
"""Values of scikit-learn's ``C``, the strongest shrinkage first."""


class Design:
    """The standardised inputs of a sample, with the anchor, and what is needed to go back from it."""

    def __init__(self, sample: Sample) -> None:
        self.centre = middle(sample.inputs)
        filled = np.where(np.isfinite(sample.inputs), sample.inputs, self.centre)
        self.spread = np.where(filled.std(axis=0) > 1e-9, filled.std(axis=0), 1.0)
        self.score_spread = float(sample.score.std()) or 1.0
        anchor = ANCHOR * (sample.score - sample.score.mean()) / self.score_spread
        self.columns = np.column_stack([(filled - self.centre) / self.spread, anchor])

    def index(self, weights: Floats, sample: Sample, scorecard: Mapping[str, float]) -> Index:
        """The fitted weights as slopes of the inputs; that of the anchor is spread over the scorecard's features."""
        anchor = weights[-1] * ANCHOR / self.score_spread
        return tuple(
            Term(
                name=name,
                centre=float(self.centre[place]),
                slope=float(weights[place] / self.spread[place] + anchor * scorecard.get(name, 0.0)),
            )
            for place, name in enumerate(sample.names)
        )


def middle(inputs: Floats) -> Floats:
    """The median of each column, 0 where nothing is known of it."""
    return np.array([np.median(known) if len(known := one[np.isfinite(one)]) else 0.0 for one in inputs.T])


def fit_linear(
    sample: Sample, scorecard: Mapping[str, float], *, one_standard_error: bool = True
) -> tuple[Index, Floats]:
    """The index, and what models that had not seen a row's account say of the row.

    Args:
        sample: mature rows.
        scorecard: what a standard deviation of each feature adds to the score.
        one_standard_error: whether the strongest shrinkage within a standard error of the best is taken; else the best.
    """
    design = Design(sample)
    event = sample.event
    logits, standard = {}, {}
    for strength in STRENGTHS:
        logits[strength], standard[strength] = _out_of_fold(design.columns, event, sample.fold, strength)
    losses = {strength: by_account(sample.account, _loss(logit, event)) for strength, logit in logits.items()}
    chosen = choose(losses, one_standard_error=one_standard_error)
    weights = _weights(design.columns, event, chosen)[:-1]
    index = design.index(weights, sample, scorecard)
    fitted = value(index, sample.inputs)
    return index, fitted.mean() + fitted.std() * standard[chosen]


def choose(losses: Mapping[float, Floats], *, one_standard_error: bool = True) -> float:
    """The strength of the least loss, or the strongest shrinkage whose mean lies within a standard error of it."""
    means = {strength: float(loss.mean()) for strength, loss in losses.items()}
    best = min(means, key=lambda strength: means[strength])
    if not one_standard_error:
        return best
    return min(strength for strength in losses if _no_worse(losses[strength] - losses[best]))


def _no_worse(excess: Floats) -> bool:
    """Whether the mean excess is within its own standard error: paired, since both judge the same accounts."""
    error = float(excess.std(ddof=1)) / np.sqrt(len(excess)) if len(excess) > 1 else 0.0
    return float(excess.mean()) <= error


def by_account(account: Ints, loss: Floats) -> Floats:
    """The loss of each account, summed over its rows."""
    _, place = np.unique(account, return_inverse=True)
    return np.asarray(np.bincount(place, weights=loss), dtype=np.float64)


def _out_of_fold(columns: Floats, event: Flags, fold: Ints, strength: float) -> tuple[Floats, Floats]:
    """The logit of models without the row's fold, and the same in standard deviations of what they were fitted to.

    Under strong shrinkage the spread of an index grows with the rows behind it, so that of a part of the rows would
    be too narrow to calibrate the index of all.
    """
    logit, standard = np.zeros(len(event)), np.zeros(len(event))
    for number in np.unique(fold):
        held = fold == number
        *weights, intercept = _weights(columns[~held], event[~held], strength)
        weighed = columns @ np.array(weights)
        logit[held] = weighed[held] + intercept
        standard[held] = (weighed[held] - weighed[~held].mean()) / (float(weighed[~held].std()) or 1.0)
    return logit, standard


def _weights(columns: Floats, event: Flags, strength: float) -> Floats:
    """The weights of the columns and, last, the intercept, which is not shrunk."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  # a second that only training should pay

    if event.all() or not event.any():
        return np.append(np.zeros(columns.shape[1]), np.log((event.sum() + 0.5) / ((~event).sum() + 0.5)))
    fitted = LogisticRegression(C=strength, solver="newton-cholesky").fit(columns, event)
    return np.append(fitted.coef_[0], fitted.intercept_[0])


def _loss(logit: Floats, event: Flags) -> Floats:
    return np.asarray(np.logaddexp(0, logit) - event * logit)
