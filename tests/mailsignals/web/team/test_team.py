"""The page Team."""

import datetime as dt
import re
from pathlib import Path

import polars as pl
import pytest
from starlette.testclient import TestClient

from mailsignals.config.privacy import People
from mailsignals.readmodel.editions import EditionStore
from mailsignals.readmodel.queries.privacy import LEAST
from mailsignals.readmodel.roles import Role
from mailsignals.web.site import Site
from mailsignals.workspace import Workspace
from tests.mailsignals.readmodel.queries.frames import accounts_of, work_of
from tests.mailsignals.web.conftest import site_of
from tests.mailsignals.web.team.visitors import a_visitor, as_visitor, by_hand

ADDRESS = re.compile(r"[\w.]+@[\w.]+")


def main_of(page: str) -> str:
    """A page without its frame, which says who is signed in."""
    return page.partition("<main")[2].partition("</main>")[0]


@pytest.fixture
def site(company: Workspace) -> Site:
    """The dashboard of the simulated company."""
    return site_of(company)


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
    assert all(f'title="{csm}"' in page for csm in csms)


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
    assert "Figures of single people are hidden, your own included." in page


def test_whoever_has_another_role_is_turned_away(site: Site) -> None:
    """Leads of support and operators have pages of their own."""
    for role in (Role.LEAD, Role.OPERATOR):
        assert as_visitor(site, a_visitor(role)).get("/team").status_code == 403


def test_a_company_without_customers_and_without_mail(site: Site, tmp_path: Path) -> None:
    """The page says what to do."""
    page = as_visitor(by_hand(tmp_path, site), a_visitor(Role.HEAD)).get("/team").text
    assert "accounts.csv" in page
    assert "Your team sent no emails to accounts in 13 weeks." in page


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
