"""What holds for every page."""

import pytest
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
