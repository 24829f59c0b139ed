"""What programs get, what they do not, and how they are told."""

import dataclasses
import io
from collections.abc import Callable

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from starlette.testclient import TestClient

from mailsignals.readmodel.editions import EditionStore
from mailsignals.readmodel.roles import Role, Viewer
from mailsignals.risk.assess import RISK_SCHEMA
from mailsignals.sla.compliance import By, Period
from mailsignals.sla.report import report
from mailsignals.web.api.periods import USUAL_DAYS
from mailsignals.workspace import Workspace
from tests.mailsignals.web.api.conftest import program, somebody
from tests.mailsignals.web.conftest import NOW, site_of

LISTS = ("/accounts", "/signals", "/flags", "/sla", "/sla/tickets")
EVERYTHING = (*LISTS, "/status")

Asked = Callable[[Viewer], TestClient]


def csm_of(company: Workspace) -> str:
    """A CSM with some accounts, but not all of them."""
    csms = company.book.accounts["csm"].drop_nulls()
    found: str = csms.value_counts(sort=True, name="accounts").item(0, "csm")
    assert 0 < (csms == found).sum() < company.book.accounts.height
    return found


@pytest.mark.parametrize(
    ("role", "theirs"),
    [
        (Role.CSM, {"/accounts", "/signals", "/flags"}),
        (Role.LEAD, {"/sla", "/sla/tickets"}),
        (Role.HEAD, set(LISTS)),
        (Role.OPERATOR, {"/status"}),
    ],
)
def test_every_role_gets_what_its_pages_show_and_nothing_else(
    asked: Asked, role: Role, theirs: set[str]
) -> None:
    """A table of role by resource; what is not theirs is refused as a problem."""
    client = asked(somebody(role))
    answers = {path: client.get(path) for path in EVERYTHING}
    assert {path for path, answer in answers.items() if answer.status_code == 200} == theirs
    refused = [answer for path, answer in answers.items() if path not in theirs]
    assert {answer.status_code for answer in refused} == {403}
    assert {answer.json()["type"] for answer in refused} == {"urn:mailsignals:problem:not-permitted"}


def test_a_csm_sees_their_own_accounts_alone(asked: Asked, company: Workspace) -> None:
    """In every list and by name; another's account is as absent as one that never was."""
    csm = csm_of(company)
    client = asked(somebody(Role.CSM, address=csm.upper()))
    book = company.book.accounts
    own = set(book.filter(pl.col("csm") == csm)["account_id"])
    others = book.filter(pl.col("csm") != csm)["account_id"].to_list()
    for path in ("/accounts", "/signals", "/flags"):
        rows = client.get(path, params={"limit": 500}).json()["rows"]
        assert {row["account_id"] for row in rows} <= own
        assert (
            client.get(
                path, params={"account_id": others[0]} if path != "/accounts" else {"q": others[0]}
            ).json()["rows"]
            == []
        )
    assert {row["account_id"] for row in client.get("/accounts?limit=500").json()["rows"]} == own
    assert client.get(f"/accounts/{min(own)}").status_code == 200
    for path in ("", "/history"):
        hidden, absent = (client.get(f"/accounts/{each}{path}") for each in (others[0], "nobody"))
        assert hidden.status_code == 404
        assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)


@pytest.mark.slow
def test_accounts_are_those_of_the_command_in_its_order(head: TestClient, company: Workspace) -> None:
    """Every column of `mailsignals risk` is a field, with what the command writes; none is a score."""
    with company.at(NOW) as snapshot:
        said = snapshot.shown_risk
    names = [name for name in RISK_SCHEMA.names() if name != "as_of"]
    rows = head.get("/accounts?limit=500").json()["rows"]
    assert [{name: row[name] for name in names} for row in rows] == said.select(names).to_dicts()
    assert not [name for name in rows[0] if "score" in name]


