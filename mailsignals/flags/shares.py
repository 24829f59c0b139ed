"""Shares of few cases with their 95% intervals."""

import dataclasses
import math

Z = 1.959964
"""The 97.5% quantile of the normal distribution."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Share:
    """A share with its 95% interval; all null without cases."""

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
    """Return the difference of two shares of different cases, with the interval of Newcombe (1998)."""
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
