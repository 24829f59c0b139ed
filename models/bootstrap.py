"""Bootstrap intervals over accounts, because the weeks of one account are not independent."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

import numpy as np

from models.sample import Floats, Ints

DRAWS = 200
LEVEL = 0.9


@dataclasses.dataclass(frozen=True, kw_only=True)
class Estimate:
    """A figure with its 90% interval; nan where it cannot be computed."""

    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        """Widen the interval to contain the figure, in case all draws lie on one side."""
        object.__setattr__(self, "low", min(self.low, self.value))
        object.__setattr__(self, "high", max(self.high, self.value))

    def __str__(self) -> str:
        """Return the text ``0.68 (0.61 to 0.74)``, the figure alone without an interval, or ``unknown`` for nan."""
        if not np.isfinite(self.value):
            return "unknown"
        digits = 3 if abs(self.value) < 1 else 1
        if not (np.isfinite(self.low) and np.isfinite(self.high)):
            return f"{self.value:.{digits}f}"
        return f"{self.value:.{digits}f} ({self.low:.{digits}f} to {self.high:.{digits}f})"

    @classmethod
    def from_json(cls, document: Mapping[str, float | None]) -> Self:
        """Return the figure of a document from ``to_json``."""
        return cls(**{name: np.nan if value is None else value for name, value in document.items()})

    def to_json(self) -> dict[str, Any]:
        """Return the values for JSON, null instead of nan."""
        return {
            name: value if np.isfinite(value) else None for name, value in dataclasses.asdict(self).items()
        }


UNKNOWN = Estimate(value=np.nan, low=np.nan, high=np.nan)


def draws(account: Ints, *, count: int = DRAWS, seed: int = 0) -> Iterator[Floats]:
    """Return the weight of each row in each draw of all accounts with replacement."""
    _, place = np.unique(account, return_inverse=True)
    accounts = int(place.max()) + 1 if len(place) else 0
    rng = np.random.default_rng(seed)
    for _ in range(count):
        drawn = np.bincount(rng.integers(0, accounts, accounts), minlength=accounts)
        yield drawn[place].astype(np.float64)


def estimates(
    figures: dict[str, Callable[[Floats], float]], account: Ints, *, count: int = DRAWS
) -> dict[str, Estimate]:
    """Return each figure with its interval; all figures share the draws, so that differences are paired."""
    whole = np.ones(len(account))
    drawn = {name: np.empty(count) for name in figures}
    for number, weights in enumerate(draws(account, count=count)):
        for name, figure in figures.items():
            drawn[name][number] = figure(weights)
    return {name: estimate(figure(whole), drawn[name]) for name, figure in figures.items()}


def estimate(value: float, drawn: Floats) -> Estimate:
    """Return a figure with the middle 90% of its draws, ignoring nan."""
    known = drawn[np.isfinite(drawn)]
    if not len(known) or not np.isfinite(value):
        return Estimate(value=value, low=float("nan"), high=float("nan"))
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(value=value, low=float(low), high=float(high))
