"""Team, Model and System in a browser: by keyboard alone, without scripts, on a phone, in the dark, and by axe."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page
from starlette.testclient import TestClient

from mailsignals.service.http import serve_app
from mailsignals.web.app import application
from mailsignals.workspace import Workspace
from tests.mailsignals.web.conftest import site_of
from tests.mailsignals.web.team.test_model import a_flag, settled_of, with_model

PATHS = ("/team", "/model", "/system")
OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"


@pytest.fixture(scope="module")
def modelled(company: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard on which a model is in use and flags are settled."""
    folder: Path = tmp_path_factory.mktemp("modelled")
    site = with_model(
        folder, site_of(company), settled=settled_of(a_flag(), a_flag(account_id="A2", right=False))
    )
    with serve_app(application(site), host="127.0.0.1", port=0) as port:
        yield f"http://127.0.0.1:{port}"


def violations(page: Page) -> list[str]:
    """What axe finds, with everything unfolded."""
    page.evaluate(OPEN_ALL)
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in Axe().run(page).response["violations"]]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """In a browser of its own."""
    found = browser.new_page()
    yield found
    found.close()


def height_of_the_chart(page: Page) -> float:
    """Of the first one."""
    box = page.locator(".chart canvas").first.bounding_box()
    assert box is not None
    return box["height"]


def test_axe_finds_nothing_beside_a_model(page: Page, modelled: str) -> None:
    """With its figures, its chart, its card and its flags; of pages as they are everywhere the menu's test knows."""
    page.goto(f"{modelled}/model", wait_until="networkidle")
    assert height_of_the_chart(page) > 100
    assert violations(page) == []


def test_charts_are_drawn(page: Page, dashboard: str) -> None:
    """With the numbers that its table has; a drawing has a size."""
    page.goto(f"{dashboard}/team", wait_until="networkidle")
    assert height_of_the_chart(page) > 100


@pytest.mark.parametrize("path", PATHS)
def test_tables_need_no_scripts(client: TestClient, path: str) -> None:
    """They are there as the page is sent."""
    assert '<table class="list' in client.get(path).text


def test_without_scripts_nothing_is_missing(browser: Browser, dashboard: str) -> None:
    """A table that stands in for a chart opens."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{dashboard}/team")
    assert page.locator("table.list").count() >= 1
    page.get_by_text("Show as a table").click()
    assert page.get_by_role("columnheader", name="Week until").is_visible()
    context.close()


def test_by_keyboard_alone(browser: Browser, dashboard: str) -> None:
    """The table behind the chart opens, and a CSM's list is one link away; tables of a phone need no scrolling."""
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(f"{dashboard}/team", wait_until="networkidle")
    summary = page.locator("#trend-table summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#trend-table table").is_visible()
    region = page.get_by_role("region", name="CSMs")
    assert region.evaluate("each => each.scrollWidth <= each.clientWidth")
    link = page.get_by_role("link", name="without").first
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/team?csm=*#without")
    page.close()
