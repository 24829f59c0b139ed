"""From an index to probabilities within 30, 60 and 90 days: a discrete-time hazard with one slope.

In each interval the chance to leave, for whoever is still there, is ``expit(intercept + slope * index)``. This is
Platt's calibration with an intercept for each interval; the slope is never below 0, because on few labels it would
otherwise turn a ranking round. Rows whose horizon is not complete count in the intervals that are known.
"""

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np

from models.labels import HORIZON_DAYS
from models.sample import Floats, Sample

CHURN_INTERVALS = (30, 60, 90)
WHOLE_HORIZON = (HORIZON_DAYS,)
SLOPE_PRIOR = 0.5
"""Strength of a pull of the slope, in standard deviations of the index, towards 0: as much as half a squared unit."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Calibration:
    """A map from an index to probabilities: a discrete-time hazard with one slope."""

    slope: float
    intercepts: tuple[float, ...]
    days: tuple[int, ...]
    """Where the intervals end; the last is the horizon."""

    def probabilities(self, index: Floats) -> Floats:
        """A column for each of ``days``: the probability that it happens by then. They never fall."""
        stays = np.ones(len(index))
        found = []
        for intercept in self.intercepts:
            stays = stays * (1 - _expit(intercept + self.slope * index))
            found.append(1 - stays)
        return np.stack(found, axis=1)

    def within_horizon(self, index: Floats) -> Floats:
        """The probability that it happens within the horizon."""
        return np.asarray(self.probabilities(index)[:, -1])


def calibrate(index: Floats, sample: Sample, days: Sequence[int]) -> Calibration:
    """Fit the slope and the intercepts to what happened, by maximum likelihood.

    Args:
        index: of rows whose accounts the model behind it has not seen.
        sample: the same rows.
        days: where the intervals end.
    """
    from scipy.optimize import minimize  # noqa: PLC0415  # a quarter of a second that only training should pay

    centre, spread = float(index.mean()), float(index.std()) or 1.0
    scaled = (index - centre) / spread
    exposed = [
        _exposed(scaled, sample, since=since, until=until) for since, until in itertools.pairwise((0, *days))
    ]

    def loss(parameters: Floats) -> tuple[float, Floats]:
        slope, *intercepts = parameters
        total, gradient = SLOPE_PRIOR * slope**2, np.zeros(len(parameters))
        gradient[0] = 2 * SLOPE_PRIOR * slope
        for place, ((at, happened), intercept) in enumerate(zip(exposed, intercepts, strict=True)):
            logit = intercept + slope * at
            total += float(np.sum(np.logaddexp(0, logit) - happened * logit))
            residual = _expit(logit) - happened
            gradient[0] += float(residual @ at)
            gradient[place + 1] = float(residual.sum())
        return total, gradient

    starts = [_log_odds(happened) for _, happened in exposed]
    bounds = [(0.0, 5.0), *((-15.0, 15.0) for _ in exposed)]
    found = minimize(loss, np.array([0.5, *starts]), jac=True, bounds=bounds, method="L-BFGS-B").x
    slope = float(found[0]) / spread
    return Calibration(
        slope=slope, intercepts=tuple(float(one) - slope * centre for one in found[1:]), days=tuple(days)
    )


def _expit(values: Floats) -> Floats:
    """The probability that belongs to each logarithm of odds."""
    from scipy.special import expit  # noqa: PLC0415  # half a second that only who asks a model should pay

    return np.asarray(expit(values))


def _exposed(index: Floats, sample: Sample, *, since: int, until: int) -> tuple[Floats, Floats]:
    """The index of the rows still there at the start of an interval whose end of it is known, and who left in it."""
    happened = (sample.days_to_event > since) & (sample.days_to_event <= until)
    stayed = (sample.days_to_event > until) & (sample.days_known >= until)
    # As with ``mature``: who left early in an interval counts only if those who stayed could be seen to stay.
    seen = (happened & (sample.days_known >= until)) | stayed
    return index[seen], happened[seen].astype(np.float64)


def _log_odds(happened: Floats) -> float:
    """Of a share, one event and one other added."""
    share = (happened.sum() + 1) / (len(happened) + 2)
    return float(np.log(share / (1 - share)))
