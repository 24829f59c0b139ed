"""From which risk on an account is at high or medium risk."""

from pathlib import Path

import pytest

from mailsignals.errors import UserError
from tests.mailsignals.config.test_settings import load


@pytest.mark.parametrize(("high", "medium"), [(0.2, 0.1), (0.1, 0.1), (0.99, 0.01)])
def test_medium_is_at_most_high(tmp_path: Path, high: float, medium: float) -> None:
    """Both may be the same: then nobody is at medium risk but those over capacity."""
    risk = load(tmp_path, f"[risk]\nhigh_risk = {high}\nmedium_risk = {medium}\n").risk
    assert (risk.high_risk, risk.medium_risk) == (high, medium)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "high_risk = 0.05",
            r"risk: medium_risk \(0\.1\) is above high_risk \(0\.05\); lower medium_risk or raise",
        ),
        ("medium_risk = 0.3", r"risk: medium_risk \(0\.3\) is above high_risk \(0\.2\)"),
        ("medium_risk = 0", r"line 5: risk\.medium_risk: 0 should be greater than 0"),
        ("high_risk = 1", r"line 5: risk\.high_risk: 1 should be less than 1"),
        ("high_risk = 80", r"line 5: risk\.high_risk: 80 should be less than 1"),
        ("churn_a_year = 1.2", r"line 5: risk\.churn_a_year: 1\.2 should be less than 1"),
        ("high_risk = nan", r"line 5: risk\.high_risk: nan should be"),
        ("high_risk = '20 %'", r"line 5: risk\.high_risk: '20 %' should be a valid number"),
    ],
)
def test_a_threshold_that_is_no_share_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    """Over 0 and under 1, and in their order; the line, the key and what to do are named."""
    with pytest.raises(UserError, match=problem):
        load(tmp_path, f"[risk]\n{text}\n")
