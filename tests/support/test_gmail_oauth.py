"""The token endpoint of the Gmail test server, as google-auth sees it."""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import google.oauth2.credentials
import google_auth_httplib2
import httplib2
import pytest
from google.auth.credentials import Credentials
from google.auth.exceptions import RefreshError
from google.oauth2 import service_account

from tests.support.gmail import METADATA, READONLY, GmailServer, State
from tests.support.gmail.faults import unavailable
from tests.support.gmail.matching import tokens
from tests.support.gmail.oauth import Token, another_key, key_text
from tests.support.gmail.refusals import REFUSALS
from tests.support.gmail.vendor import vendor_client
from tests.support.waiting import PATIENCE_SECONDS

ANA = "ana@us.test"


@pytest.fixture
def server() -> Iterator[GmailServer]:
    """A server that is listening, and must not fail itself."""
    server = GmailServer()
    server.mailbox(ANA)
    with server.running():
        yield server
    assert server.errors == []


def robot(
    server: GmailServer,
    subject: str | None = ANA,
    *,
    scopes: Sequence[str] = (METADATA,),
    changed: Mapping[str, str] | None = None,
) -> Credentials:
    """Credentials of a service account, for a subject, out of a key file in which something may be changed."""
    info = {**server.issuer.service_account(server.root), **(changed or {})}
    credentials: Any = service_account.Credentials.from_service_account_info(info, scopes=scopes)  # type: ignore[no-untyped-call]
    made: Credentials = credentials if subject is None else credentials.with_subject(subject)
    return made


def permission(info: Mapping[str, str]) -> Credentials:
    """A user's permission; ``from_authorized_user_info`` would send it to Google, whatever ``token_uri`` says."""
    kept = {name: value for name, value in info.items() if name != "type"}
    made: Credentials = google.oauth2.credentials.Credentials(None, **kept)  # type: ignore[no-untyped-call]
    return made


def refresh(credentials: Credentials) -> None:
    """Get a token, by one connection that is closed afterwards."""
    http = httplib2.Http(timeout=PATIENCE_SECONDS)
    try:
        credentials.refresh(google_auth_httplib2.Request(http))  # type: ignore[no-untyped-call]
    finally:
        http.close()


def refused(credentials: Credentials) -> tuple[str, str]:
    """What the endpoint says instead of giving a token."""
    with pytest.raises(RefreshError) as error:
        refresh(credentials)
    answer = error.value.args[1]
    return answer["error"], answer["error_description"]


def test_a_service_account_reads_the_mailbox_of_its_subject(server: GmailServer) -> None:
    """Domain-wide delegation: the token is the subject's, for an hour, and for the scope that was asked for."""
    with vendor_client(server, ANA, credentials=robot(server)) as client:
        assert client.profile()["emailAddress"] == ANA
    (token,) = server.issuer.tokens.values()
    assert (token.subject, token.scopes) == (ANA, frozenset({METADATA}))


def test_without_a_subject_there_is_no_mailbox(server: GmailServer) -> None:
    """A service account by itself gets a token, and 400 failedPrecondition for it."""
    with (
        vendor_client(server, ANA, credentials=robot(server, None)) as client,
        pytest.raises(Exception, match="Precondition check failed"),
    ):
        client.profile()


def test_every_scope_that_is_asked_for_must_be_delegated(server: GmailServer) -> None:
    """One scope more than the Admin console lists, and there is no token at all."""
    assert refused(robot(server, scopes=[METADATA, READONLY]))[0] == "unauthorized_client"
    assert refused(robot(server, scopes=["gmail.metadata"]))[0] == "invalid_scope"


@pytest.mark.parametrize(
    ("state", "name"),
    [
        (State.SUSPENDED, "no_such_user"),
        (State.DELETED, "deleted_user"),
        (State.LONG_GONE, "long_gone_user"),
    ],
)
def test_users_who_are_gone_get_no_token(server: GmailServer, state: State, name: str) -> None:
    """What became of a user shows in the text of invalid_grant; a token from before is worth nothing."""
    mailbox = server.mailbox(ANA)
    token = server.issuer.token(ANA)
    mailbox.state = state
    assert refused(robot(server)) == REFUSALS[name][1:]
    assert server.issuer.find(token) is None


