"""The chart of an account's risk: what was recorded, never joined across a change of method."""

import datetime as dt
from collections.abc import Mapping

import polars as pl

from mailsignals.store.tables.scores import SCORES_SCHEMA
from mailsignals.web.plots import risk

FIRST = dt.date(2026, 3, 1)
ACCOUNT: Mapping[str, object] = {"renewal_on": None, "churned_on": None}


def recorded(*days: tuple[str, float | None, float | None]) -> pl.DataFrame:
    """Days in a row: the source, the risk and the score of each."""
    rows = [
        {
            "account_id": "A1",
            "scored_on": FIRST + dt.timedelta(days=place),
            "level": "low",
            "source": source,
            "risk": chance,
            "score": score,
        }
        for place, (source, chance, score) in enumerate(days)
    ]
    return pl.DataFrame(rows, schema={**dict.fromkeys(SCORES_SCHEMA, pl.String()), **SCORES_SCHEMA}).select(
        SCORES_SCHEMA.names()
    )


def lines(scores: pl.DataFrame) -> list[tuple[str, list[float | None]]]:
    """The lines of the chart, by name."""
    view = risk(scores, [], ACCOUNT, today=FIRST + dt.timedelta(days=30))
    assert view is not None
    return [(line["name"], line["values"]) for line in view["lines"]]


def test_each_source_has_a_line_of_its_own() -> None:
    """Days of a model of before keep what they said; the line of today's method begins where that begins."""
    found = lines(
        recorded(
            ("churn-1", 0.1, 90.0),
            ("churn-1", 0.2, 91.0),
            ("quiet+scorecard", 0.3, None),
            ("churn-1", 0.4, None),
        )
    )
    assert found == [
        ("Chance of churn within 90 days, by churn-1", [0.1, 0.2, None, 0.4]),
        ("Risk", [None, None, 0.3, None]),
    ]


def test_what_was_recorded_without_a_chance_is_not_drawn() -> None:
    """A percentage of other accounts is no chance, and has no place on the same axis."""
    assert lines(recorded(("scorecard", None, 93.0), ("quiet+scorecard", 0.25, None))) == [("Risk", [0.25])]
    assert risk(recorded(("scorecard", None, 93.0)), [], ACCOUNT, today=FIRST) is None


def test_a_risk_with_a_model_names_it() -> None:
    """Where a model gives one of two causes, the line is still the risk."""
    assert lines(recorded(("quiet+churn-2", 0.25, None))) == [("Risk, with churn-2", [0.25])]
