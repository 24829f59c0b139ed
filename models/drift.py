"""Drift: comparison of accounts with those that a model was trained on.

The population stability index (PSI) sums ``(now - then) * ln(now / then)`` over ten intervals. Between two samples of
the same population of ``n`` and ``m`` accounts it is about ``chi-squared(9) * (1/n + 1/m)``, so the critical value
depends on the sizes. A fixed 0.1 would report drift at most small companies. Each account counts with one row, because
its weeks are not independent.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from models.finite_json import number, whole_number
from models.sample import Floats

INTERVALS = 10
CONFIDENCE = 0.999
"""Confidence for each of some thirty inputs, high enough to keep false reports rare."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Profile:
    """Distribution of one column: shares by interval."""

    edges: tuple[float, ...]
    shares: tuple[float, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reference:
    """Distribution of the inputs and the index over accounts in training, and the churned share."""

    accounts: int
    columns: Mapping[str, Profile]
    event_share: float
    """Share of complete snapshots (0 to 1) whose account churned within the horizon."""

    @classmethod
    def of(cls, columns: Mapping[str, Floats], *, event_share: float) -> Self:
        """Return the distribution of columns with one row per account."""
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
        """Return the reference of a document from ``to_json``.

        Raises:
            KeyError, TypeError, ValueError: a part is missing, or is not what it should be.
        """
        return cls(
            accounts=whole_number(document["accounts"]),
            columns={name: _profile_of(one) for name, one in document["columns"].items()},
            event_share=number(document["event_share"]),
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Shift:
    """Population stability index of one column, and the critical value that chance rarely exceeds."""

    name: str
    index: float
    critical: float

    @property
    def drifted(self) -> bool:
        """Return whether the column moved by more than chance explains."""
        return self.index > self.critical


def _profile_of(document: Mapping[str, Any]) -> Profile:
    edges, shares = (tuple(map(number, document[name])) for name in ("edges", "shares"))
    if len(shares) != len(edges) + 1 or list(edges) != sorted(edges) or min(shares) < 0:
        raise ValueError("the distribution of an input is not one")
    return Profile(edges=edges, shares=shares)


def profile(values: Floats) -> Profile:
    """Return the distribution of a column, with fewer intervals where many values are equal."""
    known = values[np.isfinite(values)]
    if not len(known):
        return Profile(edges=(), shares=(1.0,))
    cuts = np.unique(np.quantile(known, np.linspace(0, 1, INTERVALS + 1)[1:-1]))
    return Profile(edges=tuple(map(float, cuts)), shares=tuple(map(float, _shares(known, cuts))))


def drift_shifts(reference: Reference, columns: Mapping[str, Floats]) -> list[Shift]:
    """Return the shift of each column in both, largest relative to its critical value first."""
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
    # scipy.stats gives the same result, but needs 20 MB and half a second more.
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
