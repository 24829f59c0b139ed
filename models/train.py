"""Which models may be tried on how many departures, and how each is fitted to what was known on a day."""

import dataclasses
import enum
from collections.abc import Mapping, Sequence

import numpy as np

from models.boosted import fit_boosted
from models.calibration import Calibration, calibrate
from models.index import Index, of_scorecard, value
from models.linear import fit_linear
from models.sample import Floats, Sample
from models.threads import one_thread

MOST_ROWS = 20_000
"""More than this, and fits look at every second, third, ... week: neighbouring weeks say the same."""
LONGEST_STRIDE = 8


CONTRACT = " with contract"
"""Ends the name of a candidate that also sees facts of the contract."""


class CandidateKind(enum.StrEnum):
    """The kinds of index that a candidate can have, the simplest first."""

    SCORECARD = "scorecard"
    LINEAR = "linear"
    ADDITIVE = "additive"
    PAIRWISE = "pairwise"


FROM_CHURNERS: Mapping[CandidateKind, int] = {
    CandidateKind.SCORECARD: 5,
    CandidateKind.LINEAR: 10,
    CandidateKind.ADDITIVE: 100,
    CandidateKind.PAIRWISE: 400,
}
"""How many accounts must have churned before a kind is fitted at all."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Candidate:
    """One model to try."""

    kind: CandidateKind
    contract: bool = False
    """Whether it also sees facts of the contract."""

    @property
    def name(self) -> str:
        """As reports call it."""
        return f"{self.kind.value}{CONTRACT}" if self.contract else self.kind.value


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fitted:
    """A model: an index and how probabilities follow from it."""

    candidate: Candidate
    index: Index
    calibration: Calibration

    def probabilities(self, sample: Sample) -> Floats:
        """A column for each interval's end."""
        return self.calibration.probabilities(self.values(sample))

    def values(self, sample: Sample) -> Floats:
        """The index of each row."""
        return value(self.index, sample.only(tuple(term.name for term in self.index)).inputs)


def ladder(churners: int, *, contract: bool) -> list[Candidate]:
    """The candidates for so many departures, the simplest first; none if even probabilities would be guesses."""
    kinds = [kind for kind in CandidateKind if churners >= FROM_CHURNERS[kind]]
    both = [Candidate(kind=kind, contract=True) for kind in kinds if kind is not CandidateKind.SCORECARD]
    return [*(Candidate(kind=kind) for kind in kinds), *(both if contract else [])]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
    """The settings that all fits share."""

    scorecard: Mapping[str, float]
    """What a standard deviation of each feature adds to the score."""
    mail: tuple[str, ...]
    """The inputs that come from mail."""
    days: Sequence[int]
    """Ends of the hazard's intervals."""

    def fit(self, candidate: Candidate, known: Sample) -> Fitted:
        """Fit a candidate to a sample as it was known on a day."""
        if candidate.kind is CandidateKind.SCORECARD:
            return self._calibrated_scorecard(candidate, known)
        sample = thinned(known.take(known.mature))
        sample = sample if candidate.contract else sample.only(self.mail)
        with one_thread():
            if candidate.kind is CandidateKind.LINEAR:
                index, unseen = fit_linear(sample, self.scorecard)
            else:
                index, unseen = fit_boosted(sample, pairs=candidate.kind is CandidateKind.PAIRWISE)
        return Fitted(candidate=candidate, index=index, calibration=calibrate(unseen, sample, self.days))

    def _calibrated_scorecard(self, candidate: Candidate, known: Sample) -> Fitted:
        names = tuple(name for name in self.mail if self.scorecard.get(name, 0.0))
        index = of_scorecard(names, dict(self.scorecard))
        return Fitted(
            candidate=candidate,
            index=index,
            calibration=calibrate(value(index, known.only(names).inputs), known, self.days),
        )


def thinned(sample: Sample) -> Sample:
    """The newest snapshot and every second, third or fourth before it, where there would be too many rows."""
    days = np.unique(sample.day)[::-1]
    stride = min(LONGEST_STRIDE, -(-len(sample) // MOST_ROWS)) if len(sample) else 1
    return sample if stride == 1 else sample.take(np.isin(sample.day, days[::stride]))
