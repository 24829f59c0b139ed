"""Training: the candidate models for a number of churned accounts, and their fits to the data known on a day."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from models.index import Index, value
from models.posterior import logistic
from models.sample import Floats, Sample
from models.trained_leaving import QUIET_INPUTS, WIDTH, fit_leaving, priors_of

MOST_ROWS = 60_000
"""Number of rows above which fits use every second, third or fourth week, because neighbouring weeks are similar."""
LONGEST_STRIDE = 4

FROM_CHURNERS = 5
"""Number of churned accounts that training needs."""
ORDER_FROM = 20
"""Number of churned accounts from which a model may set the order of risk, if the backtest confirms it."""
WIDE_FROM = 100
"""Number of churned accounts from which wider priors are tried, and used if they predict better."""
WIDTHS = (WIDTH, 0.15, 0.20)

LEAVING = "leaving"
CONTRACT = " with contract"
"""Suffix of the name of a candidate with facts of the contract."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Candidate:
    """One model to try."""

    contract: bool = False
    """Whether the inputs include facts of the contract."""

    @property
    def name(self) -> str:
        """Return the name in reports."""
        return f"{LEAVING}{CONTRACT}" if self.contract else LEAVING


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fitted:
    """A model: the log odds of churn within the horizon are the intercept plus the index."""

    candidate: Candidate
    intercept: float
    index: Index
    width: float = WIDTH
    """Standard deviation of the prior of its slopes."""

    def log_odds(self, sample: Sample) -> Floats:
        """Return the log odds of churn of each row."""
        inputs = sample.only(tuple(term.name for term in self.index)).inputs
        return np.asarray(self.intercept + value(self.index, inputs))

    def probabilities(self, sample: Sample) -> Floats:
        """Return the chance of churn within the horizon (0 to 1) of each row."""
        return logistic(self.log_odds(sample))


def candidates_for(churners: int, *, contract: bool) -> list[Candidate]:
    """Return the candidates for a number of churned accounts, the simplest first; empty below ``FROM_CHURNERS``."""
    if churners < FROM_CHURNERS:
        return []
    return [Candidate(), *([Candidate(contract=True)] if contract else [])]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
    """Settings that all fits share."""

    scorecard: Mapping[str, float]
    """Amount that one standard deviation of each feature adds to the scorecard."""
    mail: tuple[str, ...]
    """Inputs that come from mail and are standardised within the day."""

    def fit(self, candidate: Candidate, known: Sample, *, width: float = WIDTH) -> Fitted:
        """Return a candidate fitted to a sample as it was known on a day."""
        return self.fit_from(candidate, thinned(known.take(known.mature)), width=width)[0]

    def fit_from(
        self, candidate: Candidate, rows: Sample, *, width: float, start: Floats | None = None
    ) -> tuple[Fitted, Floats]:
        """Return a model fitted to rows with known labels, and the weights for the start of a similar fit."""
        names = self.inputs(candidate, rows)
        spread = float(rows.score.std()) or 1.0
        priors = priors_of(self.scorecard, spread, names=names, mail=self.mail, width=width)
        intercept, index, weights = fit_leaving(rows.only(names), priors, start=start)
        return Fitted(candidate=candidate, intercept=intercept, index=index, width=width), weights

    def inputs(self, candidate: Candidate, rows: Sample) -> tuple[str, ...]:
        """Return the names of a candidate's inputs, in the order of the sample."""
        if candidate.contract:
            return rows.names
        return tuple(name for name in rows.names if name in self.mail or name in QUIET_INPUTS)


def thinned(sample: Sample) -> Sample:
    """Return the rows of the newest snapshot and every second, third or fourth before it; all rows if few enough."""
    days = np.unique(sample.day)[::-1]
    stride = min(LONGEST_STRIDE, -(-len(sample) // MOST_ROWS)) if len(sample) else 1
    return sample if stride == 1 else sample.take(np.isin(sample.day, days[::stride]))
