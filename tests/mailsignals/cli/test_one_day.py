"""One day on every surface: terminal, page, API, export and digest show the same levels, order, reasons and counts."""

import csv
import functools
import html
import io
import json
import re
from typing import Any

import pytest
from markupsafe import escape
from starlette.testclient import TestClient

from mailsignals.cli.app import main
from mailsignals.risk.assess import RISK_SCHEMA
from mailsignals.risk.totals import Totals, totals
from mailsignals.usecases.digests import chosen_pages
from mailsignals.web.app import application
from mailsignals.wording.money import money_words
from mailsignals.wording.risk import count_words
from mailsignals.workspace import Workspace
from tests.mailsignals.web.conftest import DAYS_RECORDED, NOW, make_company, site_of
from tests.support.shared import copy_of

API = "/api/v1"
SHOWN = ("level", "risk", "quiet", "leaving", "state", "source")


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Forty customers with two years of mail, a few recorded days, and an edition of ``NOW``: those of the pages."""
    make = functools.partial(make_company, accounts=40, seed=3, days_recorded=DAYS_RECORDED)
    return Workspace.load(copy_of(tmp_path_factory, "forty customers", make) / "config.toml")


@pytest.fixture(scope="module")
def client(watched: Workspace) -> TestClient:
    """Asks their dashboard; nobody has to sign in."""
    return TestClient(application(site_of(watched)), base_url="http://127.0.0.1")


@pytest.fixture(scope="module")
def day(watched: Workspace) -> tuple[list[dict[str, Any]], Totals]:
    """The accounts of the day as all surfaces should show them, and their totals."""
    with watched.at(NOW) as snapshot:
        shown = snapshot.shown_risk
        return shown.to_dicts(), totals(shown)


def command(watched: Workspace, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """What `mailsignals risk` of the day writes to standard output."""
    capsys.readouterr()
    config = watched.settings.accounts.file.parent / "config.toml"
    assert main(["risk", "--as-of", NOW.isoformat(), *options, "--config", str(config)]) == 0
    return capsys.readouterr().out


def is_told(row: dict[str, Any]) -> bool:
    """Whether a list shows reasons of an account."""
    return row["level"] in {"high", "medium"}


def nothing_between(text: str) -> str:
    """A page's text without no-break spaces."""
    return html.unescape(text).replace("\N{NO-BREAK SPACE}", " ")


def test_the_terminal(
    watched: Workspace, day: tuple[list[dict[str, Any]], Totals], capsys: pytest.CaptureFixture[str]
) -> None:
    """High and medium accounts stand in the one order, the former with every reason; the head counts all accounts."""
    rows, sums = day
    out = command(watched, capsys)
    assert count_words(sums.levels, sums.states) in " ".join(out.split())
    currency = watched.settings.accounts.currency
    sentence = money_words(sums.arr_high, sums.arr, sums.expected_loss, currency=currency)
    assert sentence is not None
    assert sentence in " ".join(out.split())
    told = [row for row in rows if is_told(row)]
    assert told
    whole = " ".join(out.split())
    places = [whole.index(f" {row['name']} {row['tier']} ") for row in told]
    assert places == sorted(places)
    for row in told:
        for reason in row["reasons"][: None if row["level"] == "high" else 1]:
            assert " ".join(reason["text"].split()) in whole
    for row in rows:
        assert is_told(row) or f" {row['name']} {row['tier']} " not in whole


def test_its_json(
    watched: Workspace, day: tuple[list[dict[str, Any]], Totals], capsys: pytest.CaptureFixture[str]
) -> None:
    """Every account in the same order, in the columns that are promised."""
    rows, _ = day
    said = json.loads(command(watched, capsys, "--json"))
    assert list(said[0]) == RISK_SCHEMA.names()
    assert [row["account_id"] for row in said] == [row["account_id"] for row in rows]
    assert [[row[name] for name in SHOWN] for row in said] == [[row[name] for name in SHOWN] for row in rows]


def test_the_list_on_the_dashboard(client: TestClient, day: tuple[list[dict[str, Any]], Totals]) -> None:
    """The same order and levels; reasons of high and medium accounts alone; the same counts above."""
    rows, sums = day
    page = client.get("/accounts", params={"state": "all"}).text
    blocks = re.split(r'<th scope="row"><a href="/accounts/', page)[1:]
    assert [block.partition('"')[0] for block in blocks] == [row["account_id"] for row in rows]
    for block, row in zip(blocks, rows, strict=True):
        text = nothing_between(block)
        assert (f'<span class="state {row["level"]}">' in block) == (row["level"] is not None)
        reasons = [reason["text"] for reason in row["reasons"][:1]]
        assert all((text_of in text) == is_told(row) for text_of in reasons)
    assert f'href="/accounts?level=high">{sums.high}</a>' in page
    assert f'href="/accounts?state=lapsed">{sums.states["lapsed"]}</a>' in page
    assert f'href="/accounts">{sums.current}</a>' in page


def test_the_api(client: TestClient, day: tuple[list[dict[str, Any]], Totals]) -> None:
    """The same order, levels, chances and reasons."""
    rows, sums = day
    said = client.get(f"{API}/accounts?limit=500").json()["rows"]
    names = (*SHOWN, "account_id", "reasons", "also", "back_again")
    assert [[row[name] for name in names] for row in said] == [[row[name] for name in names] for row in rows]
    assert len(client.get(f"{API}/accounts?level=high&limit=500").json()["rows"]) == sums.high


def test_the_export(client: TestClient, day: tuple[list[dict[str, Any]], Totals]) -> None:
    """The same rows, with the reasons as one text."""
    rows, _ = day
    text = client.get("/accounts.csv", params={"state": "all"}).text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")
    found = list(csv.DictReader(io.StringIO(text)))
    assert [(row["account_id"], row["level"]) for row in found] == [
        (row["account_id"], row["level"] or "") for row in rows
    ]
    assert [row["reasons"] for row in found] == [
        " ".join(reason["text"] for reason in row["reasons"]) for row in rows
    ]


def test_the_digests(watched: Workspace, day: tuple[list[dict[str, Any]], Totals]) -> None:
    """Over all CSMs as many accounts are at high risk, and each card has its account's reasons in their order."""
    rows, sums = day
    with watched.at(NOW) as snapshot:
        pages = chosen_pages(snapshot, csm=None)
    assert sum(page.digest.at_risk for page in pages) == sums.high
    by_id = {row["account_id"]: row for row in rows}
    for page in pages:
        for card in page.digest.cards:
            own = [reason["text"] for reason in by_id[card.account_id]["reasons"]]
            assert [reason.text for reason in card.reasons] == own[: len(card.reasons)]


def test_the_page_of_one_account(client: TestClient, day: tuple[list[dict[str, Any]], Totals]) -> None:
    """Level, both causes with their shares, reasons with theirs, in their order, and what is also worth knowing."""
    rows, _ = day
    row = rows[0]
    page = nothing_between(client.get(f"/accounts/{row['account_id']}").text)
    assert f'<span class="state {row["level"]}">' in page
    assert f"Going quiet: {row['quiet_share']:.0%} of the risk" in page
    places = [page.index(nothing_between(str(escape(reason["text"])))) for reason in row["reasons"]]
    assert places == sorted(places)
    for fact in row["also"]:
        assert nothing_between(str(escape(fact["text"]))) in page
    assert f"= {row['risk']:.3f}." in page
    assert "<code>typical customer</code>" in page
