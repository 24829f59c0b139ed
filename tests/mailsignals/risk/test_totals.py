"""Totals: every account counted once, and money only where it is known."""

from typing import Any

import polars as pl
import pytest

from mailsignals.risk.totals import totals

SCHEMA = {
    "state": pl.String(),
    "level": pl.String(),
    "quiet": pl.Float64(),
    "arr": pl.Float64(),
    "expected_loss": pl.Float64(),
    "source": pl.String(),
}


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    """Rows of accounts that are active, low and without ARR unless they say otherwise."""
    usual = {
        "state": "active",
        "level": "low",
        "quiet": 0.01,
        "arr": None,
        "expected_loss": None,
        "source": "quiet+scorecard",
    }
    return pl.DataFrame([usual | row for row in rows], schema=SCHEMA)


def test_accounts_are_counted_by_level_and_state() -> None:
    """Every level and state is there; who is gone or not here yet is no current customer."""
    found = totals(
        frame(
            {"level": "high"},
            {},
            {"state": "lapsed", "level": None, "quiet": None},
            {"state": "churned", "level": None, "quiet": None},
            {"state": "not_started", "level": None, "quiet": None},
        )
    )
    assert (found.accounts, found.current, found.high) == (5, 3, 1)
    assert dict(found.levels) == {"high": 1, "medium": 0, "low": 1}
    assert found.states["lapsed"] == 1
    assert sum(found.states.values()) == found.accounts


def test_arr_at_high_risk_is_of_active_accounts_at_high() -> None:
    """What has churned counts neither as revenue nor as revenue at risk."""
    found = totals(
        frame(
            {"level": "high", "arr": 100.0},
            {"arr": 50.0},
            {"state": "lapsed", "level": None, "arr": 25.0},
            {"state": "churned", "level": None, "arr": 1000.0},
        )
    )
    assert (found.arr, found.arr_high, found.expected_loss) == (175.0, 100.0, None)


def test_unknown_money_is_not_zero() -> None:
    """Without any ARR there is no sum; with some and nobody at high risk it is 0."""
    assert totals(frame({"level": "high"})).arr_high is None
    assert totals(frame({"arr": 10.0})).arr_high == 0.0
    assert totals(frame({"arr": 10.0, "expected_loss": 0.5}, {"expected_loss": 0.25})).expected_loss == 0.75


@pytest.mark.parametrize(("quiet", "often"), [(0.04, True), (0.2, False)])
def test_whether_all_write_often(quiet: float, *, often: bool) -> None:
    """Where silence is unlikely for nine of ten active accounts, it says little."""
    rows = [{"quiet": quiet} for _ in range(9)] + [{"quiet": 0.5}]
    assert totals(frame(*rows)).all_write_often is often


def test_of_nobody_there_are_totals_too() -> None:
    """An empty list has zeros and no money."""
    found = totals(frame().clear())
    assert (found.accounts, found.high, found.arr, found.source, found.all_write_often) == (
        0,
        0,
        None,
        None,
        False,
    )
