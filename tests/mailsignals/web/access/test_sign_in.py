"""Signing in at an issuer on this machine, by the whole way through HTTP."""

import datetime as dt
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser

from mailsignals.service.http import serve_app
from tests.mailsignals.web.access.browsing import (
    SIGN_IN_COOKIE,
    sign_in,
    way_back,
)
from tests.mailsignals.web.access.conftest import URL, Dashboard
from tests.support.issuer import Provider


def test_somebody_signs_in_and_sees_what_they_wanted(signing: Dashboard, provider: Provider) -> None:
    """From a page by way of the issuer back to that page, with its query; the page says who they are."""
    wanted = "/accounts?q=a b&sort=name"
    first = signing.client.get(wanted)
    answer = sign_in(signing, first.headers["location"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/accounts?q=a%20b&sort=name")
    page = signing.client.get(answer.headers["location"])
    assert page.status_code == 200
    assert provider.person["email"] in page.text
    assert 'action="/sign-out"' in page.text


def test_what_the_browser_is_sent_away_with(signing: Dashboard, provider: Provider) -> None:
    """PKCE, a state and a nonce, each new every time, and the address to come back to that the issuer knows."""
    queries = [parse_qs(urlsplit(signing.client.get("/sign-in").headers["location"]).query) for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        first, second = (query[name][0] for query in queries)
        assert len(first) >= 43
        assert first != second
    assert queries[0]["redirect_uri"] == [f"{URL}/sign-in/back"]
    assert queries[0]["code_challenge_method"] == ["S256"]
    assert "prompt" not in queries[0]
    chosen = signing.client.get("/sign-in?as=another").headers["location"]
    assert parse_qs(urlsplit(chosen).query)["prompt"] == ["select_account"]


def test_coming_back_twice_or_with_what_belongs_to_others_is_refused(
    signing: Dashboard, provider: Provider
) -> None:
    """A code works once, with the state and in the browser that it was given to; a made-up one never."""
    back = way_back(signing.client.get("/sign-in"))
    kept = signing.client.cookies.get(SIGN_IN_COOKIE)
    assert kept is not None
    assert signing.client.get(back).status_code == 303
    signing.client.cookies.clear()
    assert "another browser" in signing.client.get(back).text
    signing.client.cookies.set(SIGN_IN_COOKIE, kept)
    assert "invalid_grant" in signing.client.get(back).text

    stolen = way_back(signing.client.get("/sign-in"))
    signing.client.get("/sign-in")  # another attempt begins
    answer = signing.client.get(stolen)
    assert answer.status_code == 403
    assert "another attempt" in answer.text

    signing.client.get("/sign-in")
    assert signing.client.get("/sign-in/back").status_code == 403
    signing.client.get("/sign-in")
    assert signing.client.get("/sign-in/back?" + urlencode({"state": "é", "code": "x"})).status_code == 403


def test_a_sign_in_that_takes_too_long_begins_anew(signing: Dashboard) -> None:
    """After ten minutes what somebody comes back with is worth nothing."""
    back = way_back(signing.client.get("/sign-in"))
    signing.now += dt.timedelta(minutes=10)
    answer = signing.client.get(back)
    assert answer.status_code == 403
    assert "too long" in answer.text


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.test/",
        "//evil.test/",
        "///evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "/\t/evil.test",
        "/\n/evil.test",
        "javascript:alert(1)",
        "accounts",
        "",
        "/sign-out",
        "/sign-in?to=/",
        "/" + "a" * 3000,
        "/\N{FULLWIDTH SOLIDUS}evil.test",
    ],
)
def test_nobody_is_led_elsewhere(signing: Dashboard, target: str) -> None:
    """Whatever a link to the sign-in says, it leads to a page of ours: else to the first one."""
    answer = sign_in(signing, "/sign-in?" + urlencode({"to": target}))
    assert answer.headers["location"] == "/"


def test_a_browser_signs_in_and_out(signing: Dashboard, provider: Provider, browser: Browser) -> None:
    """By the links and forms of the pages alone, with the headers that a real browser sends, over http on loopback."""
    with serve_app(signing.app, host="127.0.0.1", port=0) as port:
        signing.configure(url=f"http://127.0.0.1:{port}")
        page = browser.new_page()
        page.goto(f"{signing.section.url}/accounts?sort=name")
        assert page.url == f"{signing.section.url}/accounts?sort=name"
        assert page.locator(".viewer").inner_text().startswith("Aditya Desai")
        assert page.evaluate("document.cookie") == ""
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/signed-out")
        assert page.get_by_role("heading", name="You are signed out").is_visible()
        page.get_by_role("link", name="Sign in again").click()
        page.wait_for_url("**/accounts")
        page.close()
