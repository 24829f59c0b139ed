"""The page Team."""

import datetime as dt
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from mailsignals.config.privacy import People
from mailsignals.readmodel.editions import EditionStore
from mailsignals.web.coverage import by_csm, in_all, longest_waits, without_checkin
from mailsignals.web.mix import findings, mix
from mailsignals.web.people import LEAST
from mailsignals.web.roles import Role
from mailsignals.web.site import Site
from mailsignals.workspace import Workspace
from tests.mailsignals.web.conftest import site_of
from tests.mailsignals.web.team.visitors import a_visitor, accounts_of, as_visitor, by_hand, work_of

ADDRESS = re.compile(r"[\w.]+@[\w.]+")
CSM_NAMES = st.sampled_from([f"csm{n}@us.test" for n in range(9)])


def main_of(page: str) -> str:
    """A page without its frame, which says who is signed in."""
    return page.partition("<main")[2].partition("</main>")[0]


@pytest.fixture
def site(company: Workspace) -> Site:
    """The dashboard of the simulated company."""
    return site_of(company)


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
    (found,) = by_csm(accounts_of(*rows), "all", None).to_dicts()
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
        "waits": 5,
        "wait_25": 2.0,
        "wait_50": 3.0,
        "wait_75": 4.0,
    }


def test_accounts_without_a_csm_have_a_row_of_their_own() -> None:
    """It stands last, and is shown by every rule, because it is nobody's."""
    accounts = accounts_of({"csm": None}, *({"csm": f"c{n}@us.test"} for n in range(LEAST)))
    assert by_csm(accounts, "team", None)["who"].to_list() == ["all CSMs", "accounts without a CSM"]


def test_the_longest_without_a_check_in_come_first() -> None:
    """Those that nobody ever checked in with before all others; 30 days are not yet without."""
    days = {"A": 31.0, "B": None, "C": 90.0, "D": 30.0}
    accounts = accounts_of(
        *({"account_id": name, "days_since_checkin": value} for name, value in days.items())
    )
    assert without_checkin(accounts)["account_id"].to_list() == ["B", "C", "A"]


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
    for row in by_csm(accounts, rule, viewer).to_dicts():
        own = row["single"] and row["who"] == viewer and rule == "self"
        assert own or row["people"] >= LEAST or row["who"] == "accounts without a CSM"
    others = {csm for csm in csms if csm} - ({viewer} if rule == "self" else set())
    if in_all(accounts, rule, viewer) is not None:
        assert len({csm for csm in csms if csm}) >= LEAST or not others


def test_what_is_opened_and_what_is_answered_in_tickets() -> None:
    """Of 13 weeks together, and by week the share that is the other role's work; a week without mail has none."""
    work = work_of(("bo@us.test", "support", 0, 10, 4, 6), ("bo@us.test", "support", 12, 5, 0, 5))
    (row,) = mix(work, "all", None).to_dicts()
    assert (row["mails"], row["opened"], row["tickets"], row["other"]) == (15, 4, 11, 0)
    assert row["weeks"] == [0.4, *[None] * 11, 0.0]


@pytest.mark.parametrize(
    ("role", "opened", "tickets", "found"),
    [
        ("support", 40, 60, True),
        ("support", 30, 70, False),  # of 100 mails 30 % may be chance
        ("cs", 60, 40, True),
        ("cs", 40, 0, False),  # account work is what customer success is for
        ("other", 100, 0, False),
    ],
)
def test_when_it_is_time_to_separate(role: str, opened: int, tickets: int, *, found: bool) -> None:
    """The interval of 95 % lies above a quarter of another role's work."""
    work = work_of(("bo@us.test", role, 12, 100, opened, tickets))
    assert bool(findings(mix(work, "all", None))) is found


def test_what_is_over_is_no_finding() -> None:
    """It must still be so in the last four weeks."""
    work = work_of(("bo@us.test", "support", 0, 100, 60, 40), ("bo@us.test", "support", 11, 20, 1, 19))
    assert findings(mix(work, "all", None)) == []


def test_the_prepared_table_of_work_counts_every_mail_of_13_weeks(company: Workspace) -> None:
    """Each mail of ours to accounts is of one kind, and support's mails are nearly all in tickets."""
    edition = EditionStore(company.settings.store.path).newest()
    assert edition is not None
    work = edition.table("work")
    assert work.select((pl.col("mails") == pl.sum_horizontal("opened", "tickets", "other")).all()).item()
    assert work["week"].is_between(0, 12).all()
    assert work.height == work.select("person", "week").n_unique()
    shares = dict(
        work.group_by("role")
        .agg(
            tickets=pl.col("tickets").sum() / pl.col("mails").sum(),
            opened=pl.col("opened").sum() / pl.col("mails").sum(),
        )
        .select("role", pl.struct("tickets", "opened"))
        .iter_rows()
    )
    assert shares["support"]["tickets"] > 0.9
    assert shares["cs"]["opened"] > 0.1


def test_a_head_sees_everybody(site: Site) -> None:
    """By the rule ``all`` each CSM and each agent has a row."""
    page = as_visitor(site, a_visitor(Role.HEAD)).get("/team").text
    csms = site.shelf.newest().table("accounts")["csm"].drop_nulls().unique()  # type: ignore[union-attr]
    assert all(f"<bdi>{csm}</bdi>" in page for csm in csms)


