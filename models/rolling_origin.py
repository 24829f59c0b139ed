"""History once more: models as they would have been fitted then, asked about accounts they had not seen.

At each origin, models are fitted to what was known on that day, once for each fold of accounts without that fold, and
asked about the fold's snapshots until the next origin. So every answer is out of time (a snapshot becomes known the
horizon after it, which is the gap) and out of account. Everything chosen on the way is chosen inside the fit.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from models.sample import FOLDS, Flags, Floats, Sample
from models.train import Candidate, CandidateKind, Fitted, Recipe, ladder


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Answers:
    """The answers of each candidate for the test's snapshots: index and probabilities."""

    rows: Flags
    """Of the sample."""
    index: Mapping[str, Floats]
    """By candidate, for those rows."""
    probabilities: Mapping[str, Floats]
    """By candidate: rows by intervals."""
    origins: Sequence[int]
    """The days on which models were fitted."""
    churners: Sequence[int]
    """How many departures were known on each."""


def walk(
    sample: Sample, recipe: Recipe, *, origins: Sequence[int], candidates: Sequence[Candidate]
) -> Answers:
    """Replay history from the first origin on.

    A candidate that an origin knows too few departures for is represented by the most complex one that it can have.
    """
    asked = sample.day > origins[0]
    index = {candidate.name: np.zeros(len(sample)) for candidate in candidates}
    probabilities = {candidate.name: np.zeros((len(sample), len(recipe.days))) for candidate in candidates}
    churners = []
    for origin, until in zip(origins, [*origins[1:], np.iinfo(np.int64).max], strict=True):
        known = sample.known_on(origin)
        count = known.take(known.mature).churners()
        churners.append(count)
        for fold in range(FOLDS):
            rows = (sample.day > origin) & (sample.day <= until) & (sample.fold == fold)
            if not rows.any():
                continue
            answering = _fitted(known.take(known.fold != fold), recipe, candidates, churners=count)
            those = sample.take(rows)
            for candidate in candidates:
                fitted = answering[candidate.name]
                index[candidate.name][rows] = fitted.values(those)
                probabilities[candidate.name][rows] = fitted.probabilities(those)
    return Answers(
        rows=asked,
        index={name: values[asked] for name, values in index.items()},
        probabilities={name: values[asked] for name, values in probabilities.items()},
        origins=origins,
        churners=churners,
    )


def _fitted(
    known: Sample, recipe: Recipe, candidates: Sequence[Candidate], *, churners: int
) -> dict[str, Fitted]:
    possible = {
        one.name: recipe.fit(one, known) for one in ladder(churners, contract=True) if one in candidates
    }
    scorecard = Candidate(kind=CandidateKind.SCORECARD)
    if scorecard.name not in possible:
        possible[scorecard.name] = recipe.fit(scorecard, known)
    found = {}
    for candidate in candidates:
        simpler = [
            kind
            for kind in CandidateKind
            if list(CandidateKind).index(kind) <= list(CandidateKind).index(candidate.kind)
        ]
        names = [Candidate(kind=kind, contract=candidate.contract).name for kind in reversed(simpler)]
        found[candidate.name] = next((possible[n] for n in names if n in possible), possible[scorecard.name])
    return found


def origins_of(sample: Sample, *, every: int, least_churners: int) -> list[int]:
    """Days at which to fit, ``every`` so many days back from the last mature snapshot, while there is enough to know.

    An origin knows ``least_churners`` departures at least; empty if there is none.
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
