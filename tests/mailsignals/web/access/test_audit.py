"""Who saw and changed what is written down, all of it; and programs that ask with a token."""

import datetime as dt
import json
from collections import Counter

import polars as pl
import pytest
from starlette.responses import Response

from mailsignals.errors import UserError
from mailsignals.readmodel.roles import EVERYBODY
from mailsignals.store.tables import audit as audit_table
from mailsignals.store.tables.audit import Audit, AuditEntry, AuditKind
from mailsignals.store.tables.tokens import PREFIX, Token, Tokens
from mailsignals.web import app as web_app
from mailsignals.web.page import PageRequest, WebPage
from mailsignals.web.pages import PAGES
from tests.mailsignals.web.access.conftest import PROXY, URL, Dashboard, Make, as_person, csm_of
from tests.mailsignals.web.conftest import NOW


def change(visit: PageRequest) -> Response:
    """A page on which somebody says something of an account."""
    visit.changed("dismissed until 2026-04-01", account_id="A0001")
    return Response(status_code=303, headers={"Location": "/accounts"})


def file(visit: PageRequest) -> Response:
    """A file to take away."""
    headers = {"Content-Disposition": 'attachment; filename="accounts.csv"'}
    return Response("account_id\n", media_type="text/csv", headers=headers)


FURTHER = (
    WebPage(path="/accounts/{account_id}/said", roles=EVERYBODY, show=change, methods=("POST",)),
    WebPage(path="/accounts.csv", roles=EVERYBODY, show=file),
)


