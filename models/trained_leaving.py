"""Chance of churn, trained on churn dates: a logistic regression with its prior at the scorecard.

Maximum a posteriori (Gelman, Jakulin, Pittau and Su 2008, Annals of Applied Statistics 2, 1360-1383, with normal
priors instead of Cauchy ones). The prior of an input of the scorecard is centred at its part of the scorecard, at
``SHARE`` per standard deviation of the score; the others are centred at 0. So few churned customers change the
scorecard little, and many change it much. The intercept has an almost flat prior. Weeks of one account are similar,
so all its rows of a quarter weigh as much as one. Fits are deterministic and search no hyperparameters.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from models.index import Index, Term
from models.posterior import most_probable
from models.sample import Floats, Sample

SHARE = 0.6
"""Log odds per standard deviation of the scorecard before training."""
WIDTH = 0.10
"""Standard deviation of the prior of a slope; wider ones are tried from ``models.train.WIDE_FROM`` churners."""
CONTRACT_WIDTH = 0.30
RENEWAL_NEAR = 0.10
"""Log odds per standard deviation of a near renewal before training."""
CLIP = 4.0
"""Limit of inputs, in standard deviations."""
FREE = 1e3
"""Standard deviation of the intercept's prior, which only keeps fits without events finite."""
QUARTER_DAYS = 91.0
STANDARD = 1.0
"""Spread of an input that is already standardised within the day."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class InputPrior:
    """Prior of one input's slope, per standard deviation of the input."""

    name: str
    mean: float
    width: float
    within_day: bool
    """Whether the input is already standardised within its day; if not, it is standardised over the rows."""


def priors_of(
    scorecard: Mapping[str, float],
    score_spread: float,
    *,
    names: Sequence[str],
    mail: Sequence[str],
    width: float,
) -> tuple[InputPrior, ...]:
    """Return the prior of each input.

    Args:
        scorecard: the amount that one standard deviation of each feature adds to the scorecard.
        score_spread: the standard deviation of the scorecard on the rows.
        names: the inputs.
        mail: those that come from mail and are standardised within the day; the scorecard's are among them.
        width: the standard deviation of the prior of inputs other than facts of the contract.
    """
    quiet = set(QUIET_INPUTS)
    return tuple(
        InputPrior(
            name=name,
            mean=(
                SHARE * scorecard.get(name, 0.0) / score_spread
                if name in mail
                else RENEWAL_NEAR
                if name == "renewal_near"
                else 0.0
            ),
            width=width if name in mail or name in quiet else CONTRACT_WIDTH,
            within_day=name in mail,
        )
        for name in names
    )


QUIET_INPUTS = ("pace", "silence_days")
"""Log odds of 90 days without mail at the account's pace, and ln(1 + days since its last email)."""


def fit_leaving(
    sample: Sample, priors: Sequence[InputPrior], *, start: Floats | None = None
) -> tuple[float, Index, Floats]:
    """Return the intercept, the index, and the weights to start a similar fit from.

    Args:
        sample: rows with known labels, and the inputs in the order of the priors.
        priors: the prior of each input.
        start: the weights of a similar fit; they affect the number of steps only.
    """
    centre, spread = _scales(sample.inputs, priors)
    event = sample.event
    share = (event.sum() + 0.5) / (len(event) + 1.0)
    weights = most_probable(
        _standardised(sample.inputs, centre, spread),
        event,
        np.full(len(event), row_weight(sample)),
        mean=np.array([np.log(share / (1 - share)), *(one.mean for one in priors)]),
        deviation=np.array([FREE, *(one.width for one in priors)]),
        start=start,
    )
    slopes = weights[1:] / spread
    index = tuple(
        Term(
            name=one.name,
            centre=float(centre[place]),
            slope=float(slopes[place]),
            low=float(centre[place] - CLIP * spread[place]),
            high=float(centre[place] + CLIP * spread[place]),
        )
        for place, one in enumerate(priors)
    )
    return float(weights[0]), index, weights


def row_weight(sample: Sample) -> float:
    """Return the weight of a row: one over the number of snapshots in a quarter, at most 1."""
    days = np.unique(sample.day)
    apart = float(np.median(np.diff(days))) if len(days) > 1 else QUARTER_DAYS
    return min(1.0, apart / QUARTER_DAYS)


def _scales(inputs: Floats, priors: Sequence[InputPrior]) -> tuple[Floats, Floats]:
    """Return the centre and the spread of each input: 0 and 1 if it is standardised within the day."""
    centre, spread = np.zeros(len(priors)), np.full(len(priors), STANDARD)
    for place, one in enumerate(priors):
        known = inputs[np.isfinite(inputs[:, place]), place]
        if one.within_day or not len(known):
            continue
        centre[place] = known.mean()
        spread[place] = known.std() if known.std() > 1e-9 else STANDARD
    return centre, spread


def _standardised(inputs: Floats, centre: Floats, spread: Floats) -> Floats:
    """Return a row of ones, then each input in standard deviations; unknown values are at the centre."""
    columns = np.empty((inputs.shape[1] + 1, len(inputs)))
    columns[0] = 1.0
    np.subtract(inputs.T, centre[:, None], out=columns[1:])
    columns[1:] /= spread[:, None]
    np.nan_to_num(columns, copy=False, nan=0.0, posinf=CLIP, neginf=-CLIP)
    return np.clip(columns, -CLIP, CLIP, out=columns)
