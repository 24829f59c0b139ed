"""The chance to go quiet: terms that add up, and a calibration that finds what is there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.posterior import logistic
from models.quiet import DEFAULT_CALIBRATION, Calibration, calibrate, quiet_logit, terms

_NUMBERS = st.floats(-5, 5)
_ROWS = st.lists(
    st.tuples(st.floats(-1e4, 1e3), st.integers(0, 90), st.booleans(), st.floats(0, 1)), max_size=40
)


@given(st.floats(-1e6, 1e3), st.integers(0, 90), _NUMBERS, _NUMBERS, _NUMBERS)
def test_terms_and_intercept_are_the_log_odds(
    odds: float, since: int, pace: float, days: float, intercept: float
) -> None:
    """The term of pace, the term of silence and the intercept add up, and the chance is their logistic."""
    calibration = Calibration(pace=pace, days_since=days, intercept=intercept)
    of_pace, of_days = terms(np.array([odds]), np.array([float(since)]), calibration)
    logit = quiet_logit(np.array([odds]), np.array([float(since)]), calibration)
    assert of_pace + of_days + intercept == pytest.approx(logit, abs=1e-9)
    assert 0 <= logistic(logit).item() <= 1


def test_chances_at_the_ends() -> None:
    """Log odds of any size have a chance, and even odds one half."""
    assert logistic(np.array([-1e5, 0.0, 1e5])).tolist() == [0.0, 0.5, 1.0]


def test_without_rows_the_default_holds() -> None:
    """Nothing to learn from: (.45, .20, 0)."""
    nothing = np.array([])
    assert calibrate(nothing, nothing, nothing.astype(bool), nothing) == DEFAULT_CALIBRATION
    assert Calibration(pace=0.45, days_since=0.20, intercept=0.0) == DEFAULT_CALIBRATION


def test_known_numbers_are_found_again() -> None:
    """Of 50,000 rows that follow (.7, .3, -.5), the three numbers come back."""
    rng = np.random.default_rng(3)
    odds, since = rng.normal(-2, 2, 50_000), rng.integers(0, 90, 50_000).astype(float)
    silent = rng.random(50_000) < logistic(0.7 * odds + 0.3 * np.log1p(since) - 0.5)
    found = calibrate(odds, since, silent, np.ones(50_000))
    assert (found.pace, found.days_since, found.intercept) == pytest.approx((0.7, 0.3, -0.5), abs=0.05)


@settings(deadline=None)
@given(_ROWS)
def test_any_rows_give_the_most_probable_numbers(rows: list[tuple[float, int, bool, float]]) -> None:
    """Finite whatever happened, and no numbers nearby are more probable."""
    odds, since, silent, weight = (
        (np.array(column) for column in zip(*rows, strict=True)) if rows else [np.array([])] * 4
    )
    since, silent = since.astype(float), silent.astype(bool)
    found = calibrate(odds, since, silent, weight)

    def loss(pace: float, days: float, intercept: float) -> float:
        logit = pace * odds + days * np.log1p(since) + intercept
        prior = ((pace - 0.45) / 0.1) ** 2 + ((days - 0.2) / 0.05) ** 2 + (intercept / 0.5) ** 2
        return float(weight @ (np.logaddexp(0, logit) - silent * logit) + prior / 2)

    best = (found.pace, found.days_since, found.intercept)
    assert np.isfinite(best).all()
    for place in range(3):
        for step in (-1e-3, 1e-3):
            near = list(best)
            near[place] += step
            assert loss(*best) <= loss(*near) + 1e-9
