"""Exports of the list: all that is shown and nothing else, and no cell that a spreadsheet would obey."""

import csv
import io
import re

import polars as pl
import pytest
from starlette.testclient import TestClient

from mailsignals.readmodel.editions import EditionStore
from mailsignals.readmodel.queries.columns import EXPORTED
from mailsignals.readmodel.roles import Role
from mailsignals.web.files import csv_of
from mailsignals.workspace import Workspace
from tests.mailsignals.web.viewers import seen_by

QUERIES = ["", "?level=low", "?sort=arr&order=asc", "?state=all&sort=name", "?q=%20zzz"]


def ids_shown(client: TestClient, query: str) -> list[str]:
    """The accounts of every page of the list, in order."""
    found: list[str] = []
    for number in range(1, 5):
        page = client.get(f"/accounts{query}{'&' if query else '?'}page={number}").text
        shown = re.findall(r'<th scope="row"><a href="/accounts/([^"]+)">', page)
        found += [] if shown and shown[0] in found else shown
    return found


@pytest.mark.parametrize("query", QUERIES)
def test_an_export_is_what_is_shown(client: TestClient, query: str) -> None:
    """The same accounts in the same order, of all pages, in both formats."""
    shown = ids_shown(client, query)
    text = client.get(f"/accounts.csv{query}").content.decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text))
    parquet = pl.read_parquet(io.BytesIO(client.get(f"/accounts.parquet{query}").content))
    assert header == list(EXPORTED) == parquet.columns
    assert [row[0] for row in rows] == shown == parquet["account_id"].to_list()


def test_an_export_says_what_it_is(client: TestClient) -> None:
    """A file with the day in its name, that no cache keeps."""
    answer = client.get("/accounts.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="accounts-2026-03-02.csv"'
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"


def test_a_csm_exports_own_accounts(company: Workspace) -> None:
    """Nothing that the list would not show leaves by a file."""
    edition = EditionStore(company.settings.store.path).newest()
    assert edition
    csm = edition.table("accounts")["csm"].drop_nulls()[0]
    content = seen_by(company, csm, Role.CSM).get("/accounts.parquet?state=all").content
    assert set(pl.read_parquet(io.BytesIO(content))["csm"]) == {csm}


def test_a_csv_file_holds_lines_and_quotes() -> None:
    """A name may have commas, quotes and line ends, and is one cell."""
    name = 'Alder, "Birch"\r\n& Co'
    text = bytes(csv_of(pl.DataFrame({"name": [name]}), name="x.csv").body).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["name"], [name]]
