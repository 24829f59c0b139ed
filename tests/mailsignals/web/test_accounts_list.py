"""The list of accounts: what filters let through, how columns sort, who sees what, how change is said."""

import datetime as dt
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from mailsignals.flags.flags import HELD_BACK
from mailsignals.readmodel.editions import EditionStore
from mailsignals.readmodel.tables.accounts import as_shown, week_ago
from mailsignals.web.columns import COLUMNS
from mailsignals.web.pages.accounts import Query, chosen, summary, visible
from mailsignals.web.risk_change import change, difference
from mailsignals.web.roles import EVERYBODY, Role, Viewer
from mailsignals.workspace import Workspace
from tests.mailsignals.flags import records
from tests.mailsignals.web.conftest import NOW
from tests.mailsignals.web.viewers import seen_by

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
            "state": draw(st.sampled_from(["scored", "not_enough_sight", "churned", "not_started"])),
            "level": draw(LEVELS),
            "news": draw(st.sampled_from(["entered", "still", "over", None])),
            "away": draw(st.sampled_from(["snoozed", "dismissed", None])),
            "flagged_on": draw(DAY),
            "renewal_on": draw(DAY),
            "source": draw(st.sampled_from(["scorecard", "churn-1", "silence-1"])),
            "before_source": draw(st.sampled_from(["scorecard", "churn-1", "silence-1", None])),
            "week_source": "scorecard",
            **{name: draw(FIGURE) for name in ("risk", "score", "arr", "before_risk", "before_score")},
            **{name: draw(FIGURE) for name in ("week_risk", "week_score", "days_since_inbound")},
            **{name: draw(FIGURE) for name in ("days_since_outbound", "response_hours_median_30")},
            **{name: draw(FIGURE) for name in ("customer_response_hours_median_30", "checkins_90")},
            "thread_response_rate_90": draw(FIGURE),
        }
        for number in range(count)
    ]
    texts = ["account_id", "name", "tier", "csm", "state", "level", "news", "away", "source", "before_source"]
    days = ["flagged_on", "renewal_on"]
    names = list(rows[0]) if rows else [*texts, "week_source", *days, *_NUMBERS]
    schema = {
        name: pl.String() if name in {*texts, "week_source"} else pl.Date() if name in days else pl.Float64()
        for name in names
    }
    return pl.DataFrame(rows, schema=schema)


_NUMBERS = [
    *("risk", "score", "arr", "before_risk", "before_score", "week_risk", "week_score"),
    *("days_since_inbound", "days_since_outbound", "response_hours_median_30"),
    *("customer_response_hours_median_30", "checkins_90", "thread_response_rate_90"),
]
QUERIES = st.builds(
    Query,
    q=st.sampled_from(["", "a", "ÜNAL", "birch "]),
    csm=st.sampled_from(["", "ana@us.test"]),
    tier=st.sampled_from(["", "gold"]),
    level=st.sampled_from(["", "high", "none"]),
    flag=st.sampled_from(["", "open", "new", "away"]),
    renewal=st.sampled_from([0, 30]),
    state=st.sampled_from(["", "left", "all"]),
    against=st.sampled_from(["told", "week"]),
    sort=st.sampled_from(list(COLUMNS)),
    order=st.sampled_from(["", "asc", "desc"]),
)


def lets_through(row: dict[str, Any], query: Query) -> bool:
    """Whether an account is wanted, in plain words."""
    states = {"": {"scored", "not_enough_sight"}, "left": {"churned"}}
    text = f"{row['account_id']} {row['name'] or ''}".lower()
    is_open = row["news"] in {"entered", "still"}
    opened = row["flagged_on"]
    lately = opened > TODAY - dt.timedelta(days=7) if opened else row["news"] == "entered"
    renewal = row["renewal_on"]
    return all(
        (
            query.state == "all" or row["state"] in states[query.state],
            query.q.strip().lower() in text,
            not query.csm or row["csm"] == query.csm,
            not query.tier or row["tier"] == query.tier,
            not query.level or (row["level"] or "none") == query.level,
            query.flag != "open" or is_open,
            query.flag != "new" or (is_open and lately),
            query.flag != "away" or row["away"] is not None,
            not query.renewal
            or (renewal is not None and TODAY <= renewal <= TODAY + dt.timedelta(days=query.renewal)),
        )
    )


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(accounts(), QUERIES)
def test_filters_let_through_what_their_words_say(rows: pl.DataFrame, query: Query) -> None:
    """An account is shown if and only if it is as every filter says, whatever the order."""
    wanted = {row["account_id"] for row in rows.to_dicts() if lets_through(row, query)}
    assert set(chosen(rows, query, today=TODAY)["account_id"]) == wanted


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(accounts(), QUERIES)
def test_a_column_sorts_by_its_figure_and_leaves_the_unknown_last(rows: pl.DataFrame, query: Query) -> None:
    """Figures go the way that was asked for; an account without one stands last either way."""
    by = difference(query.against) if query.sort == "change" else COLUMNS[query.sort].by
    figures = rows.with_columns(figure=by)
    shown = chosen(figures, query, today=TODAY)["figure"].to_list()
    known = [figure for figure in shown if figure is not None]
    assert known == sorted(known, reverse=query.descending)
    assert shown == known + [None] * (len(shown) - len(known))


