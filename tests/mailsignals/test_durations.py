"""Percentiles and Kaplan-Meier medians of many groups, against numpy, scipy and a direct count."""

import dataclasses
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scipy.stats import CensoredData, ecdf

from mailsignals.signals.durations import MAX_GROUPS, MAX_MICROSECONDS, Durations
from mailsignals.signals.instants import Instants
from mailsignals.signals.response import measures
from tests.mailsignals.histories import DAY, START, facts_of, random_touches

Wait = tuple[int, int, bool, int, bool]
"""Group, microseconds, whether it is censored, ring, whether it opens a conversation."""

HOUR = 3_600_000_000
GROUPS = 4

_TIMES = st.one_of(
    st.integers(0, 3).map(lambda hours: hours * HOUR),
    st.integers(0, MAX_MICROSECONDS),
    st.sampled_from((0, 1, MAX_MICROSECONDS)),
)
_WAITS = st.lists(
    st.tuples(st.integers(0, GROUPS - 1), _TIMES, st.booleans(), st.integers(0, 2), st.booleans()),
    max_size=30,
)


def packed(waits: Sequence[Wait]) -> Durations:
    """The waits as the module wants them."""
    group, microseconds, censored, ring, opening = zip(*waits, strict=True) if waits else ((),) * 5
    return Durations.pack(
        np.array(group, dtype=np.int64),
        np.array(microseconds, dtype=np.int64),
        censored=np.array(censored, dtype=np.bool_),
        ring=np.array(ring, dtype=np.int64),
        opening=np.array(opening, dtype=np.bool_),
    )


def direct_km_median(waits: Sequence[tuple[int, bool]]) -> float:
    """The Kaplan-Meier median in hours of (microseconds, censored), in exact fractions; NaN if there is none."""
    survival = Fraction(1)
    for time in sorted({time for time, censored in waits if not censored}):
        at_risk = sum(other >= time for other, _ in waits)
        survival *= 1 - Fraction(sum(other == time and not censored for other, censored in waits), at_risk)
        if survival <= Fraction(1, 2):
            return time / HOUR
    return float("nan")


