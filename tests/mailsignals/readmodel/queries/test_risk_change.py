"""How the risk of an account has moved, in words."""

import datetime as dt
from typing import Any

import pytest

from mailsignals.readmodel.queries.risk_change import change

TODAY = dt.date(2026, 3, 2)


def row(**figures: object) -> dict[str, Any]:
    """An account that stood at a chance of 1 in 8 when its CSM was last told."""
    usual = {
        "risk": 0.34,
        "score": 90.0,
        "source": "churn-1",
        "before_risk": 0.125,
        "before_score": 80.0,
        "before_source": "churn-0",
        "before_on": TODAY,
    }
    return usual | figures


@pytest.mark.parametrize(
    ("figures", "word", "then", "now"),
    [
        ({}, "up from", "about 1 in 8", None),
        ({"risk": 0.05}, "down from", "about 1 in 8", None),
        ({"risk": 0.126}, "as", None, None),
        ({"before_source": "silence-1"}, "up from", "riskier than 80 %", "riskier than 90 %"),
        ({"before_risk": None}, "up from", "riskier than 80 %", "riskier than 90 %"),
        ({"risk": None}, "up from", "riskier than 80 %", None),
    ],
)
def test_a_change_is_said_between_figures_of_one_kind(
    figures: dict[str, object], word: str, then: str | None, now: str | None
) -> None:
    """Chances of one event are compared, else scores; what sounds the same has not changed."""
    assert change(row(**figures), "told") == {"word": word, "then": then, "now": now, "on": TODAY}


def test_nothing_is_said_of_a_change_that_nobody_knows() -> None:
    """Without a figure of then there is no change, and none of who is not judged."""
    assert change(row(before_risk=None, before_score=None), "told") is None
    assert change(row(risk=None, score=None), "told") is None
