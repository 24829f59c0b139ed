"""``mailsignals risk``: filters, orders, lapsed accounts, and every term of one account's risk."""

import json
import math
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest

from mailsignals.cli.commands.risk import Level, RiskFilter, Sort, State, listed_rows
from mailsignals.errors import UserError
from mailsignals.risk.assess import RISK_SCHEMA
from mailsignals.risk.levels import LEVELS
from mailsignals.risk.state import STATES
from mailsignals.usecases.account_choice import chosen_accounts
from tests.mailsignals import small_company
from tests.mailsignals.cli.program import Program

AS_OF = ("--as-of", small_company.AS_OF)
LATER = ("--as-of", "2026-04-20")
"""The customers who fell silent have been so for over 90 days; all others for seven weeks."""

ROWS = pl.DataFrame(
    {
        "account_id": ["A", "B", "C", "D"],
        "name": ["Zebra", "apple", None, "Mango"],
        "csm": ["Ana@us.test", "bo@us.test", None, "ana@us.test"],
        "tier": ["gold", "tin", "gold", None],
        "level": ["high", "low", None, "medium"],
        "state": ["active", "active", "lapsed", "active"],
        "expected_loss": [1.0, 5.0, None, 2.0],
    }
)


def ids(**wanted: Any) -> list[str]:
    """The accounts that a filter lists, in its order."""
    chosen = RiskFilter(**wanted)
    return listed_rows(chosen_accounts(ROWS, chosen), chosen)["account_id"].to_list()


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, "ABCD"),
        ({"csm": " ANA@us.test"}, "AD"),
        ({"tier": "Gold"}, "AC"),
        ({"level": "low"}, "B"),
        ({"state": "lapsed"}, "C"),
        ({"level": "high", "state": "lapsed"}, ""),
        ({"limit": 2}, "AB"),
        ({"sort": Sort.LOSS}, "BDAC"),
        ({"sort": Sort.NAME}, "BCDA"),
        ({"sort": Sort.NAME, "limit": 1, "csm": "ana@us.test"}, "D"),
    ],
)
def test_filters_choose_and_orders_sort(wanted: dict[str, Any], expected: str) -> None:
    """The order of risk is kept unless another is asked for; what has no figure comes last; a limit cuts at the end."""
    assert ids(**wanted) == list(expected)


@pytest.mark.parametrize(
    ("wanted", "names"), [({"csm": "x@us.test"}, "bo@us.test"), ({"tier": "lead"}, "tin")]
)
def test_a_filter_that_names_nobody_says_whom_there_is(wanted: dict[str, str], names: str) -> None:
    """A misspelled CSM or tier is an error, not an empty list."""
    with pytest.raises(UserError, match=names):
        ids(**wanted)


def test_every_level_and_state_can_be_asked_for() -> None:
    """The options take what the table holds."""
    assert get_args(Level) == LEVELS
    assert get_args(State) == STATES


def test_the_columns_are_those_that_are_promised(run: Program, stocked: Path) -> None:
    """Whatever is filtered, a program gets the same columns."""
    for options in ((), ("--state", "never_heard"), ("--sort", "loss", "--limit", "1")):
        rows = run("risk", *AS_OF, *options, "--json").json
        assert list(rows[0]) == RISK_SCHEMA.names()


def test_the_head_counts_every_account_and_says_what_was_checked(run: Program, stocked: Path) -> None:
    """Revenue first, then counts of all accounts, then how far to believe them; a filter of levels changes none."""
    ran = run("risk", *AS_OF)
    first, second = (each.out.splitlines() for each in (ran, run("risk", *AS_OF, "--level", "low")))
    assert first[0].startswith("ARR at high risk: ")
    assert "12 accounts: " in first[1]
    assert "1 never wrote" in " ".join(first[1:3])
    assert "Add churn dates to the account list" in ran.flat
    assert first[:2] == second[:2]


def test_low_accounts_show_no_reasons(run: Program, stocked: Path) -> None:
    """In a list their terms are noise."""
    rows = [row for row in run("risk", *AS_OF, "--level", "low", "--json").json if row["reasons"]]
    assert rows
    out = run("risk", *AS_OF, "--level", "low").out
    assert not [reason for row in rows for reason in row["reasons"] if reason["text"] in out]
    assert "Also worth knowing" not in out


def test_lapsed_accounts_are_a_list_of_their_own(run: Program, stocked: Path) -> None:
    """They have no level and no chance, and are told with their silence."""
    rows = run("risk", *LATER, "--state", "lapsed", "--json").json
    assert {row["account_id"] for row in rows} == set(small_company.QUIET)
    assert all(row["level"] is None and row["quiet"] is None for row in rows)
    shown = run("risk", *LATER, "--state", "lapsed").out
    assert "Silent for 120 days." in shown
    assert "`mailsignals risk --state lapsed`" in run("risk", *LATER).flat


def test_every_state_without_a_level_says_why(run: Program, stocked: Path) -> None:
    """Who never wrote is not at low risk."""
    assert (
        "Never wrote: No synced mailbox has an email from them."
        in run("risk", *AS_OF, "--state", "never_heard").out
    )


def test_an_explanation_adds_up(run: Program, stocked: Path) -> None:
    """The terms of each cause add up to its log odds, and both causes to the risk, in words and in JSON."""
    (row,) = [row for row in run("risk", *AS_OF, "--json").json if row["account_id"] == "A01"]
    parts = json.loads(run("risk", *AS_OF, "--explain", "A01", "--json").out)
    for cause in ("quiet", "leaving"):
        log_odds = sum(part["adds"] for part in parts if part["cause"] == cause)
        odds = row[cause] / (1 - row[cause])
        assert log_odds == pytest.approx(math.log(odds), abs=1e-9)
    out = run("risk", *AS_OF, "--explain", "A01").out
    assert f"= {row['risk']:.3f}: " in out
    assert "typical customer" in out
    assert "Terms of going quiet (" in out
    assert "Terms of churn signals (" in out
    run("risk", *AS_OF, "--explain", "A12").refused("A12", "never wrote")
