"""The charts of an account: risk is never joined across a change of method, and no chart has an empty end."""

import datetime as dt
from collections.abc import Mapping

import polars as pl

from mailsignals.store.tables.scores import SCORES_SCHEMA
from mailsignals.web.plots import response_times, risk, seconds

FIRST, DAY = dt.date(2026, 3, 1), dt.timedelta(days=1)
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
    """Days of an earlier method keep their risk; the line of the current method begins where that begins."""
    found = lines(
        recorded(
            ("churn-1", 0.1, 90.0),
            ("churn-1", 0.2, 91.0),
            ("quiet+scorecard", 0.3, None),
            ("churn-1", 0.4, None),
        )
    )
    assert found == [
        ("Risk by an earlier method", [0.1, 0.2, None, 0.4]),
        ("Risk", [None, None, 0.3, None]),
    ]


def test_days_without_a_chance_are_not_drawn() -> None:
    """A percentile of other accounts isn't a chance, and has no place on the same axis."""
    chance = ("quiet+scorecard", 0.25, None)
    assert lines(recorded(("scorecard", None, 93.0), chance, chance)) == [("Risk", [0.25, 0.25])]


def test_a_chart_needs_two_days() -> None:
    """One day makes no line."""
    assert risk(recorded(("scorecard", None, 93.0)), [], ACCOUNT, today=FIRST) is None
    assert risk(recorded(("quiet+scorecard", 0.25, None)), [], ACCOUNT, today=FIRST) is None


def test_a_chart_has_no_empty_gap_at_either_end() -> None:
    """It begins at the first recorded day and ends today: neither a renewal ahead nor an old flag widens it."""
    today = FIRST + 9 * DAY
    scores = recorded(*[("quiet+scorecard", 0.2, None)] * 10)
    flags: list[Mapping[str, object]] = [
        {"opened_on": FIRST - 60 * DAY, "closed_on": FIRST - 30 * DAY},
        {"opened_on": FIRST - 2 * DAY, "closed_on": None},
    ]
    ahead = risk(scores, flags, {"renewal_on": today + 5 * DAY, "churned_on": None}, today=today)
    assert ahead is not None
    assert (ahead["x"][0], ahead["until"], ahead["marks"]) == (seconds(FIRST), seconds(today), [])
    assert [span["to"] for span in ahead["spans"]] == [seconds(today)]
    past = risk(scores, [], {"renewal_on": FIRST + DAY, "churned_on": today}, today=today)
    assert past is not None
    assert [mark["name"] for mark in past["marks"]] == ["renewal", "churned"]


def test_response_times_have_a_place_for_every_month() -> None:
    """From the first month with a turn to that of today; a month without a figure has null, not zero."""
    months = pl.DataFrame(
        {
            "month_on": [dt.date(2025, 12, 1), dt.date(2026, 2, 1)],
            "our_hours": [0.001, None],
            "our_unanswered_share": [0.0, 1.0],
            "their_hours": [5.0, 48.0],
            "their_unanswered_share": [None, 0.25],
        }
    )
    view = response_times(months, today=FIRST)
    assert view is not None
    assert view["x"] == [seconds(dt.date(2025, 12, 1)), *(seconds(dt.date(2026, at, 1)) for at in (1, 2, 3))]
    ours, theirs = view["lines"]
    assert (ours["values"], ours["unanswered"]) == ([0.02, None, None, None], [0.0, None, 1.0, None])
    assert (theirs["values"], theirs["unanswered"]) == ([5.0, None, 48.0, None], [None, None, 0.25, None])
    assert response_times(months.clear(), today=FIRST) is None
