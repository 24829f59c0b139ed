"""The account page: contents, access, and accounts with little mail, none, or hostile mail."""

import datetime as dt
import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest
from markupsafe import escape
from starlette.testclient import TestClient

from mailsignals.flags.flags import flags
from mailsignals.readmodel.editions import Edition, EditionStore
from mailsignals.readmodel.roles import Role
from mailsignals.readmodel.tables.people import ACTIVE, HANDED_OVER, NEW, PAST, WENT_QUIET
from mailsignals.signals.pipeline import SIGNALS
from mailsignals.store.tables.feedback import FEEDBACK_SCHEMA
from mailsignals.web.urls import account_url
from mailsignals.workspace import Workspace
from tests.mailsignals.web.conftest import NOW
from tests.mailsignals.web.viewers import VisibleText, company_of, mail, seen_by

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
PLAIN = "A1,Alder,gold,ana@us.test,alder.test,,2024-01-01,,2026-04-01,1000"


def edition_of(workspace: Workspace) -> Edition:
    """The newest edition of a company."""
    found = EditionStore(workspace.settings.store.path).newest()
    assert found
    return found


def riskiest(workspace: Workspace) -> str:
    """The account on top of the list."""
    account_id: str = edition_of(workspace).table("accounts")["account_id"][0]
    return account_id


def test_the_page_tells_the_whole_story(client: TestClient, company: Workspace) -> None:
    """Reasons, chances, charts, and every signal with its definition."""
    account_id = riskiest(company)
    page = client.get(f"/accounts/{account_id}").text
    row = edition_of(company).table("accounts").row(0, named=True)
    for reason in row["reasons"]:
        assert str(escape(reason["text"])) in page
    for signal in SIGNALS:
        assert str(escape(signal.meaning)) in page
        assert f"<code>{signal.name}</code>" in page
    views = [json.loads(html.unescape(view)) for view in re.findall(r'data-view="([^"]*)"', page)]
    risk, responses, weeks = views
    assert len(risk["lines"][0]["values"]) == len(risk["x"]) == 5
    for fact in row["also"]:
        assert str(escape(fact["text"])) in page
    for words in row["chances"]:
        assert words in page
    assert sum(weeks["up"]["values"][-13:]) >= row["inbound_30"]
    assert [line["name"] for line in responses["lines"]] == ["Our response time", "Their response time"]


VISIBLE_WORDS = 800
"""The limit for an account page before anything is opened."""


def test_every_account_page_has_few_words_before_anything_is_opened(
    client: TestClient, company: Workspace
) -> None:
    """A page is read at a glance: figures for experts and secondary tables are folded."""
    for account_id in edition_of(company).table("accounts")["account_id"]:
        words = VisibleText(client.get(f"/accounts/{account_id}").text).words
        assert "Reasons" in words
        assert len(words) <= VISIBLE_WORDS, account_id


def test_every_chart_has_a_table_of_the_same_numbers(client: TestClient, company: Workspace) -> None:
    """Who does not see a chart reads its numbers."""
    page = client.get(f"/accounts/{riskiest(company)}").text
    weeks = json.loads(html.unescape(re.findall(r'data-view="([^"]*)"', page)[2]))
    told = re.search(r'aria-label="Mail by week">(.*?)</table>', page, re.DOTALL)
    assert told
    cells = [int(cell) for cell in re.findall(r'<td class="num">(\d+)</td>', told[1])]
    both = zip(reversed(weeks["up"]["values"]), reversed(weeks["down"]["values"]), strict=True)
    assert cells == [count for week in both for count in week]
    assert page.count("Show as table") == page.count('class="chart low"') == 3


