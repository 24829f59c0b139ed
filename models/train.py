"""The models that may be tried on so many departures, and how each is fitted to what was known on a day."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from models.index import Index, value
from models.posterior import logistic
from models.sample import Floats, Sample
from models.trained_leaving import QUIET_INPUTS, WIDTH, fit_leaving, priors_of

MOST_ROWS = 60_000
"""More than this, and fits look at every second, third or fourth week: neighbouring weeks say the same."""
LONGEST_STRIDE = 4

FROM_CHURNERS = 5
"""So many accounts must be known to have churned before anything is fitted."""
ORDER_FROM = 20
"""From so many on, a model may set the order of risk, if the replay confirms it."""
WIDE_FROM = 100
"""From so many on, wider priors are tried, and taken if they would have done better."""
WIDTHS = (WIDTH, 0.15, 0.20)

LEAVING = "leaving"
CONTRACT = " with contract"
"""Ends the name of a candidate that also sees facts of the contract."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Candidate:
    """One model to try."""

    contract: bool = False
    """Whether it also sees facts of the contract."""

    @property
    def name(self) -> str:
        """As reports call it."""
        return f"{LEAVING}{CONTRACT}" if self.contract else LEAVING


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fitted:
    """A model: the log odds of leaving within the horizon are the intercept plus the index."""

    candidate: Candidate
    intercept: float
    index: Index
    width: float = WIDTH
    """Standard deviation of the prior of its slopes."""

    def log_odds(self, sample: Sample) -> Floats:
        """The log odds of each row."""
        inputs = sample.only(tuple(term.name for term in self.index)).inputs
        return np.asarray(self.intercept + value(self.index, inputs))

    def probabilities(self, sample: Sample) -> Floats:
        """The chance of each row to leave within the horizon."""
        return logistic(self.log_odds(sample))


def candidates_for(churners: int, *, contract: bool) -> list[Candidate]:
    """The candidates for so many departures, the simplest first; none if a chance would be a guess."""
    if churners < FROM_CHURNERS:
        return []
    return [Candidate(), *([Candidate(contract=True)] if contract else [])]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
    """The settings that all fits share."""

    scorecard: Mapping[str, float]
    """What a standard deviation of each feature adds to the scorecard."""
    mail: tuple[str, ...]
    """The inputs that come from mail and are standardised within the day."""

    def fit(self, candidate: Candidate, known: Sample, *, width: float = WIDTH) -> Fitted:
        """Fit a candidate to a sample as it was known on a day."""
        return self.fit_from(candidate, thinned(known.take(known.mature)), width=width)[0]

    def fit_from(
        self, candidate: Candidate, rows: Sample, *, width: float, start: Floats | None = None
    ) -> tuple[Fitted, Floats]:
        """Fit to rows whose label is known; returns the model, and the weights to start a similar fit from."""
        names = self.inputs(candidate, rows)
        spread = float(rows.score.std()) or 1.0
        priors = priors_of(self.scorecard, spread, names=names, mail=self.mail, width=width)
        intercept, index, weights = fit_leaving(rows.only(names), priors, start=start)
        return Fitted(candidate=candidate, intercept=intercept, index=index, width=width), weights

    def inputs(self, candidate: Candidate, rows: Sample) -> tuple[str, ...]:
        """The names of the inputs that a candidate sees, in the order of the sample."""
        if candidate.contract:
            return rows.names
        return tuple(name for name in rows.names if name in self.mail or name in QUIET_INPUTS)


def thinned(sample: Sample) -> Sample:
    """The newest snapshot and every second, third or fourth before it, where there would be too many rows."""
    days = np.unique(sample.day)[::-1]
    stride = min(LONGEST_STRIDE, -(-len(sample) // MOST_ROWS)) if len(sample) else 1
    return sample if stride == 1 else sample.take(np.isin(sample.day, days[::stride]))
