"""Who gets in, under which name the dashboard answers, and from where it takes changes."""

import itertools

import pytest
from starlette.responses import PlainTextResponse

from mailsignals.readmodel.roles import Role
from mailsignals.web import app as web_app
from mailsignals.web.page import WebPage
from mailsignals.web.pages import PAGES
from tests.mailsignals.web.access.conftest import HOST, PROXY, URL, Dashboard, Make, as_person, csm_of

LOCAL = "http://127.0.0.1:8321"


def person_of(role: Role, proxied: Dashboard) -> str:
    """Somebody who has this role and no other."""
    return csm_of(proxied.company) if role is Role.CSM else f"{role.value}@{proxied.domain}"


def a_path(page: WebPage) -> str:
    """A path that leads to a page, whether or not there is what it names."""
    return "/".join("A0001" if part.startswith("{") else part for part in page.path.split("/"))


@pytest.mark.parametrize(
    ("page", "role"),
    [
        pytest.param(page, role, id=f"{page.path} {role}")
        for page, role in itertools.product(PAGES, Role)
        if not page.open
    ],
)
def test_every_page_is_for_its_roles_alone(proxied: Dashboard, page: WebPage, role: Role) -> None:
    """With a role of the page somebody gets further than 403, and without one nobody does."""
    headers = {**as_person(person_of(role, proxied)), "Origin": URL}
    for method in page.methods:
        answer = proxied.client.request(method, a_path(page), headers=headers)
        if page.path == "/":
            theirs = any(other.title and role in other.roles for other in PAGES)
            assert (answer.status_code == 303) == theirs
        else:
            assert (answer.status_code == 403) == (role not in page.roles)
            assert answer.status_code < 500


@pytest.mark.parametrize("page", [page for page in PAGES if not page.open], ids=lambda page: page.path)
def test_nobody_gets_in_unasked(dashboard_of: Make, page: WebPage) -> None:
    """Whoever is not signed in gets no page, and is led to where they sign in."""
    oidc = {"issuer": "https://issuer.test", "client_id": "us"}
    strict = dashboard_of({"access": "oidc", "url": URL, "oidc": oidc})
    answer = strict.client.get(a_path(page))
    if "GET" in page.methods:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?to=%2F")
    answer = strict.client.post(a_path(page), headers={"Origin": URL})
    assert answer.status_code == 401


