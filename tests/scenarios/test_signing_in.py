"""Token endpoints that are unwell, and mailboxes that refuse headers, for both providers."""

import logging

import pytest

from connectors.base import GiveUpError, RetryLaterError
from connectors.provider import Mailbox
from tests.scenarios.gmail_tenant import ANA, GmailTenant
from tests.scenarios.graph_faults import FOR_EVER, answering
from tests.scenarios.graph_tenant import GraphTenant
from tests.support.graph import errors
from tests.support.loopback import Answer, Request

TOKEN = "ya29.half-a-secret-token"
PAGE = b"<html><body>Sign in to the hotel's network</body></html>"
CUT = f'{{"access_token": "{TOKEN}", "token_type": "Bea'.encode()
UNWELL = {
    "a proxy's 502": Answer(status=502, body=PAGE),
    "a proxy's 403": Answer(status=403, body=PAGE, headers={"Content-Type": "text/html"}),
    "a hotel's page": Answer(status=200, body=PAGE),
    "half a token": Answer(status=200, body=CUT, headers={"Content-Type": "application/json"}),
    "nothing": Answer(status=200),
    "a list": Answer(status=200, body=b"[]"),
    "no token": Answer(status=200, body=b"{}"),
    "an endless token": Answer.of({"access_token": TOKEN, "expires_in": 10**20}),
    "a cut connection": Answer(status=200, body=CUT, cut_at=20),
    "busy": Answer.of({"error": "slow_down", "error_description": TOKEN}, 429, Retry_After="7"),
}


def of_tokens(request: Request) -> bool:
    """A request for a token."""
    return request.path.endswith("/token")


def with_headers(request: Request) -> bool:
    """A request for messages with their internet headers."""
    return "internetMessageHeaders" in request.one("$select")


@pytest.mark.scenario("unwell-token-endpoint")
@pytest.mark.parametrize("kind", UNWELL)
@pytest.mark.parametrize("provider", ["gmail", "graph"])
def test_an_unwell_token_endpoint_is_asked_again(
    request: pytest.FixtureRequest,
    provider: str,
    kind: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Once: the run comes to its end. For good: a sentence, a bounded number of requests, and no token anywhere."""
    caplog.set_level(logging.DEBUG)
    tenant: GmailTenant | GraphTenant = request.getfixturevalue(provider)
    tenant.fault(answering(of_tokens, UNWELL[kind]))
    tenant.done()
    tenant.server.faults.clear()
    tenant.fault(answering(of_tokens, UNWELL[kind], times=FOR_EVER))
    error = tenant.sync().error
    assert isinstance(error, RetryLaterError)
    assert "sign-in service" in error.problem
    assert sum(map(of_tokens, tenant.server.log)) < 20
    output = capfd.readouterr()
    for text in (str(error), caplog.text, output.out, output.err):
        assert TOKEN not in text
        assert "<html" not in text


@pytest.mark.scenario("refused-headers")
def test_refused_headers_are_not_blamed_on_the_mailbox(graph: GraphTenant) -> None:
    """A general refusal of requests with headers: the check says so, and a sync reads the rest, then and later."""
    keys = [graph.box.put() for _ in range(3)]
    graph.fault(answering(with_headers, errors.access_denied(), times=FOR_EVER))
    provider = graph.provider()
    checked = provider.check(Mailbox(address=ANA))
    provider.close()
    assert (checked.error, checked.headers) == (None, False)
    graph.done()
    assert set(graph.rows()) == set(keys)
    keys.append(graph.box.put())
    graph.done()
    assert set(graph.rows()) == set(keys)


@pytest.mark.scenario("refused-headers")
def test_headers_that_are_refused_later_come_back_when_allowed(graph: GraphTenant) -> None:
    """Links of folders that were walked with headers aren't used any more; a weekly try finds that they are allowed."""
    reply = [{"name": "Auto-Submitted", "value": "auto-replied"}]
    keys = [graph.box.put(headers=reply), graph.box.put()]
    graph.done()
    links = set(graph.server.links._states)

    def refused(request: Request) -> bool:
        return with_headers(request) or request.one("$token") in links

    graph.fault(answering(refused, errors.access_denied(), times=FOR_EVER))
    keys.append(graph.box.put(headers=reply))
    graph.done()
    assert set(graph.rows()) == set(keys)
    assert graph.rows()[keys[2]]["automated"] is None
    graph.server.faults.clear()
    graph.wait(days=8)
    graph.done()
    assert [graph.rows()[key]["automated"] for key in keys] == ["auto_reply", None, "auto_reply"]


@pytest.mark.scenario("refused-headers")
def test_a_mailbox_that_refuses_everything_is_blamed(graph: GraphTenant) -> None:
    """Where requests without headers are refused too, the mailbox is not authorised, for check and sync alike."""
    graph.box.trouble = errors.access_denied
    provider = graph.provider()
    checked = provider.check(Mailbox(address=ANA))
    provider.close()
    error = graph.sync().error
    assert isinstance(error, GiveUpError)
    assert isinstance(checked.error, GiveUpError)
    assert (error.state, checked.error.state) == ("not authorised", "not authorised")