@pytest.mark.parametrize("by", list(By))
def test_figures_of_service_levels_are_those_of_the_command(
    head: TestClient, company: Workspace, by: By
) -> None:
    """They are made of prepared cases, and equal what the command makes of all touches."""
    period = Period(since=NOW - USUAL_DAYS * (NOW - NOW.replace(day=1)), until=NOW)
    with company.at(NOW) as snapshot:
        desk, people, promises = snapshot.tickets, snapshot.people, snapshot.promises
    expected = report(desk, period, by=by, timezone=company.settings.company.timezone, promises=promises)
    names = {By.ACCOUNT: company.book.accounts["account_id"], By.AGENT: people["address"]}
    if by in names:
        expected = expected.with_columns(pl.lit(names[by]).gather("by").alias("by"))
    params = {"by": by, "from": f"{period.since:%Y-%m-%dT%H:%M:%SZ}", "to": f"{NOW:%Y-%m-%dT%H:%M:%SZ}"}
    answer = head.get("/sla", params={**params, "format": "parquet"})
    found = pl.read_parquet(io.BytesIO(answer.content))
    assert expected.height > 3
    assert_frame_equal(found.rename({found.columns[0]: "by"}), expected, check_dtypes=False)


def test_a_list_is_the_same_in_every_form(head: TestClient) -> None:
    """JSON, CSV and Parquet, by parameter or by what is accepted, have the same rows and names."""
    for path in LISTS:
        rows = head.get(path, params={"limit": 500}).json()["rows"]
        parquet = head.get(path, params={"format": "parquet"})
        frame = pl.read_parquet(io.BytesIO(parquet.content))
        text = head.get(path, headers={"Accept": "text/csv"})
        assert text.headers["content-type"] == "text/csv; charset=utf-8"
        assert text.text == head.get(path, params={"format": "csv"}).text
        lines = pl.read_csv(io.BytesIO(text.content), infer_schema=False)
        assert frame.columns == lines.columns == list(rows[0])
        assert frame.height == lines.height >= len(rows) > 0
        first = frame.columns[0]
        assert (
            [row[first] for row in rows]
            == lines[first].head(len(rows)).to_list()
            == frame[first].head(len(rows)).to_list()
        )


def test_the_renewals_of_the_next_days_are_found(head: TestClient, company: Workspace) -> None:
    """``renewal_within_days`` counts from the day of the figures, and includes both ends."""
    days = (company.book.accounts["renewal_on"] - NOW.date()).dt.total_days()
    nearest = int(days.filter(days >= 0).min())  # type: ignore[arg-type]  # there are renewals to come
    for within in (nearest - 1, nearest):
        rows = head.get("/accounts", params={"renewal_within_days": max(within, 0), "limit": 500}).json()[
            "rows"
        ]
        assert len(rows) == (days.is_between(0, within)).sum()


