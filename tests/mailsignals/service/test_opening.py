"""Requests before the dashboard is loaded, and the change to the dashboard while it is served."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from mailsignals.config.dashboard import DashboardSection
from mailsignals.service.opening import OpeningApp
from mailsignals.service.probe_access import ProbeAccess


@pytest.fixture
def opening() -> OpeningApp:
    """The application as it starts."""
    access = ProbeAccess(bound="127.0.0.1", dashboard=DashboardSection)
    return OpeningApp(access)


@pytest.fixture
def client(opening: OpeningApp) -> TestClient:
    """Sends requests to it."""
    return TestClient(opening, base_url="http://127.0.0.1")


@pytest.mark.parametrize("path", ["/", "/accounts", "/sla/tickets/x", "/sign-in"])
def test_a_page_shows_that_it_is_prepared_and_reloads(client: TestClient, path: str) -> None:
    """It is not cached, reloads without a script, and runs nothing inline."""
    answer = client.get(path)
    assert answer.status_code == 503
    assert "<h1>Preparing the pages</h1>" in answer.text
    assert 'http-equiv="refresh"' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["retry-after"]
    assert " style=" not in answer.text


def test_the_api_answers_with_a_problem(client: TestClient) -> None:
    """Programs learn when to repeat the request, whatever its method."""
    for answer in (client.get("/api/v1/accounts"), client.post("/api/v1/accounts")):
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["retry-after"] == "5"
        assert answer.json()["type"] == "urn:mailsignals:problem:nothing-prepared"


def test_probes_are_true(client: TestClient) -> None:
    """It is alive, and not ready."""
    assert client.get("/healthz").json() == {"state": "ok", "problems": []}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()) == (503, {"ready": False})
    for path in ("/healthz", "/readyz"):
        assert client.get(path, headers={"Host": "evil.test"}).status_code == 400


def test_the_style_of_the_page_is_served(client: TestClient) -> None:
    """The page looks like all others."""
    assert client.get("/static/style.css").status_code == 200


def test_it_becomes_another_application(opening: OpeningApp, client: TestClient) -> None:
    """From then on every request goes there."""
    opening.become(Starlette(routes=[Route("/accounts", lambda _: PlainTextResponse("here"))]))
    assert client.get("/accounts").text == "here"
    assert client.get("/readyz").status_code == 404
