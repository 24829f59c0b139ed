"""Compliance by group, trends, hours of the week, and reports, on small frames."""

import datetime as dt

import polars as pl

from mailsignals.readmodel.queries.compliance import (
    SORTS,
    counts_by_hour,
    sort_groups,
    trend_days,
    worst_first,
)
from tests.mailsignals.readmodel.queries.frames import cases_at
from tests.mailsignals.sla.office import BERLIN


def test_the_worst_tier_comes_first_with_all_its_figures() -> None:
    """A tier is as bad as the worst kept of its promises; one of which nothing was judged comes last."""
    rows = pl.DataFrame(
        {"by": ["a", "a", "b", "b", "c"], "compliance": [0.9, None, 0.95, 0.4, None]}, strict=False
    )
    assert worst_first(rows)["by"].to_list() == ["b", "b", "a", "a", "c"]


def test_the_order_of_groups_is_chosen_and_never_fails() -> None:
    """Most breaches first unless asked otherwise; what is not known comes last."""
    rows = pl.DataFrame(
        {
            "name": ["x", "Y", "z"],
            "breached": [1, 3, 0],
            "judged": [10, 3, 0],
            "compliance": [0.9, 0.0, None],
            "median_business_hours": [2.0, 1.0, None],
            "median_hours": [None, 5.0, 1.0],
        }
    )
    found = {sort: "".join(sort_groups(rows, sort)["name"]) for sort in (*SORTS, "nonsense")}
    assert found == {
        "breached": "Yxz",
        "compliance": "Yxz",
        "judged": "xYz",
        "median": "xYz",
        "clock": "Yzx",
        "name": "xYz",
        "nonsense": "Yxz",
    }


def test_a_trend_is_of_whole_weeks_and_holds_the_period() -> None:
    """Thirteen weeks with that of the last day, or all weeks of a longer period."""
    wednesday, monday = dt.date(2026, 3, 4), dt.date(2026, 3, 9)
    assert trend_days(dt.date(2026, 3, 1), wednesday) == (dt.date(2025, 12, 8), monday)
    assert trend_days(dt.date(2025, 1, 1), wednesday) == (dt.date(2024, 12, 30), monday)


def test_hours_are_those_on_the_wall() -> None:
    """On the night of a clock change the same instant of the world lies in another hour, and no hour is lost."""
    moments = ["2026-03-29 01:30", "2026-03-29 03:30", "2026-10-25 02:30", "2026-10-26 02:30"]
    counts = counts_by_hour(cases_at(*((moment, None) for moment in moments)), "started_at", timezone=BERLIN)
    found = {(day, hour): count for day, row in enumerate(counts) for hour, count in enumerate(row) if count}
    assert found == {(6, 1): 1, (6, 3): 1, (6, 2): 1, (0, 2): 1}
