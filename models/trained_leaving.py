"""The chance to leave, learnt from customers who left: a logistic with its prior at the scorecard.

Maximum a posteriori (Gelman, Jakulin, Pittau and Su 2008, Annals of Applied Statistics 2, 1360-1383, with normal
priors instead of Cauchy ones). Each slope has a prior: that of an input of the scorecard is centred at what the
scorecard gives it, at ``SHARE`` of its spread; the others are centred at 0. So few customers who left move it little,
and many move it far. The intercept has no prior. Weeks of one account say nearly the same, so that all the rows of a
quarter weigh as much as one. Everything is deterministic, and nothing is searched for.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from models.index import Index, Term
from models.posterior import most_probable
from models.sample import Floats, Sample

SHARE = 0.6
"""Log odds by one standard deviation of the scorecard, before anything is learnt."""
WIDTH = 0.10
"""Standard deviation of the prior of a slope; wider ones are tried from ``models.train.WIDE_FROM`` churners."""
CONTRACT_WIDTH = 0.30
RENEWAL_NEAR = 0.10
"""Log odds by one standard deviation of a renewal that is near, before anything is learnt."""
CLIP = 4.0
"""In standard deviations."""
FREE = 1e3
"""Standard deviation of the prior of the intercept: it keeps a sample without any event from running away, no more."""
QUARTER_DAYS = 91.0
STANDARD = 1.0
"""The spread of an input that is standardised within the day already."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class InputPrior:
    """The prior of one input's slope, by standard deviation of the input."""

    name: str
    mean: float
    width: float
    within_day: bool
    """Whether the input is standardised already, against the accounts of its day; else it is on the rows."""


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
        scorecard: what a standard deviation of each feature adds to the scorecard.
        score_spread: the standard deviation of the scorecard on the rows.
        names: the inputs.
        mail: those that come from mail and are standardised within the day; the scorecard's are among them.
        width: the standard deviation of the prior of what is no fact of the contract.
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
"""The log odds of no mail within 90 days by the account's pace, and ln(1 + days since its last mail)."""


def fit_leaving(
    sample: Sample, priors: Sequence[InputPrior], *, start: Floats | None = None
) -> tuple[float, Index, Floats]:
    """Return the intercept, the index, and the weights to start a similar fit from.

    Args:
        sample: rows whose label is known, with the inputs of the priors in their order.
        priors: of each input.
        start: the weights of a similar fit; they cost or save steps, and change nothing else.
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
    """The weight of a row: one over the number of snapshots in a quarter, at most 1."""
    days = np.unique(sample.day)
    apart = float(np.median(np.diff(days))) if len(days) > 1 else QUARTER_DAYS
    return min(1.0, apart / QUARTER_DAYS)


def _scales(inputs: Floats, priors: Sequence[InputPrior]) -> tuple[Floats, Floats]:
    """The middle and the spread of each input: 0 and 1 for what is standardised within the day."""
    centre, spread = np.zeros(len(priors)), np.full(len(priors), STANDARD)
    for place, one in enumerate(priors):
        known = inputs[np.isfinite(inputs[:, place]), place]
        if one.within_day or not len(known):
            continue
        centre[place] = known.mean()
        spread[place] = known.std() if known.std() > 1e-9 else STANDARD
    return centre, spread


def _standardised(inputs: Floats, centre: Floats, spread: Floats) -> Floats:
    """A row of ones, then each input in standard deviations; the unknown is the middle."""
    columns = np.empty((inputs.shape[1] + 1, len(inputs)))
    columns[0] = 1.0
    np.subtract(inputs.T, centre[:, None], out=columns[1:])
    columns[1:] /= spread[:, None]
    np.nan_to_num(columns, copy=False, nan=0.0, posinf=CLIP, neginf=-CLIP)
    return np.clip(columns, -CLIP, CLIP, out=columns)
