"""What a session is: whose, how long, in which cookie, and how often it may ask."""

import datetime as dt

import pytest

from mailsignals.web.access.rates import USUAL, Rates, RequestCount
from tests.mailsignals.web.access.browsing import COOKIE, SIGN_IN_COOKIE, cookie_in, redirected, sign_in
from tests.mailsignals.web.access.conftest import URL, Dashboard, Make
from tests.support.issuer import Provider


def test_the_cookie_is_for_us_alone(signing: Dashboard) -> None:
    """Bound to this host and to https, out of reach of scripts, and not sent along from other sites' forms."""
    answer = sign_in(signing)
    cookie = cookie_in(answer, COOKIE)
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "lax")
    assert (cookie["path"], cookie["domain"], cookie["max-age"]) == ("/", "", f"{8 * 3600}")
    assert cookie_in(answer, SIGN_IN_COOKIE)["max-age"] == "0"


def test_on_this_machine_it_works_without_encryption(
    dashboard_of: Make, signing: Dashboard, provider: Provider
) -> None:
    """For a trial over http on loopback the cookie is not Secure, and has a plain name."""
    oidc = signing.section.oidc.model_dump(by_alias=True)
    local = dashboard_of(
        {"access": "oidc", "url": "http://127.0.0.1:8321", "oidc": oidc}, base="http://127.0.0.1:8321"
    )
    answer = local.client.get(redirected(local.client.get("/sign-in").headers["location"]))
    cookie = cookie_in(answer, "mailsignals")
    assert not cookie["secure"]
    assert local.client.get("/accounts").status_code == 200


def test_a_session_ends(signing: Dashboard) -> None:
    """Eight hours after it was used last, and twelve after signing in, however often it is used."""
    sign_in(signing)
    signing.now += dt.timedelta(hours=7, minutes=59)
    assert signing.client.get("/accounts").status_code == 200  # which is a use
    signing.now += dt.timedelta(hours=4)
    assert signing.client.get("/accounts").status_code == 200
    signing.now += dt.timedelta(minutes=1)
    assert signing.client.get("/accounts").status_code == 303

    sign_in(signing)
    signing.now += dt.timedelta(hours=8)
    assert signing.client.get("/accounts").status_code == 303

    signing.configure(session_hours=1.0)
    sign_in(signing)
    signing.now += dt.timedelta(hours=1)
    assert signing.client.get("/accounts").status_code == 303


def test_a_session_is_not_of_the_future(signing: Dashboard) -> None:
    """A cookie that begins after now is none, such as after a clock was set back."""
    sign_in(signing)
    signing.now -= dt.timedelta(minutes=1)
    assert signing.client.get("/accounts").status_code == 303


def test_signing_in_gives_a_new_session_and_ends_the_one_before(signing: Dashboard) -> None:
    """So whoever planted a cookie, or kept one, has nothing."""
    sign_in(signing)
    before = signing.client.cookies.get(COOKIE)
    assert before is not None
    sign_in(signing)
    assert signing.client.cookies.get(COOKIE) != before
    assert signing.client.get("/accounts").status_code == 200
    signing.client.cookies.clear()
    signing.client.cookies.set(COOKIE, before)
    assert signing.client.get("/accounts").status_code == 303


def test_who_signs_out_is_out_everywhere(signing: Dashboard) -> None:
    """The cookie goes, and a copy of it is worth nothing; a page elsewhere cannot sign anybody out."""
    sign_in(signing)
    copy = signing.client.cookies.get(COOKIE)
    assert copy is not None
    assert signing.client.get("/sign-out").status_code == 405
    assert signing.client.post("/sign-out", headers={"Origin": "https://evil.test"}).status_code == 403
    assert signing.client.get("/accounts").status_code == 200
    answer = signing.client.post("/sign-out", headers={"Origin": URL})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signed-out")
    assert cookie_in(answer, COOKIE)["max-age"] == "0"
    assert signing.client.get("/accounts").status_code == 303
    assert "signed out" in signing.client.get("/signed-out").text
    signing.client.cookies.set(COOKIE, copy)
    assert signing.client.get("/accounts").status_code == 303


@pytest.mark.parametrize("spoiled", ["{}x", "x{}", "", "\N{LATIN SMALL LETTER E WITH ACUTE}", "{}.{}"])
def test_a_cookie_that_we_did_not_write_is_none(signing: Dashboard, spoiled: str) -> None:
    """Changed by a letter, empty, or doubled: nobody is signed in, and nothing breaks."""
    sign_in(signing)
    text = signing.client.cookies.get(COOKIE) or ""
    signing.client.cookies.clear()
    for value, status in ((text, 200), (spoiled.format(text, text), 303)):
        answer = signing.client.get("/accounts", headers={b"Cookie": f"{COOKIE}={value}".encode()})
        assert answer.status_code == status


def test_a_cookie_for_signing_in_is_no_session(signing: Dashboard) -> None:
    """What one cookie was signed for, no other can be."""
    signing.client.get("/sign-in")
    other = signing.client.cookies.get(SIGN_IN_COOKIE)
    signing.client.cookies.clear()
    answer = signing.client.get("/accounts", headers={"Cookie": f"{COOKIE}={other}"})
    assert answer.status_code == 303


@pytest.mark.slow
def test_groups_of_the_issuer_give_roles(signing: Dashboard, provider: Provider) -> None:
    """Those that the claim lists, wherever it lies; the cookie keeps those alone that have a role."""
    provider.person["email"] = f"new@{signing.domain}"
    provider.person["groups"] = ["heads", *(f"group {number}" for number in range(2000))]
    assert sign_in(signing).status_code == 303
    assert signing.client.get("/accounts").status_code == 403
    signing.configure(roles={"head": ["heads"]})
    sign_in(signing)
    assert signing.client.get("/accounts").status_code == 200
    signing.configure(
        oidc=signing.section.oidc.model_dump(by_alias=True) | {"groups_claim": "realm_access.roles"}
    )
    sign_in(signing)
    assert signing.client.get("/accounts").status_code == 403
    provider.person["realm_access"] = {"roles": ["heads"]}
    sign_in(signing)
    assert signing.client.get("/accounts").status_code == 200


def test_who_tries_too_often_waits(dashboard_of: Make, signing: Dashboard, provider: Provider) -> None:
    """Sign-ins are counted by network address, pages by person; 429 says when to come again."""
    section = signing.section.model_dump(by_alias=True) | {"proxy": {"from": ["10.0.0.7"]}}
    tight = dashboard_of(
        section, rates=Rates({**USUAL, RequestCount.SIGN_IN: 4, RequestCount.PAGE: 3, RequestCount.CHANGE: 1})
    )
    sign_in(tight)
    for _ in range(3):
        assert tight.client.get("/accounts").status_code == 200
    answer = tight.client.get("/accounts")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    own = {"Origin": URL}
    assert tight.client.post("/accounts", headers=own).status_code == 405
    assert tight.client.post("/accounts", headers=own).status_code == 429
    tight.client.cookies.clear()
    assert [tight.client.get("/sign-in").status_code for _ in range(3)] == [303, 303, 429]
    behind = {"X-Forwarded-For": "198.51.100.9, 203.0.113.5"}
    assert tight.client.get("/sign-in", headers=behind).status_code == 303
    spoofed = {"X-Forwarded-For": "203.0.113.7, 203.0.113.5"}
    assert [tight.client.get("/sign-in", headers=spoofed).status_code for _ in range(4)] == [
        303,
        303,
        303,
        429,
    ]
