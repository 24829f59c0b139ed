"""The law of the pages: every number opens a list of so many."""

import datetime as dt
import html
import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from mailsignals.readmodel.roles import Role, Viewer
from mailsignals.sla.cases import VERDICTS
from mailsignals.sla.compliance import By, Period
from mailsignals.sla.report import report
from mailsignals.workspace import Workspace
from tests.mailsignals.web.conftest import NOW
from tests.mailsignals.web.sla.companies import somebody, visited

NUMBER = re.compile(r'<a class="count" href="([^"]+)">([\d,]+)</a>')
TOTAL = re.compile(r'data-total="(\d+)"')
MOST = 40
"""So many numbers of a page are opened, spread evenly over it."""

PAGES = (
    "/sla",
    "/sla?clock=wall&period=90d&sort=worst&figure=resolution",
    "/sla?period=2025-12-24..2026-01-06&figure=next_response",
    "/sla/queue",
    "/sla/accounts?figure=next_response&period=last-month",
    "/sla/accounts?clock=wall&tier=enterprise",
    "/sla/agents?figure=resolution",
    "/sla/workload?period=last-week",
    "/sla/hours?period=90d",
    "/sla/hours?period=7d&clock=wall",
)


def numbers(client: TestClient, page: str) -> Iterator[tuple[str, int]]:
    """The addresses behind some of a page's numbers, with the numbers."""
    found = NUMBER.findall(client.get(page).text)
    for target, number in found[:: max(1, len(found) // MOST)]:
        yield html.unescape(target), int(number.replace(",", ""))


def csm_of(workspace: Workspace) -> Viewer:
    """A CSM who has accounts."""
    return somebody(Role.CSM, address=str(workspace.book.accounts["csm"].drop_nulls()[0]))


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_number_opens_as_many(company: Workspace, page: str) -> None:
    """Whatever the period, the clock and the promise."""
    client = visited(company, now=NOW)
    for target, number in numbers(client, page):
        assert TOTAL.findall(client.get(target).text) == [f"{number}"], target


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_it_does_for_a_csm_and_elsewhere_in_the_world(another: Workspace, page: str) -> None:
    """Who sees a part of the accounts counts and lists that part; hours of the week are those of who looks."""
    csm = csm_of(another)
    for person in (csm, somebody(Role.LEAD, timezone="Asia/Kolkata")):
        client = visited(another, now=NOW, person=person)
        for target, number in numbers(client, page):
            assert TOTAL.findall(client.get(target).text) == [f"{number}"], target


@pytest.mark.slow
def test_there_are_numbers_on_every_page(company: Workspace) -> None:
    """The law is not kept by showing nothing."""
    client = visited(company, now=NOW)
    assert all(len(NUMBER.findall(client.get(page).text)) >= 1 for page in PAGES)


def test_the_list_is_whole_in_the_file(company: Workspace) -> None:
    """The file has a row for each of the list, over all of its pages."""
    client = visited(company, now=NOW)
    which = "figure=first_response&state=met&period=90d"
    (total,) = TOTAL.findall(client.get(f"/sla/tickets?{which}").text)
    answer = client.get(f"/sla/tickets.csv?{which}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(answer.text.splitlines()) == int(total) + 1
    listed = set()
    for page in range(1, -(-int(total) // 50) + 1):
        shown = client.get(f"/sla/tickets?{which}&page={page}").text
        listed |= set(re.findall(r'href="/sla/tickets/([0-9a-f]{12})"', shown))
    assert listed == {line.split(",")[0] for line in answer.text.splitlines()[1:]}


def test_the_page_says_what_the_command_says(company: Workspace) -> None:
    """The thirty days of `mailsignals sla` are those of the page, number for number."""
    page = visited(company, now=NOW).get("/sla").text
    table = re.search(r'<table class="list tiers cards">.*?</table>', page, re.DOTALL)
    assert table is not None
    timezone = company.settings.company.timezone
    with company.at(NOW) as snapshot:
        desk, promises = snapshot.tickets, snapshot.promises
    period = Period(since=NOW - dt.timedelta(days=30), until=NOW)
    rows = report(desk, period, by=By.TIER, timezone=timezone, promises=promises)
    for row in rows.to_dicts():
        for state in VERDICTS:
            found = re.search(
                rf'state={state}[^"]*tier={row["by"]}[^"]*figure={row["figure"]}[^"]*">([\d,]+)</a>'
                rf'|tier={row["by"]}[^"]*figure={row["figure"]}[^"]*state={state}[^"]*">([\d,]+)</a>',
                html.unescape(table[0]),
            )
            told = next(filter(None, found.groups())) if found else "0"
            assert int(told.replace(",", "")) == row[state], (row["by"], row["figure"], state)
