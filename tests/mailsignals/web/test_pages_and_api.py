"""A page and the API that are asked the same answer the same."""

import asyncio
import re
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from mailsignals.readmodel.editions import Edition, EditionStore
from mailsignals.web.app import application
from mailsignals.workspace import Workspace
from tests.mailsignals.web.conftest import site_of

API = "/api/v1"
MOST = {"limit": "500"}


def written(text: str, company: Workspace) -> str:
    """A filter with the company's own names in it."""
    edition = EditionStore(company.settings.store.path).newest()
    assert edition is not None
    accounts, tickets = edition.table("accounts"), edition.table("ticket_rows")
    name = accounts["name"].drop_nulls()[0]
    return text.format(
        csm=accounts["csm"].drop_nulls()[0],
        CSM=accounts["csm"].drop_nulls()[0].upper(),
        tier=accounts["tier"].drop_nulls()[0],
        name=name,
        NAME=name.upper(),
        account=tickets["account_id"][-1],
        agent=tickets["agent"].drop_nulls()[-1],
    )


ACCOUNTS = [
    ({}, {}),
    ({"csm": "{csm}"}, {}),
    ({"csm": "{CSM}"}, {}),
    ({"csm": " {CSM} "}, {}),
    ({"csm": "nobody@us.example"}, {}),
    ({"tier": "{tier}"}, {}),
    ({"tier": "{tier} "}, {}),
    ({"q": "{name} "}, {}),
    ({"q": " {NAME}"}, {}),
    ({"q": " "}, {}),
    ({"q": "a", "csm": "{CSM}", "tier": "{tier}"}, {}),
    ({"level": "high"}, {}),
    ({"renewal": "90"}, {"renewal_within_days": "90"}),
    ({"state": "left"}, {"state": "churned"}),
]
"""What a page is asked, and what of it the API calls something else."""
RENAMED = ("renewal", "state")


@pytest.mark.parametrize(
    ("sort", "order", "of_api"),
    [("name", "asc", "name"), ("arr", "desc", "-arr"), ("renewal", "asc", "renewal_on")],
)
@pytest.mark.parametrize(("page", "of_program"), ACCOUNTS)
def test_both_list_the_same_accounts_in_the_same_order(
    client: TestClient,
    company: Workspace,
    page: dict[str, str],
    of_program: dict[str, str],
    sort: str,
    order: str,
    of_api: str,
) -> None:
    """Whatever the case of an address, and whatever white space stands around it or around a search."""
    asked = {name: written(value, company) for name, value in page.items()}
    query = {"state": "all", **asked, "sort": sort, "order": order}
    shown = re.findall(
        r'<th scope="row"><a href="/accounts/([^"]+)">', client.get("/accounts", params=query).text
    )
    program = {name: value for name, value in asked.items() if name not in RENAMED} | of_program
    rows = client.get(f"{API}/accounts", params={**program, "sort": of_api, **MOST}).json()["rows"]
    assert [row["account_id"] for row in rows] == shown
    assert bool(shown) is not any(value in {"nobody@us.example", "{tier} "} for value in page.values())


def test_the_page_marks_the_csm_that_it_shows(client: TestClient, company: Workspace) -> None:
    """The filter of the form is the one that holds, however the address was written."""
    csm = written("{csm}", company)
    page = client.get("/accounts", params={"csm": f" {csm.upper()}"}).text
    assert f'<option value="{csm}" selected>' in page


def tickets_shown(client: TestClient, params: dict[str, str]) -> list[str]:
    """The tickets of every page of the list behind a number, in its order."""
    found: list[str] = []
    while True:
        page = client.get("/sla/tickets", params={**params, "page": f"{len(found) // 50 + 1}"}).text
        rows = re.findall(r'<th scope="row"><a href="/sla/tickets/([0-9a-f]+)">', page)
        found += rows
        if len(rows) < 50:
            return found


@pytest.mark.parametrize(
    ("page", "of_program"),
    [
        ({}, {}),
        ({"tier": "{tier}"}, {"tier": "{tier}"}),
        ({"account": "{account}"}, {"account_id": "{account}"}),
        ({"agent": "{agent}"}, {"agent": "{agent}"}),
        ({"state": "resolved"}, {"open": "false"}),
    ],
)
def test_both_list_the_same_tickets(
    client: TestClient, company: Workspace, page: dict[str, str], of_program: dict[str, str]
) -> None:
    """Those that were opened in the last 30 days; the page shows the newest first, programs get the oldest first."""
    asked = {name: written(value, company) for name, value in page.items()}
    shown = tickets_shown(client, {"figure": "ticket", "period": "30d", **asked})
    program = {name: written(value, company) for name, value in of_program.items()}
    assert listed(client, {**program, "days": "30"}) == shown[::-1]
    assert shown


def listed(client: TestClient, params: dict[str, str]) -> list[str]:
    """The tickets of every page of the API's list, in its order."""
    found: list[str] = []
    more: dict[str, Any] = {}
    while True:
        answer = client.get(f"{API}/sla/tickets", params={**params, **MOST, **more}).json()
        found += [row["ticket"] for row in answer["rows"]]
        if answer["next"] is None:
            return found
        more = {"cursor": answer["next"]}


@pytest.mark.parametrize(
    "path",
    ["/accounts", "/team", "/model", "/system", "/sla", "/accounts/A0001", "/api/v1/accounts", "/feedback"],
)
def test_a_request_has_one_edition(company: Workspace, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """An edition that appears meanwhile changes neither the date below the figures nor the roles of the viewer."""
    found: list[Edition | None] = []
    usual = EditionStore.newest

    def newest(shelf: EditionStore) -> Edition | None:
        found.append(usual(shelf))
        return found[-1]

    monkeypatch.setattr(EditionStore, "newest", newest)
    TestClient(application(site_of(company)), base_url="http://127.0.0.1").get(path)
    assert len(found) <= 1


def test_a_form_that_is_cut_off_is_no_error(company: Workspace) -> None:
    """A client that leaves, or drips until its time is over, gets no answer and leaves no traceback."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = {
        "host": "127.0.0.1",
        "origin": "http://127.0.0.1",
        "content-length": "9",
        "content-type": "application/x-www-form-urlencoded",
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/feedback",
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(application(site_of(company))(scope, receive, send))
    assert sent[0]["status"] == 400
