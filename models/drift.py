"""Whether accounts still look like those that a model was trained on.

The population stability index (PSI) sums ``(now - then) * ln(now / then)`` over ten intervals. Between two samples of
the same population of ``n`` and ``m`` accounts it is about ``chi-squared(9) * (1/n + 1/m)``, so that what counts as
drift follows from the sizes; a fixed 0.1 would call most small companies drifted. One row an account counts: weeks of
the same account say the same thing.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from models.sample import Floats

INTERVALS = 10
CONFIDENCE = 0.999
"""Of each of some thirty inputs, so that a company without drift seldom hears of one."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Profile:
    """The distribution of one column: shares by interval."""

    edges: tuple[float, ...]
    shares: tuple[float, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reference:
    """The distribution of the inputs and the index over accounts at training, and the share that left."""

    accounts: int
    columns: Mapping[str, Profile]
    event_share: float
    """Share of the complete snapshots whose account left within the horizon."""

    @classmethod
    def of(cls, columns: Mapping[str, Floats], *, event_share: float) -> Self:
        """From one row an account."""
        accounts = max((len(values) for values in columns.values()), default=0)
        return cls(
            accounts=accounts,
            columns={name: profile(values) for name, values in columns.items()},
            event_share=event_share,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the reference as values for JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """The opposite of ``to_json``."""
        return cls(
            accounts=int(document["accounts"]),
            columns={
                name: Profile(edges=tuple(one["edges"]), shares=tuple(one["shares"]))
                for name, one in document["columns"].items()
            },
            event_share=float(document["event_share"]),
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Shift:
    """The population stability index of one column, and the value above which it is more than chance."""

    name: str
    index: float
    critical: float

    @property
    def drifted(self) -> bool:
        """Return whether the column moved by more than chance explains."""
        return self.index > self.critical


def profile(values: Floats) -> Profile:
    """The spread of a column; fewer intervals where many values are the same."""
    known = values[np.isfinite(values)]
    if not len(known):
        return Profile(edges=(), shares=(1.0,))
    cuts = np.unique(np.quantile(known, np.linspace(0, 1, INTERVALS + 1)[1:-1]))
    return Profile(edges=tuple(map(float, cuts)), shares=tuple(map(float, _shares(known, cuts))))


def drift_shifts(reference: Reference, columns: Mapping[str, Floats]) -> list[Shift]:
    """The shift of each column that both know, the largest against its critical value first."""
    found = [
        _shift(name, reference.columns[name], values, reference.accounts)
        for name, values in columns.items()
        if name in reference.columns
    ]
    return sorted(found, key=lambda shift: -(shift.index / shift.critical if shift.critical else 0.0))


def _shift(name: str, then: Profile, values: Floats, accounts: int) -> Shift:
    known = values[np.isfinite(values)]
    degrees = len(then.shares) - 1
    if not len(known) or not degrees or not accounts:
        return Shift(name=name, index=0.0, critical=float("inf"))
    # scipy.stats says the same, for 20 MB and half a second more.
    from scipy.special import chdtri  # noqa: PLC0415  # half a second that only who looks for drift should pay

    size = 1 / accounts + 1 / len(known)
    now = _shares(known, np.array(then.edges))
    before = np.array(then.shares)
    # Half an account in an empty interval keeps the logarithm finite.
    now, before = np.maximum(now, 0.5 / len(known)), np.maximum(before, 0.5 / accounts)
    index = float(np.sum((now - before) * np.log(now / before)))
    return Shift(name=name, index=index, critical=float(chdtri(degrees, 1 - CONFIDENCE)) * size)


def _shares(values: Floats, cuts: Floats) -> Floats:
    places = np.searchsorted(cuts, values, side="right")
    return np.asarray(np.bincount(places, minlength=len(cuts) + 1) / len(values))
