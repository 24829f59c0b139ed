"""The pages about accounts in a browser: opened in place, by keyboard, without scripts, on a phone, for everybody."""

from collections.abc import Iterator

import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, ViewportSize, expect

from mailsignals.readmodel.editions import EditionStore
from mailsignals.workspace import Workspace


@pytest.fixture(scope="session")
def paths(company: Workspace) -> dict[str, str]:
    """The list, the page of a flagged account with little mail, and the emails behind its figures."""
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
    """Axe passes with everything opened, in light and dark; at 360 px the page has no horizontal scroll."""
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
    """Enter on the reason opens details of the account in place; a second press closes them."""
    page.goto(f"{dashboard}/accounts")
    summary = page.locator(".more summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Open the account page")).to_be_visible()
    assert page.url == f"{dashboard}/accounts"
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Open the account page")).to_be_hidden()


def test_filters_are_in_the_url_and_back_restores_the_list(page: Page, dashboard: str) -> None:
    """A filter changes the list in place, appears in the URL, and is announced to screen readers."""
    page.goto(f"{dashboard}/accounts")
    before = page.locator("#count").inner_text()
    page.get_by_label("Risk", exact=True).select_option("high")
    expect(page.locator("#count")).not_to_have_text(before)
    assert "level=high" in page.url
    assert page.locator("#count").get_attribute("role") == "status"
    levels = page.locator(".accounts tbody tr:first-child .state:first-child").all_inner_texts()
    assert set(levels) == {"high"}
    page.go_back()
    expect(page.locator("#count")).to_have_text(before)


def test_typing_searches(page: Page, dashboard: str) -> None:
    """Part of a name is enough, and the field keeps the focus."""
    page.goto(f"{dashboard}/accounts")
    name = page.locator(".accounts tbody th a").first.inner_text()
    page.get_by_label("Name or ID").press_sequentially(name)
    expect(page.locator("#count")).to_contain_text("1 account.")
    expect(page.get_by_label("Name or ID")).to_be_focused()


def test_a_heading_sorts_and_says_so(page: Page, dashboard: str) -> None:
    """The heading states its direction, and a second press reverses it."""
    page.goto(f"{dashboard}/accounts")
    heading = page.get_by_role("columnheader", name="ARR")
    heading.get_by_role("link").press("Enter")
    expect(heading).to_have_attribute("aria-sort", "descending")
    heading.get_by_role("link").press("Enter")
    expect(heading).to_have_attribute("aria-sort", "ascending")


def test_everything_works_without_scripts(browser: Browser, dashboard: str, paths: dict[str, str]) -> None:
    """A button sends the filters, a row links to its page, and tables replace charts."""
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{dashboard}/accounts")
    page.get_by_label("Risk", exact=True).select_option("low")
    page.get_by_role("button", name="Show").click()
    assert "level=low" in page.url
    page.locator(".more summary").first.click()
    page.get_by_role("link", name="Open the account page").first.click()
    expect(page.get_by_role("heading", name="Reasons")).to_be_visible()
    page.locator("#history ~ details summary").click()
    expect(page.get_by_role("region", name="Risk by day")).to_be_visible()
    page.goto(f"{dashboard}{paths['mails']}")
    page.get_by_role("link", name="30 days", exact=True).click()
    assert "days=30" in page.url
    page.close()


def test_charts_are_drawn_and_drawn_anew(page: Page, dashboard: str, paths: dict[str, str]) -> None:
    """Each chart fills its width, also after the window or the colours have changed."""
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


def test_the_emails_behind_a_reason_are_one_key_away(
    page: Page, dashboard: str, paths: dict[str, str]
) -> None:
    """The link beside a reason leads by keyboard to the emails and the definition of the figure."""
    page.goto(f"{dashboard}{paths['account']}")
    page.get_by_role("link", name="Show emails").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="behind a figure")).to_be_visible()
    expect(page.get_by_text("Definition", exact=True)).to_be_visible()


DESK: ViewportSize = {"width": 1300, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
PAGE_HEIGHT = 1_500
"""The limit for an account page at the width of ``DESK`` before anything is opened, in dots."""


def test_an_account_page_is_short(page: Page, dashboard: str, company: Workspace) -> None:
    """Every account's page, the one with the most reasons too, fits into the limit at the width of a laptop."""
    edition = EditionStore(company.settings.store.path).newest()
    assert edition
    texts = pl.col("reasons").list.len() + pl.col("also").list.len()
    longest = edition.table("accounts").sort(texts, descending=True)["account_id"].head(6)
    page.set_viewport_size(DESK)
    for account_id in longest:
        page.goto(f"{dashboard}/accounts/{account_id}", wait_until="networkidle")
        assert page.evaluate("document.documentElement.scrollHeight") <= PAGE_HEIGHT, account_id


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_answer_is_in_sight_without_scrolling(
    page: Page, dashboard: str, paths: dict[str, str], size: ViewportSize
) -> None:
    """On the list the first accounts with level and reason; on an account its level and first reason."""
    page.set_viewport_size(size)
    page.goto(f"{dashboard}/accounts", wait_until="networkidle")
    for each in (".accounts tbody:nth-of-type(2) .state", ".accounts tbody:nth-of-type(2) summary"):
        assert in_sight(page, each), each
    page.goto(f"{dashboard}{paths['account']}", wait_until="networkidle")
    for each in ("#risk .state", "#reasons + .why li"):
        assert in_sight(page, each), each


def in_sight(page: Page, selector: str) -> bool:
    """Return whether the first match is wholly within the window."""
    box = page.locator(selector).first.bounding_box()
    size = page.viewport_size
    assert box
    assert size
    return box["y"] + box["height"] <= size["height"] and box["x"] + box["width"] <= size["width"]


def test_no_column_is_clipped_on_a_laptop(page: Page, dashboard: str, paths: dict[str, str]) -> None:
    """Every table fits into its box, with everything opened."""
    page.set_viewport_size(DESK)
    for path in paths.values():
        page.goto(f"{dashboard}{path}", wait_until="networkidle")
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
        clipped = page.eval_on_selector_all(
            ".scroll",
            "found => found.filter(each => each.scrollWidth > each.clientWidth).map(each => each.ariaLabel)",
        )
        assert clipped == [], path


def test_a_phone_shows_cards_and_folds_the_filters(page: Page, dashboard: str) -> None:
    """A card has name, level, reason, renewal, ARR and last email; other columns and the filters are out of sight."""
    page.set_viewport_size(PHONE)
    page.goto(f"{dashboard}/accounts")
    card = page.locator(".accounts tbody").first
    expect(card.get_by_role("link").first).to_be_visible()
    expect(card.locator(".state").first).to_be_visible()
    expect(card.locator("summary")).to_be_visible()
    for label in ("Customer email", "Renewal", "ARR"):
        expect(card.locator(f"td[data-label='{label}']")).to_be_visible()
    expect(card.locator(".change")).to_be_hidden()
    expect(page.get_by_label("Tier")).to_be_hidden()
    page.get_by_text("Filters").click()
    page.get_by_label("Sort by").select_option("name")
    page.wait_for_url("**sort=name**")
    page.set_viewport_size(DESK)
    expect(page.get_by_label("Sort by")).to_be_hidden()
    expect(page.get_by_label("Tier")).to_be_visible()
