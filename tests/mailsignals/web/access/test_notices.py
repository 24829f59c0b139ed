"""Error pages: each has the menu, and a sentence with what to do."""

import pytest
from starlette.responses import Response
from starlette.testclient import TestClient

from mailsignals.web.app import application
from mailsignals.web.page import PageRequest
from mailsignals.workspace import Workspace
from tests.mailsignals.web.conftest import site_of

MENU = '<a href="/accounts"'


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nowhere", 404, "choose a page from the menu"),
        ("/static/nowhere.css", 404, "choose a page from the menu"),
        ("/sign-in", 404, "choose a page from the menu"),
        ("/sign-out", 405, "Choose a page from the menu"),
        ("/sla/tickets/nothing", 404, "View the open tickets"),
        ("/accounts/nothing", 404, ""),
    ],
)
def test_an_error_has_the_menu_and_what_to_do(client: TestClient, path: str, status: int, words: str) -> None:
    """So nobody is left without a way on."""
    answer = client.get(path)
    assert answer.status_code == status
    assert words in answer.text
    assert MENU in answer.text or path.startswith("/static/")
    assert "script-src 'self';" in answer.headers["content-security-policy"]


def test_another_host_name_is_refused_with_the_menu(client: TestClient) -> None:
    """The page names the host names that work."""
    answer = client.get("/accounts", headers={"host": "evil.test"})
    assert answer.status_code == 400
    assert "Open the dashboard under localhost" in answer.text


def test_a_form_that_is_too_long(client: TestClient) -> None:
    """It says what to do, and nothing of it is read."""
    answer = client.post("/accounts/A0001/feedback", content=b"x" * 70_000)
    assert answer.status_code == 413
    assert "Shorten the text" in answer.text
    assert MENU in answer.text


@pytest.fixture
def broken(company: Workspace, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A dashboard of which every page fails."""

    def fail(_: PageRequest, template: str, **view: object) -> Response:
        raise RuntimeError(f"secret@customer.test {template} {len(view)}")

    monkeypatch.setattr(PageRequest, "render", fail)
    return TestClient(
        application(site_of(company)), base_url="http://127.0.0.1", raise_server_exceptions=False
    )


def test_an_unexpected_error_has_a_page_too(broken: TestClient) -> None:
    """With the menu, the time for the operator, and without the text of the error."""
    answer = broken.get("/team")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert MENU in answer.text
    assert "2026-03-02 09:00 UTC" in answer.text
    assert "secret" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self';" in answer.headers["content-security-policy"]
