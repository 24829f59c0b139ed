"""How accounts are looked after by CSM, and who does what."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsignals.config.privacy import People
from mailsignals.readmodel.queries.coverage import (
    accounts_without_checkin,
    coverage_by_csm,
    coverage_in_all,
    longest_waits,
)
from mailsignals.readmodel.queries.privacy import LEAST
from mailsignals.readmodel.queries.team import findings, role_mix, team
from mailsignals.readmodel.roles import Role
from tests.mailsignals.readmodel.queries.frames import accounts_of, ids, scope_of, work_of

CSM_NAMES = st.sampled_from([f"csm{n}@us.test" for n in range(9)])


def test_figures_by_csm() -> None:
    """Counts, sums, the share with a check-in in 30 days, and the quartiles of the accounts' own medians."""
    waits = (1.0, 2.0, 3.0, 4.0, 100.0)
    rows = [
        {
            "account_id": f"A{n}",
            "response_hours_median_90": wait,
            "days_since_checkin": 30.0 + n,
            "open_turns": n,
        }
        for n, wait in enumerate(waits)
    ]
    rows[0] |= {"level": "high"}
    (found,) = coverage_by_csm(accounts_of(*rows), "all", None).to_dicts()
    assert found == {
        "who": "ana@us.test",
        "people": 1,
        "single": True,
        "accounts": 5,
        "arr": 5000.0,
        "high": 1,
        "arr_at_risk": 1000.0,
        "checked_in": 1,
        "coverage": 0.2,
        "open_turns": 10,
        "overdue_turns": 0,
        "waits": 5,
        "wait_25": 2.0,
        "wait_50": 3.0,
        "wait_75": 4.0,
    }


def test_accounts_without_a_csm_have_a_row_of_their_own() -> None:
    """It stands last, and is shown by every rule, because it is nobody's."""
    accounts = accounts_of({"csm": None}, *({"csm": f"c{n}@us.test"} for n in range(LEAST)))
    assert coverage_by_csm(accounts, "team", None)["who"].to_list() == ["all CSMs", "accounts without a CSM"]


def test_the_longest_without_a_check_in_come_first() -> None:
    """Those that nobody ever checked in with before all others; 30 days are not yet without."""
    days = {"A": 31.0, "B": None, "C": 90.0, "D": 30.0}
    accounts = accounts_of(
        *({"account_id": name, "days_since_checkin": value} for name, value in days.items())
    )
    assert accounts_without_checkin(accounts)["account_id"].to_list() == ["B", "C", "A"]


def test_the_slowest_accounts_are_not_hidden_by_an_average() -> None:
    """Each account stands for itself; one that was never answered has no median."""
    accounts = accounts_of(
        *(
            {"account_id": f"A{n}", "response_hours_median_90": wait}
            for n, wait in enumerate((1.0, None, 9.0))
        )
    )
    assert longest_waits(accounts, 1)["account_id"].to_list() == ["A2"]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), CSM_NAMES), min_size=1, max_size=30), st.sampled_from(["team", "self"]))
def test_no_figure_by_csm_is_of_one_other_person(csms: list[str | None], rule: People) -> None:
    """A row is one's own, nobody's, or of five or more; all together are shown only where the rows cover them."""
    accounts = accounts_of(*({"csm": csm} for csm in csms))
    viewer = "csm0@us.test"
    for row in coverage_by_csm(accounts, rule, viewer).to_dicts():
        own = row["single"] and row["who"] == viewer and rule == "self"
        assert own or row["people"] >= LEAST or row["who"] == "accounts without a CSM"
    others = {csm for csm in csms if csm} - ({viewer} if rule == "self" else set())
    if coverage_in_all(accounts, rule, viewer) is not None:
        assert len({csm for csm in csms if csm}) >= LEAST or not others


def test_what_is_opened_and_what_is_answered_in_tickets() -> None:
    """Of 13 weeks together, and by week the share that is the other role's work; a week without mail has none."""
    work = work_of(("bo@us.test", "support", 0, 10, 4, 6), ("bo@us.test", "support", 12, 5, 0, 5))
    (row,) = role_mix(work, "all", None).to_dicts()
    assert (row["mails"], row["opened"], row["tickets"], row["other"]) == (15, 4, 11, 0)
    assert row["weeks"] == [0.4, *[None] * 11, 0.0]


@pytest.mark.parametrize(
    ("role", "opened", "tickets", "found"),
    [
        ("support", 40, 60, True),
        ("support", 30, 70, False),  # of 100 mails 30% may be chance
        ("cs", 60, 40, True),
        ("cs", 40, 0, False),  # account work is what customer success is for
        ("other", 100, 0, False),
    ],
)
def test_when_it_is_time_to_separate(role: str, opened: int, tickets: int, *, found: bool) -> None:
    """The interval of 95% lies above a quarter of another role's work."""
    work = work_of(("bo@us.test", role, 12, 100, opened, tickets))
    assert bool(findings(role_mix(work, "all", None))) is found


def test_what_is_over_is_no_finding() -> None:
    """It must still be so in the last four weeks."""
    work = work_of(("bo@us.test", "support", 0, 100, 60, 40), ("bo@us.test", "support", 11, 20, 1, 19))
    assert findings(role_mix(work, "all", None)) == []


TABLES = {
    "accounts": accounts_of(
        {"account_id": "A1", "days_since_checkin": None},
        {"account_id": "A2", "state": "churned"},
        {"account_id": "B1", "csm": "bo@us.test", "days_since_checkin": 90.0},
    ),
    "work": work_of(("ana@us.test", "cs", 12, 20, 10, 0), ("bo@us.test", "support", 12, 20, 0, 20)),
}


def test_a_head_sees_the_whole_team(tmp_path: Path) -> None:
    """Current customers of all CSMs, everybody's work, and the trend by role."""
    found = team(scope_of(tmp_path, TABLES, Role.HEAD))
    assert found.single_csms == ["ana@us.test", "bo@us.test"]
    assert ids(found.without_checkin("")) == ["A1", "B1"]
    assert ids(found.without_checkin("bo@us.test")) == ["B1"]
    assert found.mix["who"].to_list() == ["ana@us.test", "bo@us.test"]
    assert found.trend is not None
    assert found.rule == "all"


def test_a_csm_sees_nothing_that_others_go_into(tmp_path: Path) -> None:
    """Their own accounts and work; there is no trend, and ``all`` means their own figures."""
    found = team(scope_of(tmp_path, TABLES, Role.CSM, address="Bo@us.test"))
    assert (found.rule, found.single_csms, found.trend) == ("self", ["bo@us.test"], None)
    assert ids(found.without) == ["B1"]
    assert found.mix["who"].to_list() == ["bo@us.test"]


def test_by_team_no_account_says_whose_it_is(tmp_path: Path) -> None:
    """The accounts without a check-in are listed without their CSMs."""
    found = team(scope_of(tmp_path, TABLES, Role.HEAD, people="team"))
    assert found.single_csms == []
    assert found.without_checkin("")["csm"].to_list() == [None, None]
    assert found.whole is None
