"""The list of accounts: what filters let through, how columns sort, who sees what."""

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsignals.readmodel.queries.accounts import (
    AccountFilter,
    SortOrder,
    account_list,
    conditions,
    sort_accounts,
    summary,
    visible_rows,
)
from mailsignals.readmodel.queries.columns import COLUMNS
from mailsignals.readmodel.queries.risk_change import AGAINST, difference
from mailsignals.readmodel.roles import EVERYBODY, Role, Viewer
from mailsignals.risk.state import STATES
from mailsignals.risk.totals import CURRENT
from tests.mailsignals.readmodel.queries.frames import NOW, accounts_of, ids, scope_of

TODAY = NOW.date()
LEVELS = st.sampled_from(["high", "medium", "low", None])
FIGURE = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 2.5, 30.0]))
DAY = st.one_of(st.none(), st.integers(-20, 200).map(lambda days: TODAY + dt.timedelta(days=days)))


@st.composite
def accounts(draw: st.DrawFn) -> pl.DataFrame:
    """Some accounts with whatever figures."""
    count = draw(st.integers(0, 8))
    rows = [
        {
            "account_id": f"A{number}",
            "name": draw(st.sampled_from(["Alder", "birch", "Ünal & Co", None])),
            "tier": draw(st.sampled_from(["gold", "tin", None])),
            "csm": draw(st.sampled_from(["ana@us.test", "bo@us.test", None])),
            "state": draw(st.sampled_from(STATES)),
            "level": draw(LEVELS),
            "news": draw(st.sampled_from(["entered", "still", "over", None])),
            "hidden_because": draw(st.sampled_from(["snoozed", "dismissed", None])),
            "flagged_on": draw(DAY),
            "renewal_on": draw(DAY),
            "source": draw(st.sampled_from(["quiet+scorecard", "churn-1"])),
            "before_source": draw(st.sampled_from(["quiet+scorecard", "scorecard", "churn-1", None])),
            "week_source": "quiet+scorecard",
            **{name: draw(FIGURE) for name in ("risk", "arr", "before_risk", "week_risk")},
            "days_since_inbound": draw(FIGURE),
            **{name: draw(FIGURE) for name in ("days_since_outbound", "response_hours_median_30")},
            **{name: draw(FIGURE) for name in ("customer_response_hours_median_30", "checkins_90")},
            "thread_response_rate_90": draw(FIGURE),
        }
        for number in range(count)
    ]
    texts = [
        "account_id",
        "name",
        "tier",
        "csm",
        "state",
        "level",
        "news",
        "hidden_because",
        "source",
        "before_source",
    ]
    days = ["flagged_on", "renewal_on"]
    names = list(rows[0]) if rows else [*texts, "week_source", *days, *_NUMBERS]
    schema = {
        name: pl.String() if name in {*texts, "week_source"} else pl.Date() if name in days else pl.Float64()
        for name in names
    }
    return pl.DataFrame(rows, schema=schema)


_NUMBERS = [
    *("risk", "arr", "before_risk", "week_risk"),
    *("days_since_inbound", "days_since_outbound", "response_hours_median_30"),
    *("customer_response_hours_median_30", "checkins_90", "thread_response_rate_90"),
]
ANY_CASE = ["ana@us.test", "Ana@us.test", " ANA@US.TEST\t", "nobody@us.test"]
FILTERS = st.builds(
    AccountFilter,
    account_id=st.sampled_from([None, "A1"]),
    csm=st.sampled_from([None, *ANY_CASE]),
    tier=st.sampled_from([None, "gold", "GOLD"]),
    level=st.sampled_from([None, "high", "none"]),
    states=st.sampled_from([(), CURRENT, ("churned",)]),
    flag=st.sampled_from(["", "open", "new", "away"]),
    renewal_within_days=st.sampled_from([None, 0, 30]),
    text=st.sampled_from([None, "", "a", "ÜNAL", "birch ", " \tAlder"]),
)
ORDERS = st.builds(
    SortOrder,
    by=st.sampled_from([*(column.by for column in COLUMNS.values()), *map(difference, AGAINST)]),
    descending=st.booleans(),
)


def lets_through(row: dict[str, Any], wanted: AccountFilter) -> bool:
    """Whether an account is wanted, in plain words."""
    text = f"{row['account_id']} {row['name'] or ''}".lower()
    is_open = row["news"] in {"entered", "still"}
    opened = row["flagged_on"]
    lately = opened > TODAY - dt.timedelta(days=7) if opened else row["news"] == "entered"
    days = (row["renewal_on"] - TODAY).days if row["renewal_on"] else None
    return all(
        (
            wanted.account_id in {None, row["account_id"]},
            not wanted.states or row["state"] in wanted.states,
            (wanted.text or "").strip().lower() in text,
            wanted.csm is None or row["csm"] == wanted.csm.strip().lower(),
            wanted.tier in {None, row["tier"]},
            wanted.level is None or (row["level"] or "none") == wanted.level,
            wanted.flag != "open" or is_open,
            wanted.flag != "new" or (is_open and lately),
            wanted.flag != "away" or row["hidden_because"] is not None,
            wanted.renewal_within_days is None
            or (days is not None and 0 <= days <= wanted.renewal_within_days),
        )
    )


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(accounts(), FILTERS)
def test_filters_let_through_what_their_words_say(rows: pl.DataFrame, wanted: AccountFilter) -> None:
    """An account is shown if and only if it is as every filter says."""
    expected = [row["account_id"] for row in rows.to_dicts() if lets_through(row, wanted)]
    assert rows.filter(*conditions(wanted, today=TODAY))["account_id"].to_list() == expected


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(accounts(), ORDERS)
def test_a_column_sorts_by_its_figure_and_leaves_the_unknown_last(
    rows: pl.DataFrame, order: SortOrder
) -> None:
    """Figures go the way that was asked for; an account without one stands last either way."""
    assert order.by is not None
    shown = sort_accounts(rows.with_columns(figure=order.by), order)["figure"].to_list()
    known = [figure for figure in shown if figure is not None]
    assert known == sorted(known, reverse=order.descending)
    assert shown == known + [None] * (len(shown) - len(known))