def test_a_page_that_is_open_asks_nobody(dashboard_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is shown without signing in, and takes changes from our own pages alone, as all do."""
    page = WebPage(
        path="/open/{token}",
        roles=frozenset(),
        show=lambda visit: PlainTextResponse(f"hello {visit.viewer.address}"),
        methods=("GET", "POST"),
        open=True,
    )
    monkeypatch.setattr(web_app, "PAGES", (*PAGES, page))
    oidc = {"issuer": "https://issuer.test", "client_id": "us"}
    strict = dashboard_of({"access": "oidc", "url": URL, "oidc": oidc})
    assert strict.client.get("/open/abc").text == "hello None"
    assert strict.client.post("/open/abc", headers={"Origin": URL}).status_code == 200
    assert strict.client.post("/open/abc", headers={"Origin": "https://evil.test"}).status_code == 403
    assert strict.client.get("/open/abc/more").status_code == 303


@pytest.mark.slow
def test_an_open_dashboard_shows_everything_at_this_machine(dashboard_of: Make) -> None:
    """Nobody signs in, and every page of the menu is there."""
    local = dashboard_of({}, base=LOCAL)
    for page in PAGES:
        if page.title:
            assert local.client.get(page.path).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8321", 200),
        ("localhost:8321", 200),
        ("LOCALHOST", 200),
        ("[::1]:8321", 200),
        ("evil.test", 400),
        ("evil.test:8321", 400),
        ("127.0.0.1.evil.test", 400),
        ("localhost.evil.test:8321", 400),
        ("evil.test/api/", 400),
        ("user@127.0.0.1", 400),
        ("127.0.0.1:port", 400),
        ("", 400),
    ],
)
def test_it_answers_to_its_own_names_alone(dashboard_of: Make, host: str, status: int) -> None:
    """A page elsewhere whose name was made to lead to this machine cannot read anything."""
    local = dashboard_of({}, base=LOCAL)
    assert local.client.get("/accounts", headers={"Host": host}).status_code == status


def test_it_answers_to_the_host_of_its_address(proxied: Dashboard) -> None:
    """What people call it, and this machine; and no other name, even of somebody whom the proxy names."""
    person = as_person(csm_of(proxied.company))
    for host, status in ((HOST, 200), (HOST.upper(), 200), ("localhost", 200), ("other.us.test", 400)):
        assert proxied.client.get("/accounts", headers={**person, "Host": host}).status_code == status


@pytest.mark.parametrize(
    ("site", "origin", "status"),
    [
        ("same-origin", URL, 405),
        ("same-origin", None, 405),
        ("none", None, 405),
        (None, URL, 405),
        (None, None, 403),
        (None, "null", 403),
        (None, f"{URL}:444", 403),
        (None, f"http://{HOST}", 403),
        (None, "https://evil.test", 403),
        (None, f"{URL}.evil.test", 403),
        ("same-origin", "https://evil.test", 403),
        ("same-site", None, 403),
        ("same-site", URL, 403),
        ("cross-site", None, 403),
        ("cross-site", URL, 403),
        ("anything", URL, 403),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_changes_come_from_our_own_pages(
    proxied: Dashboard, method: str, site: str | None, origin: str | None, status: int
) -> None:
    """Without proof that a page of ours sent it, a request that changes something gets nowhere."""
    said = {"Sec-Fetch-Site": site, "Origin": origin}
    headers = {name: value for name, value in said.items() if value is not None}
    person = as_person(csm_of(proxied.company))
    answer = proxied.client.request(method, "/accounts", headers={**person, **headers})
    assert answer.status_code == status
    assert proxied.client.get("/accounts", headers={**person, **headers}).status_code == 200


def test_an_open_dashboard_takes_changes_from_its_own_pages_alone(dashboard_of: Make) -> None:
    """A page elsewhere can post to this machine, but not in our name; over IPv6 and localhost we are ourselves too."""
    local = dashboard_of({}, base=LOCAL)
    for host, origin, status in (
        ("127.0.0.1:8321", LOCAL, 405),
        ("localhost:8321", "http://localhost:8321", 405),
        ("[::1]:8321", "http://[::1]:8321", 405),
        ("127.0.0.1:80", "http://127.0.0.1", 405),
        ("127.0.0.1:8321", "http://127.0.0.1:9000", 403),
        ("127.0.0.1:8321", "https://evil.test", 403),
    ):
        answer = local.client.post("/accounts", headers={"Host": host, "Origin": origin})
        assert answer.status_code == status, (host, origin)


@pytest.mark.parametrize(
    "value", ["nobody", "Ana <ana@us.test>", "ana@us.test, bo@us.test", "a\u212aa@us.test", ""]
)
def test_a_header_that_holds_no_address_is_refused(proxied: Dashboard, value: str) -> None:
    """One plain address, and nothing that might be read in two ways."""
    assert proxied.client.get("/accounts", headers={b"X-Forwarded-Email": value.encode()}).status_code == 401


def test_only_the_proxy_is_believed(proxied: Dashboard, dashboard_of: Make) -> None:
    """The header counts from where the proxy is; elsewhere, and where it is missing or there twice, it is 401."""
    person = as_person(csm_of(proxied.company))
    assert proxied.client.get("/accounts", headers=person).status_code == 200
    assert proxied.client.get("/accounts").status_code == 401
    for peer in ("10.0.0.8", "127.0.0.1", "::1", "testclient"):
        outside = dashboard_of(proxied.section.model_dump(by_alias=True), peer=peer)
        answer = outside.client.get("/accounts", headers=person)
        assert answer.status_code == 401
        assert "dashboard.proxy.from" in answer.text
    twice = [*person.items(), *as_person("head@us.test").items()]
    assert proxied.client.get("/accounts", headers=twice).status_code == 401
    mapped = dashboard_of(proxied.section.model_dump(by_alias=True), peer=f"::ffff:{PROXY}")
    assert mapped.client.get("/accounts", headers=person).status_code == 200


def test_groups_give_roles(proxied: Dashboard) -> None:
    """A group that the configuration names gives its role, by its exact name; a header given twice is refused."""
    somebody = f"new@{proxied.domain}"
    proxied.configure(roles={"head": ["/heads"]})
    for groups, status in (("/heads", 200), ("a, /heads ,b", 200), ("/Heads", 403), ("", 403), (None, 403)):
        assert proxied.client.get("/accounts", headers=as_person(somebody, groups)).status_code == status
    twice = [*as_person(somebody, "/heads").items(), ("X-Forwarded-Groups", "/heads")]
    assert proxied.client.get("/accounts", headers=twice).status_code == 401


def test_what_the_configuration_takes_away_is_gone_at_once(proxied: Dashboard) -> None:
    """Roles follow from the configuration of the moment; whoever has none is told whom to ask."""
    head = as_person(f"HEAD@{proxied.domain}")
    assert proxied.client.get("/accounts", headers=head).status_code == 200
    proxied.configure(roles={"operator": [f"ops@{proxied.domain}", "ops-group"]})
    answer = proxied.client.get("/accounts", headers=head)
    assert answer.status_code == 403
    assert f"mailto:ops%40{proxied.domain}" in answer.text
    assert "ops-group" not in answer.text


def test_nobody_comes_from_a_domain_that_may_not(proxied: Dashboard) -> None:
    """Somebody of another domain has no role, even if the configuration or the account book gives one."""
    proxied.configure(roles={"head": ["ann@partner.test"]})
    assert proxied.client.get("/accounts", headers=as_person("ann@partner.test")).status_code == 403
    proxied.configure(allowed_domains=["partner.test"])
    assert proxied.client.get("/accounts", headers=as_person("ann@eu.partner.test")).status_code == 403
    assert proxied.client.get("/accounts", headers=as_person("ann@partner.test")).status_code == 200
    assert proxied.client.get("/accounts", headers=as_person(csm_of(proxied.company))).status_code == 403


def test_a_csm_sees_their_own_accounts(proxied: Dashboard) -> None:
    """Whose CSM they are in the account book, in whatever case, and no others."""
    csm = csm_of(proxied.company)
    answer = proxied.client.get("/accounts", headers=as_person(csm.upper()))
    assert answer.status_code == 200
    own = proxied.company.book.accounts.filter(csm=csm).height
    assert 0 < own < proxied.company.book.accounts.height
    shown = {line.split('"')[0] for line in answer.text.split('href="/accounts/')[1:]}
    assert 0 < len(shown) <= own


def test_a_dashboard_that_is_off_shows_nothing(dashboard_of: Make) -> None:
    """No page and no sign-in, whoever asks."""
    off = dashboard_of({"access": "off"}, base=LOCAL)
    for path in ("/", "/accounts", "/sign-in"):
        assert off.client.get(path).status_code == 404
