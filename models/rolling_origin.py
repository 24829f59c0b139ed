"""History once more: models as they would have been fitted then, asked about accounts they had not seen.

At each origin, models are fitted to what was known on that day, once for each fold of accounts without that fold, and
asked about the fold's snapshots until the next origin. So every answer is out of time (a snapshot becomes known the
horizon after it, which is the gap) and out of account. How wide the prior is follows from the answers of before alone
(prequentially: Dawid 1984, J. Royal Statistical Society A 147, 278-292).
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from models.sample import FOLDS, Flags, Floats, Ints, Sample
from models.train import WIDE_FROM, WIDTHS, Candidate, Recipe, thinned
from models.trained_leaving import WIDTH

GAIN = 1.0
"""A wider prior is taken from this paired t over accounts on."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Answers:
    """The answers of each candidate for the test's snapshots."""

    rows: Flags
    """Of the sample."""
    probabilities: Mapping[str, Floats]
    """By candidate, for those rows."""
    origins: Sequence[int]
    """The days on which models were fitted."""
    churners: Sequence[int]
    """How many departures were known on each."""
    widths: Sequence[float]
    """How wide the prior was on each, by the answers of before."""
    width: float
    """How wide it should be now, by all answers that can be checked."""


def walk(
    sample: Sample, recipe: Recipe, *, origins: Sequence[int], candidates: Sequence[Candidate]
) -> Answers:
    """Replay history from the first origin on.

    Args:
        sample: all snapshots, with what is known of them today.
        recipe: how to fit.
        origins: days, in order.
        candidates: what to fit.
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
                # The facts of the contract are tried at the width that mail alone has earned.
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
    """The answers by width about the snapshots up to a day."""
    return {width: said[candidate, width][sample.day <= day] for width in WIDTHS}


def best_width(known: Sample, said: Mapping[float, Floats]) -> float:
    """The width to fit with: the usual one, unless a wider one would have done better.

    Args:
        known: the snapshots asked about, as they are known on the day of the choice.
        said: by width, the chance of each of them; nan where it was not asked.
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
    """The loss of each account, summed over its rows."""
    _, place = np.unique(account, return_inverse=True)
    return np.asarray(np.bincount(place, weights=loss), dtype=np.float64)


def _loss(said: Floats, event: Flags) -> Floats:
    return np.asarray(-np.log(np.where(event, said, 1 - said)))


def _t(gain: Floats) -> float:
    """The mean of paired gains over its standard error."""
    error = float(gain.std(ddof=1)) / np.sqrt(len(gain)) if len(gain) > 1 else 0.0
    return float(gain.mean()) / error if error > 0 else 0.0


def origins_of(sample: Sample, *, every: int, least_churners: int) -> list[int]:
    """Days at which to fit, ``every`` so many days back from the last mature snapshot, while there is enough to know.

    An origin knows ``least_churners`` accounts with the event at least; empty if there is none.
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