@pytest.mark.parametrize("asked", ["", "?csm=%s"])
def test_by_team_no_address_of_ours_is_on_the_page(site: Site, asked: str) -> None:
    """Neither in a row nor in a list, nor if one is asked for."""
    (csm, *_) = site.shelf.newest().table("accounts")["csm"].drop_nulls().unique()  # type: ignore[union-attr]
    answer = as_visitor(site, a_visitor(Role.HEAD, address=csm), people="team").get(
        f"/team{asked.replace('%s', csm)}"
    )
    assert answer.status_code == 200
    assert ADDRESS.findall(main_of(answer.text)) == []


def test_by_self_only_one_s_own_address_is_on_the_page(site: Site) -> None:
    """Others are in groups."""
    (csm, *_) = site.shelf.newest().table("accounts")["csm"].drop_nulls().unique()  # type: ignore[union-attr]
    page = as_visitor(site, a_visitor(Role.HEAD, address=csm), people="self").get("/team").text
    assert set(ADDRESS.findall(main_of(page))) == {csm}


@pytest.mark.parametrize("people", ["all", "self"])
def test_a_csm_sees_nothing_of_others(site: Site, people: People) -> None:
    """Their own row, their own accounts, and no sum that anybody else goes into."""
    accounts = site.shelf.newest().table("accounts")  # type: ignore[union-attr]
    (csm, *_) = accounts["csm"].drop_nulls().unique()
    page = as_visitor(site, a_visitor(Role.CSM, address=csm), people=people).get("/team").text
    assert set(ADDRESS.findall(main_of(page))) == {csm}
    ids = set(accounts.filter(pl.col("csm") == csm)["account_id"])
    assert set(re.findall(r'href="/accounts/(\w+)"', page)) <= ids


def test_a_csm_whose_figures_nobody_sees(site: Site) -> None:
    """The accounts are theirs to see all the same, and the page says who decides."""
    (csm, *_) = site.shelf.newest().table("accounts")["csm"].drop_nulls().unique()  # type: ignore[union-attr]
    page = as_visitor(site, a_visitor(Role.CSM, address=csm), people="team").get("/team").text
    assert ADDRESS.findall(main_of(page)) == []
    assert "Your own figures are not shown to anybody" in page


def test_whoever_has_another_role_is_turned_away(site: Site) -> None:
    """Leads of support and operators have pages of their own."""
    for role in (Role.LEAD, Role.OPERATOR):
        assert as_visitor(site, a_visitor(role)).get("/team").status_code == 403


def test_a_company_without_customers_and_without_mail(site: Site, tmp_path: Path) -> None:
    """The page says what to do."""
    page = as_visitor(by_hand(tmp_path, site), a_visitor(Role.HEAD)).get("/team").text
    assert "accounts.csv" in page
    assert "None of our people wrote to an account" in page


def test_few_people_are_no_group(site: Site, tmp_path: Path) -> None:
    """Two CSMs have no common row by ``team``, and no sum stands above; the page says so."""
    accounts = accounts_of({"csm": "ana@us.test"}, {"account_id": "A2", "csm": "bo@us.test"})
    work = work_of(("ana@us.test", "cs", 0, 9, 9, 0))
    made = by_hand(tmp_path, site, accounts=accounts, work=work)
    page = as_visitor(made, a_visitor(Role.HEAD), people="team").get("/team").text
    assert f"There are fewer than {LEAST} CSMs" in page
    assert f"Fewer than {LEAST} people wrote to accounts" in page
    assert 'class="tile"' not in page


def test_hostile_names(site: Site, tmp_path: Path) -> None:
    """What stands in the account book and in addresses is text, and turns no line around."""
    name = '<script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}"&'
    accounts = accounts_of(
        {"name": name, "csm": name, "account_id": "A/1?<b>", "tier": name, "days_since_checkin": None}
    )
    made = by_hand(tmp_path, site, accounts=accounts, work=work_of((name, "cs", 0, 100, 0, 100)))
    page = as_visitor(made, a_visitor(Role.HEAD)).get("/team").text
    assert "<script>alert" not in page
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in page
    assert 'href="/accounts/A/1%3F%3Cb%3E"' in page


def test_the_list_goes_on_over_several_pages(site: Site, tmp_path: Path) -> None:
    """25 to a page; a page that is none is the last, and what is no number the first."""
    accounts = accounts_of(*({"account_id": f"A{n:02}", "days_since_checkin": 99.0 - n} for n in range(30)))
    client: TestClient = as_visitor(by_hand(tmp_path, site, accounts=accounts), a_visitor(Role.HEAD))
    links = re.compile(r'href="/accounts/(A\d\d)"')
    for asked, first, count in (("", "A00", 25), ("?page=9", "A25", 5), ("?page=x", "A00", 25)):
        (listed,) = re.findall(r'id="without".*?id="slowest"', client.get(f"/team{asked}").text, re.DOTALL)
        assert links.findall(listed)[0] == first
        assert len(links.findall(listed)) == count


def test_the_figures_are_of_the_edition(site: Site) -> None:
    """The chart's weeks end with it."""
    page = as_visitor(site, a_visitor(Role.HEAD)).get("/team").text
    edition = site.shelf.newest()
    assert edition is not None
    assert str(int(edition.as_of.timestamp())) in page
    assert str(int((edition.as_of - dt.timedelta(weeks=12)).timestamp())) in page