def test_an_account_of_somebody_else_looks_like_one_that_does_not_exist(company: Workspace) -> None:
    """Nobody learns from the answer which accounts there are; neither by the page nor below it."""
    rows = edition_of(company).table("accounts")
    csm = rows["csm"].drop_nulls()[0]
    other = rows.filter(pl.col("csm") != csm)["account_id"][0]
    visitor = seen_by(company, csm, Role.CSM)
    answers = {
        ask(account_url(account_id, *below)).text.replace(account_id, "")
        for account_id in (other, "no-such-account")
        for below, ask in (
            ((), visitor.get),
            (("mails",), visitor.get),
            (("glance",), visitor.get),
            (("feedback",), visitor.post),
        )
    }
    assert len({re.sub(r'href="[^"]*"', "", answer) for answer in answers}) == 1
    assert "Account not found" in answers.pop()
    assert visitor.get(account_url(other)).status_code == 404


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\u202e\u2066\"'{{ 7 * 7 }}" + "x" * 300
ALLOWED_SCRIPTS = re.compile(r"/static/[\w./]+\?v=\w+$")


class Harmless(HTMLParser):
    """Fails on whatever a hostile text could have made of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Only our own elements."""
        told = dict(attrs)
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag == "script":
            assert ALLOWED_SCRIPTS.match(told.get("src") or "")
        assert tag != "img"

    def handle_data(self, data: str) -> None:
        """What is read."""
        self.text += data


@pytest.mark.slow
def test_hostile_names_and_subjects_are_text(tmp_path: Path) -> None:
    """Names, ids, tiers, columns, subjects and notes are shown, cut short, and obeyed by nobody."""
    quoted = HOSTILE.replace('"', '""')
    account_id = "=A/1?<b>#&"
    book = f'"{account_id}","{quoted}",gold,ana@us.test,alder.test,,,,,'
    messages = [
        mail(number, number * DAY + HOUR, "kim@alder.test", "desk@us.test", HOSTILE) for number in range(1, 9)
    ]
    visitor = seen_by(company_of(tmp_path / "hostile", [book], messages), None, *Role)
    page_of = account_url(account_id)
    visitor.post(f"{page_of}/feedback", data={"kind": "churned", "note": HOSTILE})
    for path in (
        "/accounts",
        page_of,
        f"{page_of}/mails",
        f"{page_of}/mails?signal=inbound&who={HOSTILE[:90]}",
    ):
        answer = visitor.get(path)
        assert answer.status_code == 200, path
        seen = Harmless(answer.text)
        assert "alert(1)" in seen.text
        assert "\u202e" not in answer.text
        assert "49" not in re.findall(r"alert\(2\)>\S*", seen.text)
    fragment = visitor.get(f"{page_of}/glance", headers={"HX-Request": "true"})
    assert "Open the account" in Harmless(fragment.text).text


@pytest.mark.slow
def test_a_subject_is_shown_where_it_is_kept(tmp_path: Path) -> None:
    """By the privacy rule of the company; without subjects the mail stands there all the same."""
    messages = [mail(1, DAY, "kim@alder.test", "desk@us.test", "the secret plan")]
    kept = (
        seen_by(company_of(tmp_path / "kept", [PLAIN], messages), None, *Role).get("/accounts/A1/mails").text
    )
    bare = company_of(tmp_path / "bare", [PLAIN], messages, more='[privacy]\nsubjects = "none"\n')
    stripped = seen_by(bare, None, *Role).get("/accounts/A1/mails").text
    assert "the secret plan" in kept
    assert "the secret plan" not in stripped
    assert "not kept" in stripped
    assert "kim@alder.test" in stripped


@pytest.mark.slow
def test_an_account_without_mail_says_what_to_do(tmp_path: Path) -> None:
    """Empty sections state why they are empty, and the list shows the state in place of a level."""
    visitor = seen_by(company_of(tmp_path / "empty", [PLAIN], []), None, *Role)
    page = visitor.get("/accounts/A1").text
    for words in (
        "No mail with this account in two years.",
        "No emails in the last 12 months.",
        "No risk is recorded for this account yet.",
        "none in the last 90 days",
        "none has written yet",
        "nobody has written yet",
        "none in two years",
        "none in the last year",
    ):
        assert words in page
    assert "data-view" not in page
    assert "uPlot" not in page
    assert '<span class="state">never wrote</span>' in visitor.get("/accounts").text
    assert visitor.get("/accounts/A1/mails").status_code == 200