@pytest.mark.parametrize("csm", ANY_CASE[:-1])
@pytest.mark.parametrize("text", ["alder", "alder ", "  ALDER", "a1 alder"])
def test_addresses_and_searches_ignore_case_and_white_space_around_them(
    tmp_path: Path, csm: str, text: str
) -> None:
    """Who typed an address or a name with a capital letter or a blank too many means the same account."""
    table = accounts_of(
        {"account_id": "A1", "name": "Alder"}, {"account_id": "B1", "name": "Birch", "csm": "bo@us.test"}
    )
    scope = scope_of(tmp_path, {"accounts": table}, Role.HEAD)
    for wanted in (AccountFilter(csm=csm), AccountFilter(text=text), AccountFilter(csm=csm, text=text)):
        assert ids(account_list(scope, wanted, SortOrder()).selection) == ["A1"]


def test_a_list_keeps_its_rows_beside_its_conditions(tmp_path: Path) -> None:
    """All of the viewer's accounts are there in the order; the conditions choose among them."""
    table = accounts_of(
        {"account_id": "A1", "arr": 1.0},
        {"account_id": "A2", "arr": None},
        {"account_id": "A3", "arr": 3.0, "level": "high"},
        {"account_id": "B1", "csm": "bo@us.test"},
    )
    scope = scope_of(tmp_path, {"accounts": table}, Role.CSM, address="Ana@us.test")
    listed = account_list(scope, AccountFilter(level="low"), SortOrder(by=pl.col("arr"), descending=True))
    assert ids(listed.rows) == ["A3", "A1", "A2"]
    assert ids(listed.selection) == ["A1", "A2"]
    assert ids(account_list(scope, AccountFilter(), SortOrder()).selection) == ["A1", "A2", "A3"]


def test_the_order_of_risk_is_the_one_order_of_every_surface() -> None:
    """The table's own order is kept, whatever the levels: a list is not sorted a second time in another way."""
    levels = ["medium", "high", None, "low", "high"]
    rows = pl.DataFrame({"account_id": list("abcde"), "level": levels}).select(
        pl.all(), COLUMNS["risk"].by.alias("place")
    )
    assert rows.sort("place")["account_id"].to_list() == list("abcde")


@pytest.mark.parametrize(
    ("roles", "address", "expected"),
    [
        ({Role.CSM}, "ANA@us.test", ["1"]),
        ({Role.CSM}, None, []),
        ({Role.CSM}, "x@us.test", []),
        ({Role.HEAD}, "x@us.test", ["1", "2", "3"]),
        (EVERYBODY, None, ["1", "2", "3"]),
    ],
)
def test_a_csm_sees_own_accounts_and_a_head_sees_all(
    roles: frozenset[Role], address: str | None, expected: list[str]
) -> None:
    """Whose an account is, the account book says; one without a CSM is nobody's own."""
    rows = pl.DataFrame({"account_id": ["1", "2", "3"], "csm": ["ana@us.test", "bo@us.test", None]})
    viewer = Viewer(address=address, roles=frozenset(roles), timezone="UTC")
    assert visible_rows(rows, viewer)["account_id"].to_list() == expected


def test_the_tiles_count_current_customers() -> None:
    """Who churned is in no figure but its own; a flag that is open below high is told apart from high risk."""
    rows = pl.DataFrame(
        {
            "state": ["active", "active", "not_enough_sight", "churned"],
            "level": ["high", "low", None, None],
            "quiet": [0.3, 0.01, 0.2, None],
            "expected_loss": [None, None, None, None],
            "source": "quiet+scorecard",
            "arr": [10.0, 20.0, None, 40.0],
            "news": ["entered", "still", None, "entered"],
            "hidden_because": [None, "snoozed", None, None],
            "flagged_on": [TODAY, TODAY - dt.timedelta(days=7), None, TODAY],
        }
    )
    found = summary(rows, today=TODAY)
    assert (found.totals.current, found.totals.high, found.totals.states["not_enough_sight"]) == (3, 1, 1)
    assert (found.totals.arr, found.totals.arr_high) == (30.0, 10.0)
    assert (found.new, found.eased, found.away) == (1, 1, 1)
