"""Levels follow how likely something happens, and what a CSM can act on."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsignals.risk.levels import LEVELS, level

_RISK = st.one_of(st.sampled_from((0.0, 0.1, 0.2, 0.5)), st.floats(0, 1))
_STATE = st.sampled_from(("active", "active", "active", "seldom_writes", "lapsed"))
_ACCOUNTS = st.lists(st.tuples(_STATE, _RISK, st.sampled_from((None, "ana", "bob"))), max_size=60)

Account = tuple[str, float | None, str | None]


def levels(accounts: list[Account], *, most: int = 5) -> list[str | None]:
    """The levels of accounts by state, risk and CSM."""
    schema = {"state": pl.String, "risk": pl.Float64, "csm": pl.String}
    frame = pl.DataFrame(accounts, schema=schema, orient="row").with_row_index("account")
    frame = frame.with_columns(as_of=pl.lit(0))
    found = level(high_risk=0.2, medium_risk=0.1, accounts_per_csm=most)
    return frame.select(level=found)["level"].to_list()


@settings(deadline=None, max_examples=60)
@given(_ACCOUNTS, st.integers(1, 4))
def test_levels_keep_to_the_thresholds_and_the_capacity(accounts: list[Account], most: int) -> None:
    """High: from the threshold on, among a CSM's riskiest, at most a tenth of their active accounts but one.

    Who is over the capacity is at medium risk. Only active accounts have a level, and those without a CSM share one
    CSM's capacity.
    """
    rows = [(*account, found) for account, found in zip(accounts, levels(accounts, most=most), strict=True)]
    for csm in {row[2] for row in rows}:
        mine = sorted(
            (row for row in rows if row[2] == csm and row[0] == "active"), key=lambda row: -(row[1] or 0.0)
        )
        room = min(most, max(1, len(mine) // 10))
        for place, (_, risk, _, found) in enumerate(mine):
            assert risk is not None
            expected = "high" if risk >= 0.2 and place < room else "medium" if risk >= 0.1 else "low"
            assert found == expected
    assert all((found is None) == (state != "active") for state, _, _, found in rows)
    assert {row[3] for row in rows} <= {*LEVELS, None}


def test_a_calm_portfolio_has_no_high_account() -> None:
    """A level says how likely something happens, so that the riskiest of calm accounts is at low risk."""
    assert set(levels([("active", 0.0999, "ana")] * 30)) == {"low"}


def test_a_tie_at_the_capacity_goes_to_who_stands_first_in_the_list() -> None:
    """Two accounts with one risk are not both high if there is room for one."""
    assert levels([("active", 0.1, "ana"), ("active", 0.4, "ana"), ("active", 0.4, "ana")]) == [
        "medium",
        "high",
        "medium",
    ]


def test_who_is_gone_takes_nobodys_place() -> None:
    """Accounts without a level, however many, leave a CSM's places to those that are active, and make no room."""
    gone: list[Account] = [("lapsed", None, "ana")] * 30
    seldom: list[Account] = [("seldom_writes", 0.9, "ana")] * 30
    active: list[Account] = [("active", 0.3, "ana"), ("active", 0.4, "ana")]
    assert levels([*gone, *seldom, *active])[-2:] == ["medium", "high"]