def test_who_is_not_there_gets_no_token(server: GmailServer) -> None:
    """An address that nobody has, and a text that is no address."""
    assert refused(robot(server, "nobody@us.test")) == ("invalid_grant", "Invalid email or User ID")
    assert refused(robot(server, "ana")) == ("invalid_grant", "Not a valid email")


@pytest.mark.parametrize("skew", [dt.timedelta(hours=-1), dt.timedelta(hours=2)])
def test_a_wrong_clock_is_told(server: GmailServer, skew: dt.timedelta) -> None:
    """An assertion from the future, or from hours ago, is no short-lived token in a reasonable timeframe."""
    server.issuer.skew = skew
    assert "short-lived token" in refused(robot(server))[1]


def test_a_wrong_key_is_told(server: GmailServer) -> None:
    """The signature is checked, and so is who signs."""
    assert refused(robot(server, changed={"private_key": key_text(another_key())})) == (
        "invalid_grant",
        "Invalid JWT Signature.",
    )
    assert "account not found" in refused(robot(server, changed={"client_email": "x@y.test"}))[1]


@pytest.mark.parametrize("name", sorted(REFUSALS))
@pytest.mark.parametrize("subject", [None, ANA])
def test_any_refusal_can_be_ordered(server: GmailServer, name: str, subject: str | None) -> None:
    """For one subject or for everybody; google-auth does not retry any of them."""
    server.issuer.refusals[subject] = name
    assert refused(robot(server)) == REFUSALS[name][1:]
    assert len(server.log) == 1


def test_a_refresh_token_works_until_it_is_revoked(server: GmailServer) -> None:
    """Installed applications: the user's permission, with the client's own id and secret."""
    info = server.issuer.installed_app(server.root, ANA)
    credentials = permission(info)
    with vendor_client(server, ANA, credentials=credentials) as client:
        assert client.profile()["emailAddress"] == ANA
    server.issuer.grants.clear()
    assert refused(credentials) == ("invalid_grant", "Token has been expired or revoked.")


@pytest.mark.parametrize(
    ("changed", "name"),
    [({"client_secret": "x"}, "wrong_secret"), ({"client_id": "x"}, "invalid_client")],
)
def test_an_unknown_application(server: GmailServer, changed: dict[str, str], name: str) -> None:
    """Another id or secret is invalid_client."""
    info = server.issuer.installed_app(server.root, ANA) | changed
    credentials = permission(info)
    assert refused(credentials) == REFUSALS[name][1:]


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the client's, when it refreshes for a batch
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_token_that_ends_is_renewed_by_the_client(server: GmailServer) -> None:
    """A revoked or expired token is 401, upon which google-auth gets another, once."""
    with vendor_client(server, ANA, credentials=robot(server)) as client:
        client.profile()
        server.issuer.revoke(ANA)
        client.profile()
        for value, token in server.issuer.tokens.items():
            server.issuer.tokens[value] = dataclasses.replace(token, expires_at=server.now())
        client.profile()
        message_id = server.mailbox(ANA).deliver()
        server.issuer.revoke()
        assert client.batch({"a": client.getting(message_id)})["a"]["id"] == message_id
    assert len([request for request in server.log if request.path == "/token"]) == 4


@pytest.mark.slow
def test_the_endpoint_may_be_out_of_order(server: GmailServer) -> None:
    """A 503 is tried again by google-auth itself."""
    server.faults.append(unavailable(tokens))
    credentials = robot(server)
    refresh(credentials)
    assert isinstance(server.issuer.find(credentials.token or ""), Token)


@pytest.mark.parametrize("assertion", ["", "a.b", "a.b.c", "YQ.eyJpc3MiOjF9.YQ", "\u00e9.\u00e9.\u00e9"])
def test_nonsense_is_refused(server: GmailServer, assertion: str) -> None:
    """Whatever is no assertion is invalid_grant, and the server lives on."""
    http = httplib2.Http(timeout=PATIENCE_SECONDS)
    body = f"grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion={assertion}"
    answer, _ = http.request(f"{server.root}token", "POST", body=body.encode())
    http.close()
    assert answer.status == 400
