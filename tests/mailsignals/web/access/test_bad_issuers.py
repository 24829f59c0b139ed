"""Tokens that cannot be believed, and issuers that are none: nobody is signed in."""

import datetime as dt
import logging
from typing import Any

import polars as pl
import pytest

from tests.mailsignals.web.access.browsing import (
    COOKIE,
    cookie_in,
    sign_in,
)
from tests.mailsignals.web.access.conftest import URL, Dashboard, Make
from tests.mailsignals.web.conftest import NOW
from tests.support.issuer import CLIENT, Provider
from tests.support.loopback import Answer, Fault, Request


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"aud": "another"}, "aud"),
        ({"aud": ["another"], "azp": CLIENT}, "aud"),
        ({"aud": [CLIENT, "another"]}, "azp"),
        ({"azp": "another"}, "azp"),
        ({"iss": "https://evil.test"}, "iss"),
        ({"iss": None}, "iss"),
        ({"exp": int(NOW.timestamp()) - 61}, "expired"),
        ({"exp": None}, "exp"),
        ({"nbf": int(NOW.timestamp()) + 3600}, "nbf"),
        ({"iat": int(NOW.timestamp()) + 3600}, "iat"),
        ({"sub": None}, "sub"),
        ({"at_hash": "AAAA"}, "at_hash"),
        ({"email_verified": False}, "the issuer has not verified this address"),
        ({"email_verified": None}, "the issuer has not verified this address"),
        ({"email": "evil@elsewhere.test"}, "allowed_domains"),
        ({"email": "ana@us.test, bo@us.test"}, "has no address"),
        ({"email": ["ana@us.test"]}, "has no address"),
        ({"email": None}, "has no address"),
    ],
)
def test_a_token_that_is_not_for_us_and_for_now_is_refused(
    signing: Dashboard, provider: Provider, changes: dict[str, Any], why: str
) -> None:
    """Nobody is signed in, the page says why, and the log of who was refused does too."""
    provider.changes = changes
    answer = sign_in(signing)
    assert answer.status_code == 403
    assert why in answer.text
    assert cookie_in(answer, COOKIE) is None
    assert signing.client.get("/accounts").status_code == 303
    refused = signing.audit().filter(pl.col("kind") == "refused")
    assert why in refused["detail"][0]


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_that_anybody_could_have_made_is_refused(
    signing: Dashboard, provider: Provider, algorithm: str
) -> None:
    """Unsigned, or signed with the public key as a secret: even if the issuer says that it does such things."""
    provider.header = {"alg": algorithm}
    assert sign_in(signing).status_code == 403


def test_a_token_with_the_signature_of_another_key_is_refused(signing: Dashboard, provider: Provider) -> None:
    """A key that the issuer does not publish counts for nothing, under whatever name."""
    shown = provider.shown
    provider.rotate()
    provider.shown = shown
    assert sign_in(signing).status_code == 403
    stranger = provider.keys.keys[0]
    provider.keys = type(shown)(
        [type(stranger).import_key(stranger.as_dict(private=True) | {"kid": "first"})]
    )
    assert sign_in(signing).status_code == 403


def test_new_keys_of_the_issuer_are_fetched(signing: Dashboard, provider: Provider) -> None:
    """A key that is not known yet is asked for, but not more often than once a minute."""
    assert sign_in(signing).status_code == 303
    provider.rotate()
    assert sign_in(signing).status_code == 403
    signing.now += dt.timedelta(minutes=2)
    assert sign_in(signing).status_code == 303
    asked = [request.path for request in provider.log].count("/keys")
    sign_in(signing)
    assert [request.path for request in provider.log].count("/keys") == asked == 2


def test_an_issuer_that_refuses_is_quoted(signing: Dashboard, provider: Provider) -> None:
    """Whoever changes their mind at the issuer is told so, and may try again."""
    provider.refuses_with = "access_denied<script>"
    answer = sign_in(signing)
    assert answer.status_code == 403
    assert "access_denied&lt;script&gt;" in answer.text
    assert 'href="/sign-in?as=another"' in answer.text


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"issuer": "https://evil.test"}, "discovery document names"),
        ({"token_endpoint": "http://evil.test/token"}, "not encrypted"),
        ({"authorization_endpoint": None}, "authorization_endpoint"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint"),
        ({"jwks_uri": "MISSING"}, "jwks_uri"),
    ],
)
def test_an_issuer_that_is_none_is_not_asked(
    signing: Dashboard,
    provider: Provider,
    document: dict[str, str],
    why: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its document must be its own, and whatever it names be encrypted; the log says what is wrong."""
    provider.document = document
    with caplog.at_level(logging.INFO):
        answer = signing.client.get("/sign-in")
    assert answer.status_code == 403
    assert why in answer.text
    assert [record.getMessage() for record in caplog.records if record.name.startswith("mailsignals")] == [
        "sign_in_failed"
    ]


def test_an_issuer_that_cannot_be_reached_is_named(
    dashboard_of: Make, signing: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says what cannot be read; a secret that is missing is said, too, and never shown."""
    oidc = signing.section.oidc.model_dump(by_alias=True) | {"issuer": "http://127.0.0.1:9"}
    unreachable = dashboard_of({"access": "oidc", "url": URL, "oidc": oidc})
    answer = unreachable.client.get("/sign-in")
    assert answer.status_code == 403
    assert "http://127.0.0.1:9/.well-known/openid-configuration can&#39;t be read" in answer.text
    monkeypatch.delenv("CLIENT_SECRET")
    answer = signing.client.get("/sign-in")
    assert "CLIENT_SECRET is not set" in answer.text


def test_a_wrong_secret_gets_no_token(signing: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """The issuer refuses, and that is what the page says; the secret may go into the body as well."""
    monkeypatch.setenv("CLIENT_SECRET", "wrong")
    answer = sign_in(signing)
    assert answer.status_code == 403
    assert "invalid_client" in answer.text
    assert "wrong" not in answer.text


def test_the_secret_goes_the_way_that_the_issuer_knows(signing: Dashboard, provider: Provider) -> None:
    """In the body, where the issuer takes it nowhere else."""
    provider.auth_methods = ["client_secret_post"]
    assert sign_in(signing).status_code == 303


@pytest.mark.scenario("unwell-token-endpoint")
@pytest.mark.parametrize(
    "unwell",
    [Answer(status=502, body=b"<html>"), Answer(body=b'{"access_token": "half-a-tok'), Answer()],
    ids=["a proxy's page", "half a token", "nothing"],
)
def test_a_token_endpoint_that_is_unwell_is_asked_once_more(
    signing: Dashboard, provider: Provider, unwell: Answer
) -> None:
    """Then a page says so, without anything that the issuer sent."""

    def of_tokens(request: Request) -> bool:
        return request.path == "/token"

    provider.faults.append(Fault(matches=of_tokens, answer=unwell))
    assert sign_in(signing).status_code == 303
    provider.faults.append(Fault(matches=of_tokens, answer=unwell, times=None))
    answer = sign_in(signing)
    assert answer.status_code == 403
    assert "the issuer sent no token: the" in answer.text
    assert "half-a-tok" not in answer.text
