"""The pages about accounts in a browser: opened in place, by keyboard, without scripts, on a phone, for everybody."""

from collections.abc import Iterator

import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from mailsignals.readmodel.editions import EditionStore
from mailsignals.workspace import Workspace


@pytest.fixture(scope="session")
def paths(company: Workspace) -> dict[str, str]:
    """The list, the page of a flagged account with little mail, and what is behind its figures."""
    edition = EditionStore(company.settings.store.path).newest()
    assert edition
    flagged = edition.table("accounts").filter(pl.col("news").is_not_null() & (pl.col("inbound_90") > 0))
    account = f"/accounts/{flagged.sort('outbound_90')['account_id'][0]}"
    return {
        "list": "/accounts",
        "few": "/accounts?flag=open",
        "account": account,
        "mails": f"{account}/mails?signal=inbound",
        "turns": f"{account}/mails?signal=response_hours_median",
    }


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test if its scripts do."""
    found = browser.new_page()
    problems: list[str] = []
    found.on("pageerror", lambda error: problems.append(str(error)))
    yield found
    found.close()
    assert not problems


@pytest.mark.parametrize("name", ["few", "account", "mails", "turns"])
def test_axe_finds_no_violation_and_a_phone_is_wide_enough(
    page: Page, dashboard: str, paths: dict[str, str], name: str
) -> None:
    """Contrast, names, labels, headings and order, with everything opened that can be, in the light and in the dark.

    At 360 dots a table scrolls in its box, and the page does not.
    """
    page.goto(f"{dashboard}{paths[name]}", wait_until="networkidle")
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.set_viewport_size({"width": 1280, "height": 720})
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    page.wait_for_load_state("networkidle")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        # Only contrast depends on the colours.
        found = Axe().run(page, options={} if scheme == "light" else {"runOnly": ["color-contrast"]})
        assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"


def test_a_row_opens_in_place_by_keyboard(page: Page, dashboard: str) -> None:
    """Enter on the reason opens the account below it, without another page; once more closes it."""
    page.goto(f"{dashboard}/accounts")
    summary = page.locator(".more summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Open the account")).to_be_visible()
    assert page.url == f"{dashboard}/accounts"
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Open the account")).to_be_hidden()


def test_filters_are_in_the_address_and_back_leads_back(page: Page, dashboard: str) -> None:
    """What is chosen is shown without another page, stands in the address, and is told to who does not see it."""
    page.goto(f"{dashboard}/accounts")
    before = page.locator("#count").inner_text()
    page.get_by_label("Risk").select_option("high")
    expect(page.locator("#count")).not_to_have_text(before)
    assert "level=high" in page.url
    assert page.locator("#count").get_attribute("role") == "status"
    levels = page.locator(".accounts tbody tr:first-child .state:first-child").all_inner_texts()
    assert set(levels) == {"high"}
    page.go_back()
    expect(page.locator("#count")).to_have_text(before)


def test_typing_searches(page: Page, dashboard: str) -> None:
    """A part of a name is enough, and the field keeps the cursor."""
    page.goto(f"{dashboard}/accounts")
    name = page.locator(".accounts tbody th a").first.inner_text()
    page.get_by_label("Name or id").press_sequentially(name)
    expect(page.locator("#count")).to_contain_text("1 account.")
    expect(page.get_by_label("Name or id")).to_be_focused()


def test_a_heading_sorts_and_says_so(page: Page, dashboard: str) -> None:
    """The way that it sorts is a property of the heading, and a second press turns it."""
    page.goto(f"{dashboard}/accounts")
    heading = page.get_by_role("columnheader", name="ARR")
    heading.get_by_role("link").press("Enter")
    expect(heading).to_have_attribute("aria-sort", "descending")
    heading.get_by_role("link").press("Enter")
    expect(heading).to_have_attribute("aria-sort", "ascending")


def test_everything_works_without_scripts(browser: Browser, dashboard: str, paths: dict[str, str]) -> None:
    """Filters are sent by their button, a row leads to its page, and charts are tables."""
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{dashboard}/accounts")
    page.get_by_label("Risk").select_option("low")
    page.get_by_role("button", name="Show").click()
    assert "level=low" in page.url
    page.locator(".more summary").first.click()
    page.get_by_role("link", name="Open the page of this account").first.click()
    expect(page.get_by_role("heading", name="Why")).to_be_visible()
    page.locator("#risk ~ details summary").click()
    expect(page.get_by_role("region", name="Risk by day")).to_be_visible()
    page.goto(f"{dashboard}{paths['mails']}")
    page.get_by_role("link", name="30 days", exact=True).click()
    assert "days=30" in page.url
    page.close()


def test_charts_are_drawn_and_drawn_anew(page: Page, dashboard: str, paths: dict[str, str]) -> None:
    """Each has a canvas as wide as its place, also once the window or the colours have changed."""
    page.set_viewport_size({"width": 1200, "height": 800})
    page.goto(f"{dashboard}{paths['account']}", wait_until="networkidle")
    expect(page.locator(".chart canvas")).to_have_count(3)
    page.set_viewport_size({"width": 500, "height": 800})
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "[...document.querySelectorAll('.chart')].every("
        "each => each.querySelector('.uplot').clientWidth === each.clientWidth)"
    )
    expect(page.locator(".chart canvas")).to_have_count(3)


def test_what_is_behind_a_figure_is_two_keys_away(page: Page, dashboard: str, paths: dict[str, str]) -> None:
    """The question beside a reason opens by keyboard, and leads to the mails."""
    page.goto(f"{dashboard}{paths['account']}")
    question = page.get_by_text("What is this number?").first
    question.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What is this number?")).to_be_visible()
