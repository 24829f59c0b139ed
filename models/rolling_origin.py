"""Rolling-origin evaluation: models fitted as of past dates, tested on later snapshots of other accounts.

At each origin, models are fitted to the data known on that day, once for each fold of accounts without that fold. They
predict the fold's snapshots until the next origin. So every prediction is out of time and out of account; the gap in
time is the horizon, after which a snapshot becomes known. The width of the prior depends on earlier predictions only
(prequentially: Dawid 1984, J. Royal Statistical Society A 147, 278-292).
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from models.sample import FOLDS, Flags, Floats, Ints, Sample
from models.train import WIDE_FROM, WIDTHS, Candidate, Recipe, thinned
from models.trained_leaving import WIDTH

GAIN = 1.0
"""Paired t statistic over accounts from which a wider prior is used."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Answers:
    """Predictions of each candidate for the test's snapshots."""

    rows: Flags
    """True for the rows of the sample that are in the test."""
    probabilities: Mapping[str, Floats]
    """Probabilities of those rows, by candidate."""
    origins: Sequence[int]
    """Days on which models were fitted."""
    churners: Sequence[int]
    """Number of churned accounts that were known on each origin."""
    widths: Sequence[float]
    """Width of the prior on each origin, from earlier predictions."""
    width: float
    """Width of the prior for a new model, from all predictions with known outcomes."""


def walk(
    sample: Sample, recipe: Recipe, *, origins: Sequence[int], candidates: Sequence[Candidate]
) -> Answers:
    """Return the predictions of a replay of history from the first origin on.

    Args:
        sample: all snapshots, with the events known today.
        recipe: the settings of fits.
        origins: days, in order.
        candidates: the models to fit.
    """
    tried = [(one, width) for one in candidates for width in WIDTHS]
    said = {key: np.full(len(sample), np.nan) for key in tried}
    answers = {one.name: np.zeros(len(sample)) for one in candidates}
    starts: dict[tuple[Candidate, float, int], Floats] = {}
    churners, widths = [], []
    for origin, until in zip(origins, [*origins[1:], np.iinfo(np.int64).max], strict=True):
        known = sample.known_on(origin)
        known = known.take(known.mature)
        churners.append(known.churners())
        learnt = thinned(known)
        width = best_width(sample.known_on(origin), _before(said, candidates[0], sample, origin))
        widths.append(width)
        open_widths = WIDTHS if churners[-1] >= WIDE_FROM else (WIDTH,)
        for fold in range(FOLDS):
            rows = (sample.day > origin) & (sample.day <= until) & (sample.fold == fold)
            if not rows.any():
                continue
            others, those = learnt.take(learnt.fold != fold), sample.take(rows)
            for one in candidates:
                # Facts of the contract use the width that was best for mail alone.
                for here in open_widths if one == candidates[0] else (width,):
                    key = one, here, fold
                    fitted, starts[key] = recipe.fit_from(one, others, width=here, start=starts.get(key))
                    said[one, here][rows] = fitted.probabilities(those)
                answers[one.name][rows] = said[one, width if width in open_widths else WIDTH][rows]
    asked = sample.day > origins[0]
    return Answers(
        rows=asked,
        probabilities={name: values[asked] for name, values in answers.items()},
        origins=origins,
        churners=churners,
        widths=widths,
        width=best_width(sample, {width: said[candidates[0], width] for width in WIDTHS}),
    )


def _before(
    said: Mapping[tuple[Candidate, float], Floats], candidate: Candidate, sample: Sample, day: int
) -> dict[float, Floats]:
    """Return the predictions by width for the snapshots up to a day."""
    return {width: said[candidate, width][sample.day <= day] for width in WIDTHS}


def best_width(known: Sample, said: Mapping[float, Floats]) -> float:
    """Return the width for fits: the usual one, unless a wider one was significantly better.

    Args:
        known: the predicted snapshots, as known on the day of the choice.
        said: the chance of each snapshot by width; nan without a prediction.
    """
    checked = known.mature & np.logical_and.reduce([np.isfinite(values) for values in said.values()])
    rows, best = known.take(checked), WIDTH
    if not rows.event.any():
        return best
    losses = {width: _loss(values[checked], rows.event) for width, values in said.items()}
    for width in WIDTHS[1:]:
        if _t(by_account(rows.account, losses[best] - losses[width])) > GAIN:
            best = width
    return best


def by_account(account: Ints, loss: Floats) -> Floats:
    """Return the loss of each account, summed over its rows."""
    _, place = np.unique(account, return_inverse=True)
    return np.asarray(np.bincount(place, weights=loss), dtype=np.float64)


def _loss(said: Floats, event: Flags) -> Floats:
    return np.asarray(-np.log(np.where(event, said, 1 - said)))


def _t(gain: Floats) -> float:
    """Return the mean of paired gains over its standard error."""
    error = float(gain.std(ddof=1)) / np.sqrt(len(gain)) if len(gain) > 1 else 0.0
    return float(gain.mean()) / error if error > 0 else 0.0


def origins_of(sample: Sample, *, every: int, least_churners: int) -> list[int]:
    """Return the days at which to fit: every ``every`` days back from the last mature snapshot.

    On each, at least ``least_churners`` accounts with the event are known. The list may be empty.
    """
    mature = sample.day[sample.mature]
    if not len(mature):
        return []
    last, first = int(mature.max()), int(sample.day.min())
    days = reversed(range(last - every, first, -every))
    return [day for day in days if _churners(sample, day) >= least_churners]


def _churners(sample: Sample, day: int) -> int:
    known = sample.known_on(day)
    return known.take(known.mature).churners()