@pytest.fixture(autouse=True)
def further(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages, with one for each kind of thing that somebody may do."""
    monkeypatch.setattr(web_app, "PAGES", (*PAGES, *FURTHER))


@pytest.fixture
def proxied(dashboard_of: Make, company: object) -> Dashboard:
    """A dashboard behind a reverse proxy, made after the pages were added."""
    return dashboard_of({"access": "proxy", "url": URL, "proxy": {"from": [PROXY]}})


def own_account(dashboard: Dashboard) -> str:
    """An account of ``csm_of``."""
    book = dashboard.company.book.accounts
    return str(book.filter(pl.col("csm") == csm_of(dashboard.company))["account_id"][0])


def entries(dashboard: Dashboard, person: str) -> Counter[tuple[object, ...]]:
    """What was written down of somebody, by other tests too, and how often."""
    columns = ("kind", "what", "account_id", "status", "detail", "at", "way", "client")
    return Counter(dashboard.audit(person).select(columns).rows())


def test_all_that_somebody_does_is_written_down(proxied: Dashboard) -> None:
    """What they saw, of which account, what they changed and took away, and what they were refused."""
    csm = csm_of(proxied.company)
    before = entries(proxied, csm)
    person = as_person(csm)
    for path in ("/accounts?q=secret", "/", "/no/such/page", "/static/icon.svg", "/accounts.csv"):
        proxied.client.get(path, headers=person)
    proxied.client.head("/accounts", headers=person)
    own = own_account(proxied)
    proxied.client.get(f"/api/v1/accounts/{own}", headers=person)
    proxied.client.post("/accounts/A0001/said", headers={**person, "Origin": URL})
    proxied.client.post("/accounts/A0001/said", headers=person)
    expected = [
        ("seen", "/accounts", None, 200, None),
        ("exported", "/accounts.csv", None, 200, None),
        ("exported", f"/api/v1/accounts/{own}", own, 200, None),
        ("changed", "/accounts/A0001/said", "A0001", 303, "dismissed until 2026-04-01"),
        ("refused", "/accounts/A0001/said", "A0001", 403, "from another site"),
    ]
    assert entries(proxied, csm) - before == Counter((*entry, NOW, "proxy", PROXY) for entry in expected)


def test_pages_wait_for_each_other_and_nothing_else_does(proxied: Dashboard) -> None:
    """A page costs no writing; a change and what leaves are written down before the answer is given."""
    table = Audit(proxied.company.settings.store.path)
    csm = csm_of(proxied.company)
    person = as_person(csm)
    before = table.frame(who=csm).height
    proxied.client.get("/accounts", headers=person)
    assert table.frame(who=csm).height == before
    proxied.client.get("/accounts.csv", headers=person)
    assert table.frame(who=csm).height == before + 1
    proxied.access.auditor.flush()
    assert table.frame(who=csm).height == before + 2


def test_nothing_leaves_unnoted(proxied: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the log cannot be written, no file and no answer of the API is given; pages still are."""
    folder = proxied.company.settings.store.path / "elsewhere"
    monkeypatch.setattr(proxied.access.auditor, "_audit", Audit(folder))
    person = as_person(csm_of(proxied.company))
    answer = proxied.client.get("/accounts.csv", headers=person)
    assert answer.status_code == 503
    assert "account_id" not in answer.text
    answer = proxied.client.get(f"/api/v1/accounts/{own_account(proxied)}", headers=person)
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert "account_id" not in answer.text
    assert proxied.client.get("/accounts", headers=person).status_code == 200


@pytest.mark.slow
def test_nobody_fills_the_log_with_refusals(dashboard_of: Make, proxied: Dashboard) -> None:
    """Thirty a minute of one network address or person are told, also where nobody counts requests."""
    local = dashboard_of({}, base="http://127.0.0.1:8321", peer="127.0.0.9")
    for _ in range(40):
        assert local.client.post("/accounts", headers={"Origin": "https://evil.test"}).status_code == 403
    assert local.audit().filter(client="127.0.0.9")["kind"].to_list() == ["refused"] * 30


def test_old_entries_go(proxied: Dashboard) -> None:
    """Once a day, those that are older than ``audit_days``."""
    table = Audit(proxied.company.settings.store.path)
    old = AuditEntry(
        at=NOW - dt.timedelta(days=401),
        who="old@us.test",
        way="proxy",
        client="",
        kind=AuditKind.SEEN,
        what="/",
    )
    kept = AuditEntry(
        at=NOW - dt.timedelta(days=399),
        who="old@us.test",
        way="proxy",
        client="",
        kind=AuditKind.SEEN,
        what="/",
    )
    table.add([old, kept], durable=False)
    proxied.client.get("/accounts.csv", headers=as_person(csm_of(proxied.company)))
    assert table.frame(who="old@us.test")["at"].to_list() == [kept.at]
    proxied.configure(audit_days=30)
    proxied.now += dt.timedelta(days=1)
    proxied.client.get("/accounts", headers=as_person(csm_of(proxied.company)))
    assert proxied.audit("old@us.test").is_empty()


def test_an_entry_is_of_bounded_length(proxied: Dashboard) -> None:
    """However long a path is, and whatever letters it has."""
    proxied.client.get("/accounts/" + "a" * 5000 + "/said", headers=as_person("long@us.test"))
    odd = AuditEntry(at=NOW, who="odd\ud800", way="", client="", kind=AuditKind.SEEN, what="x" * 5000)
    table = Audit(proxied.company.settings.store.path)
    table.add([odd], durable=False)
    (found,) = table.frame(who="odd?").to_dicts()
    assert len(found["what"]) == audit_table.LONGEST


def token_of(
    dashboard: Dashboard, name: str, role: str, csm: str | None = None, days: int = 1
) -> dict[str, str]:
    """The header of a new token."""
    tokens = Tokens(dashboard.company.settings.store.path)
    expires_at = NOW + dt.timedelta(days=days)
    made = Token(name=name, role=role, csm=csm)
    text = tokens.create(made, at=NOW, by="ops", expires_at=expires_at)
    return {"Authorization": f"Bearer {text}"}


@pytest.mark.slow
def test_a_token_sees_what_its_role_sees(proxied: Dashboard, dashboard_of: Make) -> None:
    """Of the API alone, as its role and its CSM; for the log it has a name. It works however people sign in."""
    csm = csm_of(proxied.company)
    of_csm, of_head, of_lead = (
        token_of(proxied, "for a csm", "csm", csm),
        token_of(proxied, "for a head", "head"),
        token_of(proxied, "for a lead", "lead"),
    )
    oidc = {"issuer": "https://issuer.test", "client_id": "us"}
    signing = dashboard_of({"access": "oidc", "url": URL, "oidc": oidc})
    local = dashboard_of({}, base="http://127.0.0.1:8321")
    for each in (proxied, signing, local):
        rows = each.client.get("/api/v1/accounts?limit=500", headers=of_csm).json()["rows"]
        assert {row["csm"] for row in rows} == {csm}
        every = each.client.get("/api/v1/accounts?limit=500", headers=of_head).json()["rows"]
        assert len(every) == each.company.book.accounts.height > len(rows)
        assert each.client.get("/api/v1/accounts", headers=of_lead).status_code == 403
        assert each.client.get("/api/v1/sla", headers=of_lead).status_code == 200
    assert signing.client.get("/accounts", headers=of_head).status_code == 303
    assert proxied.client.get("/accounts", headers=of_head).status_code == 401
    assert proxied.audit("token for a head")["kind"].to_list() == ["exported"] * 3


@pytest.mark.parametrize("access", ["oidc", "open"])
def test_a_token_that_is_none_is_refused(dashboard_of: Make, access: str) -> None:
    """Unknown, cut off, expired or revoked: 401 in JSON, also where nobody else has to sign in."""
    oidc = {"issuer": "https://issuer.test", "client_id": "us"}
    url = URL if access == "oidc" else ""
    base = URL if access == "oidc" else "http://127.0.0.1:8321"
    found = dashboard_of({"access": access, "url": url, "oidc": oidc}, base=base)
    good = token_of(found, f"good {access}", "head")
    revoked = token_of(found, f"revoked {access}", "head")
    expired = token_of(found, f"expired {access}", "head", days=0)
    tokens = Tokens(found.company.settings.store.path)
    tokens.revoke(f"revoked {access}", at=NOW)
    path = "/api/v1/accounts"
    assert found.client.get(path, headers=good).status_code == 200
    cut = {"Authorization": good["Authorization"][:-1]}
    for wrong in (revoked, expired, cut, {"Authorization": "Bearer x"}, {"Authorization": "Bearer"}):
        answer = found.client.get(path, headers=wrong)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "token is unknown" in answer.json()["detail"]
    if access == "oidc":
        assert (
            found.client.get(path)
            .json()["detail"]
            .startswith(
                "You are not signed in. The request was refused, because it has no token and no session."
            )
        )


def test_a_proxy_may_hand_on_tokens_of_its_own(proxied: Dashboard) -> None:
    """What is no token of ours is not looked at where a proxy says who asks."""
    headers = {**as_person(csm_of(proxied.company)), "Authorization": "Bearer eyJ.of.others"}
    assert proxied.client.get("/api/v1/accounts", headers=headers).status_code == 200


def test_no_token_is_kept(proxied: Dashboard) -> None:
    """The store holds a hash; two tokens never have one name, since the log calls them by it."""
    header = token_of(proxied, "only once", "head")["Authorization"]
    text = header.removeprefix("Bearer ")
    assert text.startswith(PREFIX)
    store = proxied.company.settings.store.path
    catalogue = b"".join(path.read_bytes() for path in store.glob("catalogue.sqlite*"))
    assert text.encode() not in catalogue
    listed = Tokens(store).frame().filter(pl.col("name") == "only once")
    assert text not in json.dumps(listed.to_dicts(), default=str)
    with pytest.raises(UserError, match="Choose another"):
        token_of(proxied, "only once", "lead")