def test_the_riskiest_level_stands_on_top_and_within_it_the_riskiest_account() -> None:
    """The table's order is that of the risk; levels go first, and who is not judged last."""
    levels = ["medium", "high", None, "low", "high"]
    rows = pl.DataFrame({"account_id": list("abcde"), "level": levels}).select(
        pl.all(), COLUMNS["risk"].by.alias("place")
    )
    assert rows.sort("place")["account_id"].to_list() == ["b", "e", "a", "d", "c"]


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
    assert visible(rows, viewer)["account_id"].to_list() == expected


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


def test_the_tiles_count_current_customers() -> None:
    """Who left is in no figure, and ARR at high risk is that of the level."""
    rows = pl.DataFrame(
        {
            "state": ["scored", "scored", "not_enough_sight", "churned"],
            "level": ["high", "low", None, "high"],
            "arr": [10.0, 20.0, None, 40.0],
            "news": ["entered", "still", None, "entered"],
            "away": [None, "snoozed", None, None],
            "flagged_on": [TODAY, TODAY - dt.timedelta(days=7), None, TODAY],
        }
    )
    assert summary(rows, today=TODAY) == {
        "accounts": 3,
        "unjudged": 1,
        "high": 1,
        "arr": 30.0,
        "arr_high": 10.0,
        "new": 1,
        "away": 1,
    }


def test_a_flag_that_is_held_back_leaves_no_trace() -> None:
    """Its account stands at medium risk, with no word that tells it from others."""
    rows = pl.DataFrame(
        {
            "level": ["high", "high", "low"],
            "away": [HELD_BACK, "snoozed", HELD_BACK],
            "news": [None, None, None],
            "flagged_on": [TODAY, TODAY, TODAY],
        },
        schema_overrides={"news": pl.String},
    )
    assert as_shown(rows).rows() == [
        ("medium", None, None, None),
        ("high", "snoozed", None, None),
        ("low", None, None, None),
    ]


@pytest.mark.parametrize(
    ("recorded", "found"), [([0, 6, 7, 9], 7), ([8, 13], 8), ([6, 14], None), ([], None)]
)
def test_a_week_ago_is_the_last_day_recorded_by_then(recorded: list[int], found: int | None) -> None:
    """Of the seven days that end a week ago the newest; what is older is not a week ago."""
    days = [records.recorded("h", start=-ago) for ago in recorded]
    scores = pl.concat([records.recorded(""), *days])
    expected = [] if found is None else [records.on(-found)]
    assert week_ago(scores, records.on(0))["week_on"].to_list() == expected


def test_the_address_holds_all_that_is_chosen(client: TestClient, company: Workspace) -> None:
    """The same address shows the same list: filters are set in the form, and links keep them."""
    edition = EditionStore(company.settings.store.path).newest()
    assert edition
    tier = edition.table("accounts")["tier"].drop_nulls()[0]
    page = client.get("/accounts", params={"tier": tier, "sort": "arr", "renewal": "90"}).text
    assert f'<option value="{tier}" selected>' in page
    assert '<option value="90" selected>' in page
    assert 'aria-sort="descending"' in page
    assert f"/accounts?tier={tier.replace(' ', '+')}&amp;renewal=90&amp;sort=arr&amp;order=asc" in page


@pytest.mark.parametrize(
    "query", ["sort=nonsense", "page=0", "page=99999", "renewal=x", "level=%00", "q=" + "x" * 9999]
)
def test_an_address_that_makes_no_sense_shows_a_list_all_the_same(client: TestClient, query: str) -> None:
    """What cannot be meant is left out."""
    assert client.get(f"/accounts?{query}").status_code == 200


def test_a_csm_finds_own_accounts_on_the_page(company: Workspace) -> None:
    """The list of a CSM has their accounts and no others, also when the address asks for others."""
    edition = EditionStore(company.settings.store.path).newest()
    assert edition
    rows = edition.table("accounts")
    csm = rows["csm"].drop_nulls()[0]
    page = seen_by(company, csm, Role.CSM).get("/accounts?state=all").text
    for account_id, own in rows.select("account_id", pl.col("csm") == csm).iter_rows():
        assert (f'href="/accounts/{account_id}"' in page) == bool(own)
    other = seen_by(company, "nobody@elsewhere.test", Role.CSM).get(f"/accounts?csm={csm}").text
    assert "You are the CSM of no account." in other


@pytest.mark.parametrize("role", [Role.LEAD, Role.OPERATOR])
@pytest.mark.parametrize("path", ["/accounts", "/accounts.csv", "/accounts/A001", "/accounts/A001/mails"])
def test_who_is_neither_csm_nor_head_gets_no_further(company: Workspace, role: Role, path: str) -> None:
    """Support leads and operators have pages of their own."""
    assert seen_by(company, "x@us.test", role).get(path).status_code == 403
