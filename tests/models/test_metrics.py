"""Figures of rankings and probabilities, against scikit-learn and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from models.bootstrap import Estimate, estimate, estimates
from models.metrics import Ranked, bins_of, brier_skill, calibration_error, reliability

ROWS = st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 3)), min_size=4, max_size=60)


@pytest.mark.slow
@settings(deadline=None)
@given(ROWS)
def test_areas_are_those_of_the_library_for_any_weights_and_ties(rows: list[tuple[int, bool, int]]) -> None:
    """ROC-AUC and average precision equal scikit-learn's with the same sample weights."""
    score, event, weight = (np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))
    happened = event.astype(bool)
    ranked = Ranked(score, happened)
    if weight[happened].sum() == 0 or weight[~happened].sum() == 0:
        assert np.isnan(ranked.roc_auc(weight))
        return
    assert ranked.roc_auc(weight) == pytest.approx(roc_auc_score(event, score, sample_weight=weight))
    assert ranked.pr_auc(weight) == pytest.approx(average_precision_score(event, score, sample_weight=weight))


def test_lift_of_the_top_tenth() -> None:
    """Two of the ten riskiest of 100 leave, and four in all: five times their share."""
    score = np.arange(100.0)[::-1]
    event = np.isin(np.arange(100), (0, 5, 40, 90))
    assert Ranked(score, event).lift(np.ones(100)) == pytest.approx(5.0)


def test_knowing_the_share_alone_has_no_skill() -> None:
    """Everybody's share as everybody's probability has Brier skill 0; the truth has 1."""
    event = np.array([1.0, 0, 0, 0]).astype(bool)
    ones = np.ones(4)
    assert brier_skill(np.full(4, 0.25), event, ones) == pytest.approx(0.0)
    assert brier_skill(event.astype(float), event, ones) == pytest.approx(1.0)


def test_calibration_error_is_the_distance_of_the_bins() -> None:
    """Ten rows at 0.2 of which four happen are off by 0.2, in whatever order they come."""
    event = np.tile([1, 1, 0, 0, 0], 20).astype(bool)
    said, ones = np.full(100, 0.2), np.ones(100)
    assert calibration_error(said, event, ones, bins_of(said)) == pytest.approx(0.2, abs=0.05)
    assert sum(weight for _, _, weight in reliability(said, event, ones, bins_of(said))) == 100


def test_an_interval_holds_its_figure_and_is_of_accounts() -> None:
    """A hundred weeks of two accounts say no more than two accounts do: the interval spans both."""
    account = np.repeat([0, 1], 100)
    value = np.repeat([0.0, 1.0], 100)
    found = estimates({"mean": lambda weights: float(weights @ value / weights.sum())}, account)["mean"]
    assert found.value == 0.5
    assert (found.low, found.high) == (0.0, 1.0)


def test_a_figure_that_is_not_there_has_no_interval() -> None:
    """Nothing to compute from is null in JSON, never 0."""
    nothing = estimate(float("nan"), np.array([0.1, 0.2]))
    assert nothing.to_json() == {"value": None, "low": None, "high": None}
    assert Estimate(value=1.0, low=2.0, high=3.0).low == 1.0
