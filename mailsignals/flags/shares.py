"""Shares of few cases with honest intervals."""

import dataclasses
import math

Z = 1.959964
"""Of a normal distribution, between its middle and where 2.5 % are left."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Share:
    """A figure of so many cases with its interval of 95 %; null where there is no case."""

    value: float | None
    low: float | None
    high: float | None


NONE = Share(value=None, low=None, high=None)


def share_of(count: int, of: int) -> Share:
    """Return the share of the cases, 0 to 1, with its Wilson interval (1927), which also holds for few cases.

    All three figures are null if there are no cases.
    """
    if not of:
        return NONE
    value = count / of
    middle = (value + Z**2 / (2 * of)) / (1 + Z**2 / of)
    half = Z * math.sqrt(value * (1 - value) / of + Z**2 / (4 * of**2)) / (1 + Z**2 / of)
    return Share(value=value, low=max(0.0, middle - half), high=min(1.0, middle + half))


def share_difference(one: Share, other: Share) -> Share:
    """By how much one share is larger than another of different cases, with the interval of Newcombe (1998)."""
    if one.value is None or one.low is None or one.high is None:
        return NONE
    if other.value is None or other.low is None or other.high is None:
        return NONE
    value = one.value - other.value
    return Share(
        value=value,
        low=value - math.hypot(one.value - one.low, other.high - other.value),
        high=value + math.hypot(one.high - one.value, other.value - other.low),
    )