@pytest.mark.slow
@settings(deadline=None, max_examples=80)
@given(_WAITS, st.sampled_from((0.0, 0.1, 0.5, 0.9, 1.0)))
def test_quantiles_are_numpys(waits: list[Wait], share: float) -> None:
    """A quantile is the linear interpolation of the answered, group by group, and NaN where none is answered."""
    (found,) = packed(waits).answered().quantiles(GROUPS, share)
    expected = [
        np.quantile(hours, share)
        if (hours := [w[1] / HOUR for w in waits if w[0] == group and not w[2]])
        else np.nan
        for group in range(GROUPS)
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.slow
@settings(deadline=None, max_examples=80)
@given(_WAITS, st.integers(0, 2))
def test_windows_and_openings_choose_their_own(waits: list[Wait], ring: int) -> None:
    """A window holds its ring and all shorter ones; of openings alone, it holds those that open a conversation."""
    of_openings = packed(waits).within(ring).answered(opening=True)
    kept = sorted((w[0], w[1]) for w in waits if w[3] <= ring and not w[2] and w[4])
    (longest,) = of_openings.quantiles(GROUPS, 1.0)
    expected = [
        max((time / HOUR for group, time in kept if group == g), default=np.nan) for g in range(GROUPS)
    ]
    np.testing.assert_allclose(longest, expected)
    assert of_openings.words.size == len(kept)


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(_WAITS)
def test_kaplan_meier_medians_are_those_of_a_direct_count(waits: list[Wait]) -> None:
    """The median is the first time at which at most half survive, counted in exact fractions, or NaN."""
    expected = [direct_km_median([(w[1], w[2]) for w in waits if w[0] == group]) for group in range(GROUPS)]
    np.testing.assert_allclose(packed(waits).kaplan_meier_medians(GROUPS), expected, rtol=1e-12)


def test_kaplan_meier_agrees_with_scipy() -> None:
    """On a large group with ties the median is where scipy's survival function first reaches one half."""
    rng = np.random.default_rng(1)
    time, censored = rng.integers(1, 400, 5000).astype(np.float64), rng.random(5000) < 0.4
    survival = ecdf(CensoredData(uncensored=time[~censored], right=time[censored])).sf
    expected = survival.quantiles[survival.probabilities <= 0.5][0]
    waits = [(0, int(t) * HOUR, bool(c), 0, False) for t, c in zip(time, censored, strict=True)]
    assert packed(waits).kaplan_meier_medians(1).tolist() == [expected]


@pytest.mark.parametrize(
    ("waits", "median"),
    [
        pytest.param([], float("nan"), id="nobody"),
        pytest.param([(2, False)], 2.0, id="one answered"),
        pytest.param([(2, True)], float("nan"), id="one open"),
        pytest.param([(1, True), (2, True), (2, True)], float("nan"), id="all open"),
        pytest.param([(1, False), (2, True)], 1.0, id="exactly one half, reached at once"),
        pytest.param([(1, False), (1, True)], 1.0, id="at a tie the answer comes before the censoring"),
        pytest.param([(1, True), (1, False), (3, True)], float("nan"), id="two thirds survive for good"),
        pytest.param([(1, False)] * 2 + [(5, False)] * 2, 1.0, id="ties that reach one half together"),
        pytest.param([(0, False), (0, False), (9, True)], 0.0, id="answered at once"),
    ],
)
def test_small_kaplan_meier_medians(waits: list[tuple[int, bool]], median: float) -> None:
    """Medians that can be counted by hand, in hours."""
    found = packed([(0, hours * HOUR, censored, 0, False) for hours, censored in waits])
    np.testing.assert_equal(found.kaplan_meier_medians(1), [median])


def test_one_half_is_met_exactly_in_every_one_of_100_000_groups() -> None:
    """A survival of exactly one half counts as one half in the last group as in the first, however many came before.

    Of 2n waits the first n are answered, one an hour: the product of n fractions is one half at the n-th.
    """
    half = 1 + np.arange(100_000) % 7
    group = np.repeat(np.arange(half.size), 2 * half)
    place = 1 + np.arange(group.size) - np.repeat(np.cumsum(2 * half) - 2 * half, 2 * half)
    found = Durations.pack(
        group,
        place * HOUR,
        censored=place > half[group],
        ring=np.zeros(group.size, np.int64),
        opening=np.zeros(group.size, np.bool_),
    )
    np.testing.assert_array_equal(found.kaplan_meier_medians(half.size), half)


def test_the_last_group_of_all_keeps_its_longest_duration() -> None:
    """The largest group number and the longest duration do not run into each other."""
    waits = [(MAX_GROUPS - 1, MAX_MICROSECONDS, False, 2, True), (0, MAX_MICROSECONDS, True, 2, False)]
    (median,) = packed(waits).answered().quantiles(MAX_GROUPS, 0.5)
    for found in (median, packed(waits).kaplan_meier_medians(MAX_GROUPS)):
        assert found[-1] == MAX_MICROSECONDS / HOUR
        assert np.isnan(found[:-1]).all()


@pytest.mark.slow
def test_many_instants_are_timed_in_shares_of_accounts() -> None:
    """Where accounts times instants are too many for one sort, the shares together say what each says alone."""
    found = facts_of(random_touches(seed=1))
    hourly = Instants.of(START + 200 * DAY + place * DAY / 24 for place in range(MAX_GROUPS // 6))
    assert 2 * len(hourly) * len(found.accounts) > MAX_GROUPS
    shares = measures(found, hourly)
    for account in found.accounts:
        alone = measures(dataclasses.replace(found, accounts=pl.Series([account], dtype=pl.UInt32)), hourly)
        for together, own in zip(shares, alone, strict=True):
            assert_frame_equal(together.filter(pl.col("account") == account), own)
