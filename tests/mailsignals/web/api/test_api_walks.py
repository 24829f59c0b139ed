"""Laws of lists in pages, whatever is prepared meanwhile."""

import dataclasses
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from starlette.testclient import TestClient

from mailsignals.readmodel.editions import Edition, EditionStore
from mailsignals.readmodel.roles import Role
from mailsignals.readmodel.tables.catalogue import TABLES
from mailsignals.workspace import Workspace
from tests.mailsignals.web.api.conftest import program, somebody
from tests.mailsignals.web.conftest import NOW, site_of

Params = dict[str, str]

OF_ACCOUNTS = {"tier": ["small", "enterprise", "nothing"]}
CHOICES: dict[str, dict[str, list[str]]] = {
    "/accounts": {
        **OF_ACCOUNTS,
        "level": ["high", "medium", "low"],
        "state": ["active", "lapsed", "churned"],
        "renewal_within_days": ["0", "90"],
        "q": ["a", "B"],
        "sort": ["risk", "name", "-arr", "arr", "renewal_on", "-expected_loss", "-days_since_inbound"],
    },
    "/signals": {**OF_ACCOUNTS, "window_days": ["30", "90"]},
    "/flags": {**OF_ACCOUNTS, "open": ["true", "false"], "state": ["entering", "persisting"]},
    "/sla": {"by": ["tier", "account", "agent", "week"], "days": ["7", "365"]},
    "/sla/tickets": {
        "days": ["7", "90"],
        "tier": ["small"],
        "first_response": ["met", "breached"],
        "resolution": ["met", "pending"],
        "open": ["true", "false"],
    },
}


@st.composite
def questions(draw: st.DrawFn) -> tuple[str, Params]:
    """A list, with any of its filters."""
    path = draw(st.sampled_from(sorted(CHOICES)))
    named = draw(st.sets(st.sampled_from(sorted(CHOICES[path]))))
    return path, {name: draw(st.sampled_from(CHOICES[path][name])) for name in sorted(named)}


class Prepared:
    """A shelf that gets further editions, each with other accounts in it."""

    def __init__(self, company: Workspace, folder: Path) -> None:
        first = EditionStore(company.settings.store.path).newest()
        assert first is not None
        self._first: Edition = first
        self._shelf, self._made = EditionStore(folder), 0
        self.prepare()
        site = dataclasses.replace(site_of(company), shelf=self._shelf)
        self.client = program(site, somebody(Role.HEAD))

    def prepare(self) -> None:
        """Put one more edition there."""
        self._made += 1
        tables = {name: self._first.table(name) for name in TABLES}
        for name in ("accounts", "signals", "ticket_rows", "sla_cases"):
            tables[name] = tables[name].reverse() if self._made % 2 else tables[name].gather_every(2)
        self._shelf.put(tables, as_of=NOW + dt.timedelta(seconds=self._made))


@pytest.fixture(scope="module")
def prepared(company: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """One such shelf for all examples."""
    return Prepared(company, tmp_path_factory.mktemp("shelf"))


def pages(client: TestClient, path: str, params: Params, limit: int) -> Iterator[list[dict[str, object]]]:
    """Every page of a list."""
    cursor: str | None = None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        answer = client.get(path, params={**params, "limit": str(limit), **more})
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert len(found["rows"]) == limit or found["next"] is None
        assert ("link" in answer.headers) == (found["next"] is not None)
        yield found["rows"]
        cursor = found["next"]
        if cursor is None:
            return


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=questions(), limit=st.integers(3, 60), at=st.integers(0, 4))
def test_a_walk_sees_every_row_once_and_in_order(
    prepared: Prepared, question: tuple[str, Params], limit: int, at: int
) -> None:
    """All pages together are the list as a whole, even if a new edition appears between two of them."""
    path, params = question
    whole = prepared.client.get(path, params={**params, "format": "parquet"})
    expected = pl.read_parquet(io.BytesIO(whole.content))
    names = ("account_id", "tier", "agent", "week", "ticket", "window_days", "figure")
    key = [name for name in names if name in expected.columns]
    walked: list[dict[str, object]] = []
    for number, rows in enumerate(pages(prepared.client, path, params, limit)):
        walked += rows
        if number == at:
            prepared.prepare()
        if number == 50:
            break
    assert [[row[name] for name in key] for row in walked] == [
        list(row) for row in expected.select(key).head(len(walked)).rows()
    ]
    if number < 50:
        assert len(walked) == expected.height


def test_a_list_whose_edition_is_gone_has_to_begin_anew(prepared: Prepared) -> None:
    """Two editions later the cursor is refused for good: rows of two instants are never mixed."""
    cursor = prepared.client.get("/signals?limit=5").json()["next"]
    prepared.prepare()
    assert prepared.client.get("/signals", params={"limit": 5, "cursor": cursor}).status_code == 200
    prepared.prepare()
    answer = prepared.client.get("/signals", params={"limit": 5, "cursor": cursor})
    assert (answer.status_code, answer.json()["type"]) == (410, "urn:mailsignals:problem:list-gone")