@pytest.mark.slow
def test_an_account_with_one_mail_has_a_page(tmp_path: Path) -> None:
    """One email of yesterday: a bar, a month without a reply, a new contact, and one unanswered email."""
    messages = [mail(1, DAY, "kim@alder.test", "desk@us.test")]
    visitor = seen_by(company_of(tmp_path / "one", [PLAIN], messages), None, *Role)
    page = visitor.get("/accounts/A1").text
    assert page.count('class="chart low"') == 2
    assert "1 in the last 90 days" in page
    assert f">{NEW}</span>" in page
    figures = visitor.get("/accounts/A1/mails?signal=open_turns").text
    assert "<strong>1 email</strong>, from the 1 turn below" in figures


@pytest.mark.slow
def test_a_company_without_customers_says_so(tmp_path: Path) -> None:
    """The list and its exports are there, and empty."""
    left = PLAIN.replace(",,2026-04-01", ",2025-04-01,")
    visitor = seen_by(company_of(tmp_path / "none", [left], []), None, *Role)
    assert "The account list has no current customers." in visitor.get("/accounts").text
    assert visitor.get("/accounts.csv").status_code == 200
    assert visitor.get("/accounts.parquet").status_code == 200


@pytest.mark.slow
def test_contacts_are_told_by_what_became_of_them(tmp_path: Path) -> None:
    """Who wrote much and stopped went quiet, or was followed by somebody new in a conversation of theirs."""
    wrote = {"quiet": range(50, 60), "left": range(60, 70), "active": [1, 45], "old": [200]}
    messages = [
        mail(1000 * place + ago, ago * DAY, f"{name}@alder.test", "desk@us.test", name)
        for place, (name, days) in enumerate(wrote.items())
        for ago in days
    ]
    messages.append(mail(9000, 52 * DAY, "heir@alder.test", "desk@us.test", "left"))
    messages.append(mail(9001, 2 * DAY, "fresh@alder.test", "desk@us.test", "fresh"))
    edition = edition_of(company_of(tmp_path / "people", [PLAIN], messages))
    address = edition.table("people")["address"]
    found = edition.table("account_contacts").with_columns(
        pl.lit(address).gather(pl.col(name)).alias(name) for name in ("person", "successor")
    )
    states = {person.split("@")[0]: state for person, state in found.select("person", "state").iter_rows()}
    assert states == {
        "quiet": WENT_QUIET,
        "left": HANDED_OVER,
        "heir": ACTIVE,
        "active": ACTIVE,
        "fresh": NEW,
        "old": PAST,
    }
    assert found.filter(state=HANDED_OVER)["successor"].to_list() == ["heir@alder.test"]


def test_the_part_for_the_list_is_a_page_to_whoever_has_no_script(
    client: TestClient, company: Workspace
) -> None:
    """A script gets the part; a browser without one is sent to the page."""
    path = f"/accounts/{riskiest(company)}"
    part = client.get(f"{path}/glance", headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "Open the account" in part.text
    plain = client.get(f"{path}/glance")
    assert (plain.status_code, plain.headers["location"]) == (303, path)


@pytest.mark.slow
def test_a_page_tells_the_flags_that_digests_tell(company: Workspace) -> None:
    """From what is prepared of an account follow the same flags as from the record, also those of today."""
    with company.at(NOW) as snapshot:
        told, recorded = snapshot.flags, snapshot.recorded
    scores = edition_of(company).table("account_scores")
    assert scores.select(recorded.columns).sort("scored_on", "account_id").equals(recorded)
    nothing_said = pl.DataFrame(schema=FEEDBACK_SCHEMA)
    timezone = company.settings.company.timezone
    found = flags(scores, nothing_said, company.book.accounts, as_of=NOW, timezone=timezone)
    assert not found.is_empty()
    assert found.equals(told)
