"""Microsoft Graph and Gmail, as servers on this machine."""

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.gmail.auth import ServiceAccount
from connectors.gmail.token import access_token
from connectors.microsoft365.auth import ClientSecret, tokens
from connectors.microsoft365.tenant import Tenant
from connectors.transport.http import Client, Limits
from mailsignals.notifications.delivery.senders.base import LaterError, RefusedError, SendError, UnsureError
from mailsignals.notifications.delivery.senders.gmail import SCOPE, GmailSender
from mailsignals.notifications.delivery.senders.graph import GraphSender
from tests.mailsignals.notifications.delivery.letters import ANA, AT, a_message
from tests.support.gmail import METADATA, GmailServer
from tests.support.graph import errors as graph_errors
from tests.support.graph.entra import SECRET
from tests.support.graph.sending import SendingGraph
from tests.support.loopback import Answer, Fault, Loopback
from tests.support.waiting import PATIENCE_SECONDS

SENDER = "signals@us.test"
PATIENT = Limits(
    connect_seconds=PATIENCE_SECONDS, read_seconds=PATIENCE_SECONDS, total_seconds=PATIENCE_SECONDS
)
HURRIED = dataclasses.replace(PATIENT, read_seconds=2.0)


@pytest.fixture
def graph() -> Iterator[SendingGraph]:
    """Graph with the sender's mailbox."""
    with SendingGraph().running() as server:
        server.mailbox(SENDER)
        yield server


@pytest.fixture
def google() -> Iterator[GmailServer]:
    """Gmail with the sender's mailbox."""
    with GmailServer().running() as server:
        server.mailbox(SENDER)
        yield server


def by_graph(server: SendingGraph, *, limits: Limits = PATIENT) -> None:
    """Send one mail by an app with a secret."""
    tenant = Tenant(authority=server.root, tenant="tenant", client_id="client", resource="https://graph.test")
    with contextlib.ExitStack() as held:
        client = held.enter_context(contextlib.closing(Client(limits=limits)))
        given = tokens(ClientSecret(SECRET), tenant, pause=lambda _: None, now=lambda: AT)
        held.enter_context(contextlib.closing(given))
        GraphSender(root=f"{server.root}v1.0/", client=client, tokens=given, now=lambda: AT).send(a_message())


def by_gmail(server: GmailServer, *, scopes: tuple[str, ...] = (SCOPE,), limits: Limits = PATIENT) -> None:
    """Send one mail by a service account with these scopes."""
    sign_in = ServiceAccount(key=server.issuer.service_account(server.root, scopes=scopes))
    with contextlib.closing(Client(limits=limits)) as client:
        GmailSender(
            root=server.root,
            client=client,
            token=lambda: access_token(sign_in, SENDER, scope=SCOPE, now=lambda: AT),
            now=lambda: AT,
        ).send(a_message())


def fault(server: Loopback, answer: Answer, *, at: str) -> None:
    """From now on the server answers requests for a path so."""
    server.faults.append(Fault(matches=lambda request: request.path.endswith(at), answer=answer, times=None))


def test_graph_takes_the_message_as_it_is(graph: SendingGraph) -> None:
    """In the name of the sender's mailbox, with its own headers."""
    by_graph(graph)
    assert graph.sent == [(SENDER, a_message().as_bytes())]


def test_graph_renews_a_token_that_is_over(graph: SendingGraph) -> None:
    """Once; a sign-in that is refused again is said to be."""
    graph.faults.append(
        Fault(matches=lambda request: request.path.endswith("sendMail"), answer=graph_errors.invalid_token())
    )
    by_graph(graph)
    assert len(graph.sent) == 1
    assert graph.entra.asked == 2


@pytest.mark.slow
def test_graph_without_the_permission_says_what_to_grant(graph: SendingGraph) -> None:
    """Or without a mailbox, or without a sign-in: nothing goes to anybody."""
    graph.entra.roles = ("Mail.ReadBasic.All",)
    with pytest.raises(RefusedError, match=r"Mail\.Send") as denied:
        by_graph(graph)
    assert (denied.value.everywhere, denied.value.sign_in) == (True, True)
    graph.entra.refusal = (401, "invalid_client", "AADSTS7000222: expired")
    with pytest.raises(RefusedError, match="secret has expired") as expired:
        by_graph(graph)
    assert expired.value.sign_in
    graph.entra.refusal = None
    graph.mailboxes.clear()
    with pytest.raises(RefusedError, match=r"digest\.from"):
        by_graph(graph)


def test_gmail_takes_the_message_by_a_permission_that_reads_nothing(google: GmailServer) -> None:
    """The token has the one scope, and the message its own headers."""
    by_gmail(google)
    assert google.sent == [(SENDER, a_message().as_bytes())]
    (request,) = (request for request in google.log if request.path.endswith("/send"))
    token = google.issuer.find(request.headers["authorization"].removeprefix("Bearer "))
    assert token is not None
    assert token.scopes == {SCOPE}


def test_gmail_without_the_scope_says_what_to_grant(google: GmailServer) -> None:
    """The permission to read metadata is none to send."""
    with pytest.raises(RefusedError, match=r"gmail\.send") as refused:
        by_gmail(google, scopes=(METADATA,))
    assert (refused.value.everywhere, refused.value.sign_in) == (True, True)
    assert google.sent == []


ANSWERS = [
    (Answer(status=429, headers={"Retry-After": "60"}), LaterError),
    (Answer(status=503), LaterError),
    (Answer(status=500), UnsureError),
    (Answer(status=504), UnsureError),
    (Answer(reset=True), UnsureError),
    pytest.param(Answer(wait=PATIENCE_SECONDS), UnsureError, marks=pytest.mark.slow),
    (Answer(status=400), RefusedError),
]


@pytest.mark.parametrize(("answer", "kind"), ANSWERS)
@pytest.mark.parametrize("service", ["graph", "google"])
def test_an_answer_decides_what_follows(
    service: str, answer: Answer, kind: type[SendError], request: pytest.FixtureRequest
) -> None:
    """Too busy is later, a failure after the mail was there is uncertain, and the rest is refused."""
    server: Any = request.getfixturevalue(service)
    fault(server, answer, at="sendMail" if service == "graph" else "/send")
    limits = HURRIED if answer.wait else PATIENT
    with pytest.raises(SendError) as raised:
        by_graph(server, limits=limits) if service == "graph" else by_gmail(server, limits=limits)
    assert type(raised.value) is kind


def test_a_wrong_recipient_is_nobody_elses_trouble(graph: SendingGraph, google: GmailServer) -> None:
    """The others get their mail."""
    fault(graph, graph_errors.graph_error(400, "ErrorInvalidRecipients"), at="sendMail")
    fault(google, Answer.of({"error": {"message": "Invalid To header"}}, 400), at="/send")
    with pytest.raises(RefusedError, match=ANA) as refused:
        by_graph(graph)
    assert not refused.value.everywhere
    with pytest.raises(RefusedError, match=ANA) as refused:
        by_gmail(google)
    assert not refused.value.everywhere
