"""How the risk of an account has moved, in words, and only between days of one source."""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from mailsignals.readmodel.queries.risk_change import AGAINST, change, difference

TODAY = dt.date(2026, 3, 2)


def row(**figures: object) -> dict[str, Any]:
    """An account that stood at a chance of about 1 in 10 when its CSM was last told."""
    usual = {
        "risk": 0.34,
        "source": "churn-1",
        "before_risk": 0.125,
        "before_source": "churn-1",
        "before_on": TODAY,
    }
    return usual | figures


@pytest.mark.parametrize(
    ("figures", "word", "then"),
    [
        ({}, "up", "about 1 in 10"),
        ({"risk": 0.04}, "down", "about 1 in 10"),
        ({"risk": 0.126}, "no change", None),
        ({"source": "quiet+scorecard", "before_source": "quiet+scorecard"}, "up", None),
    ],
)
def test_a_change_is_said_between_bands(figures: dict[str, object], word: str, then: str | None) -> None:
    """Within one band nothing has changed; what is no chance of anything has no band of then."""
    assert change(row(**figures), "told") == {"word": word, "then": then, "on": TODAY}


@pytest.mark.parametrize(
    "figures",
    [
        {"before_source": "churn-0"},
        {"before_source": "silence-1"},
        {"source": "quiet+scorecard", "before_source": "scorecard"},
        {"source": "quiet+churn-1"},
        {"before_source": None},
        {"before_risk": None},
        {"risk": None},
    ],
)
def test_nothing_is_compared_across_methods(figures: dict[str, object]) -> None:
    """Another method or model on that day, and a figure that is missing, make no change of the account."""
    assert change(row(**figures), "told") is None
    frame = pl.DataFrame(
        [row(**figures)], schema_overrides=dict.fromkeys(("risk", "before_risk"), pl.Float64)
    )
    assert frame.select(difference("told")).item() is None


def test_every_comparison_has_columns_of_its_own() -> None:
    """A week ago is another day than the last digest."""
    week = {"week_risk": 0.4, "week_source": "churn-1", "week_on": TODAY}
    assert [(change(row(**week), against) or {})["word"] for against in AGAINST] == ["up", "down"]
