"""Medians, percentiles and Kaplan-Meier medians of many groups of durations at once.

Every duration becomes one 64-bit word. Its bits hold the group, the microseconds, a mark for censored durations, the
windows and a mark for openings of conversations. Sorting the words sorts the durations within their groups. All
quantiles are then read off the sorted words.
"""

import dataclasses

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
"""The highest number of groups in one call."""
MAX_MICROSECONDS = (1 << _TIME_BITS) - 1
"""The longest duration, about 101 days."""

HALF = 0.5 + 1e-12
"""A survival this close to one half counts as one half: products of fractions are inexact."""

_MICROSECONDS_AN_HOUR = 3.6e9


@dataclasses.dataclass(frozen=True)
class Durations:
    """Sorted durations with the groups they belong to."""

    words: Words

    @classmethod
    def pack(
        cls, group: Integers, microseconds: Integers, *, censored: Bools, ring: Integers, opening: Bools
    ) -> "Durations":
        """Return the durations sorted by group and length, with the answered before the censored at ties.

        Args:
            group: the number of each duration's group, below ``MAX_GROUPS``.
            microseconds: the durations, from 0 to ``MAX_MICROSECONDS``.
            censored: true for an open duration, which lasts at least this long.
            ring: 0 for a duration in every window, 1 for one in all but the shortest window, and so on.
            opening: true for a turn that opens a conversation.
        """
        words = group.astype(np.uint64) << np.uint64(_GROUP_AT)
        words |= microseconds.astype(np.uint64) << np.uint64(_TIME_AT)
        words |= censored.astype(np.uint64) << np.uint64(_CENSORED_AT)
        words |= ring.astype(np.uint64) << np.uint64(_RING_AT)
        words |= opening.astype(np.uint64)
        words.sort()
        return cls(words)

    def within(self, ring: int) -> "Durations":
        """Return the durations of a ring and of all shorter windows."""
        return Durations(self.words[self._bits(_RING_AT, _RING_BITS) <= ring])

    def answered(self, *, opening: bool = False) -> "Durations":
        """Return the durations that are not censored; with ``opening`` only those of openings."""
        chosen = self._bits(_CENSORED_AT, _CENSORED_BITS) == 0
        if opening:
            chosen &= self._bits(0, _OPENING_BITS) == 1
        return Durations(self.words[chosen])

    def quantiles(self, groups: int, *shares: float) -> list[Floats]:
        """Return the quantiles of each group in hours, one array per share; NaN for an empty group.

        They are interpolated linearly.
        """
        start, count = self._groups(groups)
        held = np.flatnonzero(count)
        found = []
        for share in shares:
            position = share * (count[held] - 1)
            lower = np.floor(position).astype(np.int64)
            upper = np.minimum(lower + 1, count[held] - 1)
            low, high = self._hours(start[held] + lower), self._hours(start[held] + upper)
            found.append(_spread(low + (high - low) * (position - lower), at=held, size=groups))
        return found

    def kaplan_meier_medians(self, groups: int) -> Floats:
        """Return the smallest time in hours at which at most half of each group is unanswered; NaN if there is none.

        The estimator of Kaplan and Meier (1958); events come before censorings at ties. N is the size of the group, n
        the number at risk. C is the product of (m - 1) / m over the earlier censorings, with m at risk at each.
        Survival after an event is (n - 1) / N / C, so counting finds the first event that halves it.
        """
        start, count = self._groups(groups)
        end = start + count
        censored = np.flatnonzero(self._bits(_CENSORED_AT, _CENSORED_BITS))
        group = (self.words[censored] >> np.uint64(_GROUP_AT)).astype(np.int64)
        runs = np.concatenate([np.arange(groups), group])
        begin = np.concatenate([start, censored + 1])
        log_kept = np.concatenate([np.zeros(groups), _running_sums(_log_kept(end[group] - censored), group)])
        order = np.lexsort((begin, runs))
        runs, begin, log_kept = runs[order], begin[order], log_kept[order]
        same = np.append(runs[1:] == runs[:-1], False)
        stop = np.where(same, np.append(begin[1:], 0) - 1, end[runs])
        allowed = np.floor(HALF * count[runs] * np.exp(log_kept)).astype(np.int64)
        halved = np.maximum(begin, end[runs] - 1 - allowed)
        reached = np.flatnonzero(halved < stop)
        where, first = np.unique(runs[reached], return_index=True)
        return _spread(self._hours(halved[reached[first]]), at=where, size=groups)

    def _bits(self, at: int, width: int) -> Words:
        return (self.words >> np.uint64(at)) & np.uint64((1 << width) - 1)

    def _hours(self, positions: Integers) -> Floats:
        chosen = Durations(self.words[positions])
        return chosen._bits(_TIME_AT, _TIME_BITS).astype(np.float64) / _MICROSECONDS_AN_HOUR  # ours

    def _groups(self, groups: int) -> tuple[Integers, Integers]:
        """The position at which each group starts, and its size."""
        start = np.searchsorted(self.words, np.arange(groups, dtype=np.uint64) << np.uint64(_GROUP_AT))
        return start, np.diff(start, append=self.words.size)


def _log_kept(at_risk: Integers) -> Floats:
    """The logarithm of (n - 1) / n; 0 for the last of a group."""
    return np.log1p(-1 / np.where(at_risk > 1, at_risk, np.inf))


def _running_sums(values: Floats, group: Integers) -> Floats:
    """Sums of consecutive values of a group, from its first.

    Each group begins by subtracting the sum of the group before. So the running total stays small and precise
    for any number of groups.
    """
    first = np.flatnonzero(np.append(True, group[1:] != group[:-1])[: group.size])
    if first.size == 0:
        return values
    steps = values.copy()
    steps[first[1:]] -= np.add.reduceat(values, first)[:-1]
    total: Floats = np.cumsum(steps)
    return total


def _spread(values: Floats, *, at: Integers, size: int) -> Floats:
    """The values at their positions, NaN elsewhere."""
    spread = np.full(size, np.nan)
    spread[at] = values
    return spread
