"""Medians, percentiles and Kaplan-Meier medians of many groups of durations at once.

Every duration becomes one 64-bit word: group, microseconds, whether it is censored, in which windows it lies, and
whether it opens a conversation. Sorting the words sorts the durations within their groups, and everything else is
read off the sorted words without touching the rows again.
"""

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

_OPENING_BITS, _RING_BITS, _CENSORED_BITS, _TIME_BITS, _GROUP_BITS = 1, 2, 1, 43, 17
_RING_AT = _OPENING_BITS
_CENSORED_AT = _RING_AT + _RING_BITS
_TIME_AT = _CENSORED_AT + _CENSORED_BITS
_GROUP_AT = _TIME_AT + _TIME_BITS

MAX_GROUPS = 1 << _GROUP_BITS
"""How many groups one call can tell apart."""
MAX_MICROSECONDS = (1 << _TIME_BITS) - 1
"""The longest duration, about 101 days."""

HALF = 0.5 + 1e-12
"""A survival this close to one half counts as one half: it is a product of fractions."""

_MICROSECONDS_AN_HOUR = 3.6e9


@dataclasses.dataclass(frozen=True)
class Durations:
    """Sorted durations with the groups they belong to."""

    words: Words

    @classmethod
    def pack(
        cls, group: Integers, microseconds: Integers, *, censored: Bools, ring: Integers, opening: Bools
    ) -> "Durations":
        """Sort durations by group, length, and the answered before the censored.

        Args:
            group: below ``MAX_GROUPS``.
            microseconds: 0 to ``MAX_MICROSECONDS``.
            censored: still open: it lasts at least this long.
            ring: 0 for what lies in every window, 1 for what lies in all but the shortest, and so on.
            opening: opens a conversation.
        """
        words = group.astype(np.uint64) << np.uint64(_GROUP_AT)
        words |= microseconds.astype(np.uint64) << np.uint64(_TIME_AT)
        words |= censored.astype(np.uint64) << np.uint64(_CENSORED_AT)
        words |= ring.astype(np.uint64) << np.uint64(_RING_AT)
        words |= opening.astype(np.uint64)
        words.sort()
        return cls(words)

    def within(self, ring: int) -> "Durations":
        """Those of a ring and of all shorter windows."""
        return Durations(self.words[self._bits(_RING_AT, _RING_BITS) <= ring])

    def answered(self, *, opening: bool = False) -> "Durations":
        """Those that are not censored; of openings alone, if asked for."""
        chosen = self._bits(_CENSORED_AT, _CENSORED_BITS) == 0
        if opening:
            chosen &= self._bits(0, _OPENING_BITS) == 1
        return Durations(self.words[chosen])

    def quantiles(self, groups: int, *shares: float) -> list[Floats]:
        """The quantiles of each group in hours, by linear interpolation; NaN for an empty group."""
        hours = self._hours()
        start, count = self._groups(groups)
        found = []
        for share in shares:
            position = share * np.maximum(count - 1, 0)
            lower = np.floor(position).astype(np.int64)
            upper = np.minimum(lower + 1, np.maximum(count - 1, 0))
            found.append(_where(count > 0, _between(hours, start + lower, start + upper, position - lower)))
        return found

    def kaplan_meier_medians(self, groups: int) -> Floats:
        """The smallest time in hours at which at most half of a group are unanswered; NaN if it never comes.

        Kaplan and Meier (1958); events come before censorings at ties, as the words sort.
        """
        size = self.words.size
        start, count = self._groups(groups)
        group = np.repeat(np.arange(groups), count)
        at_risk = (start + count)[group] - np.arange(size)
        event = self._bits(_CENSORED_AT, _CENSORED_BITS) == 0
        with np.errstate(divide="ignore"):
            log_survival = np.where(event, np.log1p(-1 / np.maximum(at_risk, 1)), 0.0)
        survived = _running_sums(log_survival, start, count)
        reached = np.flatnonzero(event & (survived <= np.log(HALF)))
        median = np.full(groups, np.nan)
        where, first = np.unique(group[reached], return_index=True)
        median[where] = self._hours()[reached[first]]
        return median

    def _bits(self, at: int, width: int) -> Words:
        return (self.words >> np.uint64(at)) & np.uint64((1 << width) - 1)

    def _hours(self) -> Floats:
        return self._bits(_TIME_AT, _TIME_BITS).astype(np.float64) / _MICROSECONDS_AN_HOUR

    def _groups(self, groups: int) -> tuple[Integers, Integers]:
        """Where each group starts, and how many it has."""
        start = np.searchsorted(self.words, np.arange(groups, dtype=np.uint64) << np.uint64(_GROUP_AT))
        return start, np.diff(start, append=self.words.size)


def _running_sums(values: Floats, start: Integers, count: Integers) -> Floats:
    """Sums of consecutive groups from each group's start; minus infinity stays within its group.

    Each group begins by taking off the sum of the one before, so that the running total stays small and keeps its
    last digits however many groups there are.
    """
    endless = np.isinf(values)
    finite = np.where(endless, 0.0, values)
    held = np.flatnonzero(count)
    if held.size == 0:
        return finite
    sums = np.add.reduceat(finite, start[held])
    finite[start[held[1:]]] -= sums[:-1]
    total = np.cumsum(finite)
    ended = np.concatenate([[0], np.cumsum(endless)])
    before = np.repeat(ended[start], count)
    return np.where(ended[1:] > before, -np.inf, total)


def _between(values: Floats, lower: Integers, upper: Integers, share: Floats) -> Floats:
    if values.size == 0:
        return np.full(lower.shape, np.nan)
    last = values.size - 1
    low, high = values[np.minimum(lower, last)], values[np.minimum(upper, last)]
    return low + (high - low) * share


def _where(known: Bools, values: Any) -> Floats:  # noqa: ANN401
    return np.where(known, values, np.nan)
