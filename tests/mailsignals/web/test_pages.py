"""What holds for every page."""

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from mailsignals.web.pages import PAGES

OPEN = [page.path for page in PAGES if page.title]


@pytest.mark.parametrize("path", OPEN)
def test_a_page_loads_nothing_from_elsewhere_and_runs_nothing_inline(client: TestClient, path: str) -> None:
    """The policy of every page forbids it, and nothing of a customer is kept in a cache."""
    answer = client.get(path)
    assert answer.status_code == 200
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert " style=" not in answer.text
    assert " onclick=" not in answer.text


@pytest.mark.parametrize("path", OPEN)
def test_a_browser_finds_nothing_to_complain_of(browser: Browser, dashboard: str, path: str) -> None:
    """No script fails, nothing is missing, and the policy blocks nothing."""
    complaints: list[str] = []
    page = browser.new_page()
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{dashboard}{path}", wait_until="networkidle")
    page.close()
    assert not complaints