@pytest.mark.parametrize(
    ("asked_for", "said"),
    [
        ("/accounts?levle=high", "levle: unknown parameter (did you mean level?)."),
        ("/accounts?limit=501", "limit: Input should be less than or equal to 500."),
        ("/accounts?cursor=x", "cursor: not a cursor. Send `next` of the previous page unchanged."),
        ("/accounts?format=csv&limit=3", "format: csv returns the whole list. Remove limit and cursor."),
        ("/sla?from=2026-02-30", "from: 2026-02-30 is not a valid date."),
        ("/sla?from=2026-03-01&to=2026-03-01", "from: must be before to, by at most 3650 days."),
        ("/sla?from=2026-03-01&days=3", "from and days both set the start. Remove one of them."),
        ("/status?limit=3", "limit: unknown parameter (there are no parameters)."),
        ("/accounts?tier=gold&tier=gold", "tier: given more than once. Send one value."),
        (
            "/accounts?renewal_within_days=0.0&tier=true&tier=false",
            "tier: given more than once. Send one value.",
        ),
        (
            "/accounts/nobody/history?limit=1&limit=2&cursor=x&cursor=",
            "cursor: given more than once. Send one value. limit: given more than once. Send one value.",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(asked: Asked, asked_for: str, said: str) -> None:
    """Whose, what, and what to do; nothing is guessed."""
    answer = asked(somebody(*Role)).get(asked_for)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json() == {
        "type": "urn:mailsignals:problem:bad-parameter",
        "title": "Invalid parameter",
        "status": 422,
        "detail": said,
    }


def test_a_cursor_goes_on_with_the_list_that_it_is_of(head: TestClient) -> None:
    """With other filters, or in another list, it is refused; another length of page is fine."""
    cursor = head.get("/signals?limit=2").json()["next"]
    assert head.get("/signals", params={"cursor": cursor, "limit": 7}).status_code == 200
    assert head.get("/signals", params={"cursor": cursor, "window_days": "30"}).status_code == 422
    assert head.get("/accounts", params={"cursor": cursor}).status_code == 422


def test_who_has_the_answer_is_told_so(asked: Asked, head: TestClient) -> None:
    """The tag of an answer is that of its edition, its question, and who asked."""
    answer = head.get("/accounts?limit=1")
    assert answer.headers["cache-control"] == "private, no-cache"
    had = {"If-None-Match": f'"other", {answer.headers["etag"]}'}
    again = head.get("/accounts?limit=1", headers=had)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]
    assert head.get("/accounts?limit=2", headers=had).status_code == 200
    another = asked(somebody(Role.CSM, address="another@us.example"))
    assert another.get("/accounts?limit=1", headers=had).status_code == 200


def test_before_the_first_edition_programs_are_told_to_wait(company: Workspace, tmp_path: object) -> None:
    """503 with ``Retry-After``, and as a problem."""
    empty = dataclasses.replace(site_of(company), shelf=EditionStore(company.settings.store.path / "nothing"))
    answer = program(empty, somebody(Role.HEAD)).get("/accounts")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["type"] == "urn:mailsignals:problem:nothing-prepared"


def test_beside_the_pages_errors_of_the_api_are_problems(client: TestClient) -> None:
    """Under its prefix nothing answers with a page, and nothing can be changed."""
    paths = ("/api/v1/nothing", "/api/v1/accounts/an%0Aid", "/api/v1/")
    for answer in (*map(client.get, paths), client.post("/api/v1/accounts")):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.status_code in {404, 405}
    assert client.get("/api/v1/accounts").status_code == 200
    assert client.get("/api/v1/openapi.json").json()["info"]["title"] == "mailsignals"


@pytest.mark.parametrize("rule", ["team", "self"])
def test_whose_work_it_was_is_told_as_far_as_people_are_shown(
    head: TestClient, company: Workspace, rule: str
) -> None:
    """Neither a row nor a filter gives another person away; service levels by agent have only one's own row."""
    asked_for = {"days": 90, "limit": 500}
    agents = {row["agent"] for row in head.get("/sla/tickets", params=asked_for).json()["rows"]} - {None}
    me, other = sorted(agents)[:2]
    privacy = company.settings.privacy.model_copy(update={"people": rule})
    settings = company.settings.model_copy(update={"privacy": privacy})
    site = dataclasses.replace(site_of(company), settings=lambda: settings)
    client = program(site, somebody(Role.LEAD, address=me))
    shown = {me} if rule == "self" else set()
    rows = client.get("/sla/tickets", params=asked_for).json()["rows"]
    assert {row["agent"] for row in rows} - {None} == shown
    assert {row["first_agent"] for row in rows} - {None} == shown
    for form in ("json", "csv"):
        params = {"days": 90, "agent": other, "format": form}
        assert other not in client.get("/sla/tickets", params=params).text
    assert client.get("/sla/tickets", params={"days": 90, "agent": other}).json()["rows"] == []
    own = client.get("/sla/tickets", params={**asked_for, "agent": me}).json()["rows"]
    assert bool(own) == bool(shown)
    by_agent = client.get("/sla", params={"by": "agent", "days": 90}).json()["rows"]
    assert {row["agent"] for row in by_agent} == shown
