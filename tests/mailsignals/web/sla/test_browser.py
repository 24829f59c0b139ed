"""The pages on service levels in a browser: by keyboard, without JavaScript, on a phone, in the dark, and to axe."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

PATHS = (
    "/sla",
    "/sla/queue",
    "/sla/accounts",
    "/sla/agents",
    "/sla/workload",
    "/sla/hours",
    "/sla/tickets?figure=first_response&state=breached",
    "TICKET",
)
IN_THE_DARK = ("/sla", "/sla/queue", "/sla/hours", "TICKET")
"""Between them they have every colour."""


@pytest.fixture(scope="module")
def ticket(browser: Browser, small_dashboard: str) -> str:
    """The path of a ticket that waits for us."""
    page = browser.new_page()
    page.goto(f"{small_dashboard}/sla/queue")
    found = page.locator("table.queue th a").first.get_attribute("href")
    page.close()
    assert found is not None
    return found


@pytest.fixture
def opened(browser: Browser) -> Iterator[Page]:
    """A page in a browser of its own; whatever the browser complains of fails the test."""
    complaints: list[str] = []
    page = browser.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    assert not complaints


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_and_a_phone_is_wide_enough(
    opened: Page, small_dashboard: str, ticket: str, path: str
) -> None:
    """No violation of the rules for accessibility, contrast included, in either scheme, with all details open.

    At 360 pixels the page itself does not scroll sideways; wide tables do, within their frames.
    """
    opened.goto(small_dashboard + (ticket if path == "TICKET" else path), wait_until="networkidle")
    opened.set_viewport_size({"width": 360, "height": 740})
    assert opened.evaluate("document.documentElement.scrollWidth") <= 360
    opened.set_viewport_size({"width": 1280, "height": 720})
    opened.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    found = Axe().run(opened)
    assert not found.response["violations"], found.generate_report()
    if path in IN_THE_DARK:
        opened.emulate_media(color_scheme="dark")
        found = Axe().run(
            opened, options={"runOnly": ["color-contrast"]}
        )  # which alone depends on the colours
        assert not found.response["violations"], found.generate_report()


def test_all_works_without_javascript(browser: Browser, small_dashboard: str) -> None:
    """Switches, fields of days, the table of the chart, numbers and tickets."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{small_dashboard}/sla")
    page.get_by_role("link", name="90 days").click()
    page.get_by_role("link", name="Calendar hours").click()
    page.get_by_role("link", name="Resolution", exact=True).click()
    assert page.url == f"{small_dashboard}/sla?period=90d&clock=wall&figure=resolution"
    page.get_by_text("Show as a table").click()
    expect(page.locator("figure table tbody tr").first).to_be_visible()
    page.get_by_text("Other dates").click()
    page.get_by_label("From").fill("2026-01-01")
    page.get_by_label("to", exact=True).fill("2026-01-31")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("1 Jan 2026 to 31 Jan 2026")).to_be_visible()
    assert page.get_by_role("link", name="Calendar hours").get_attribute("aria-current") == "true"
    page.locator("a.count").first.click()
    page.locator("table.list tbody th a").first.click()
    expect(page.get_by_role("heading", name="Emails")).to_be_visible()
    context.close()


def test_a_keyboard_is_enough(opened: Page, small_dashboard: str) -> None:
    """From the beginning of the page to a tab, and from a number to its list, with what has the focus visible."""
    opened.goto(f"{small_dashboard}/sla", wait_until="networkidle")
    opened.keyboard.press("Tab")
    opened.keyboard.press("Enter")  # the link that skips to the content
    opened.keyboard.press("Tab")
    opened.keyboard.press("Tab")
    focus = "document.activeElement"
    assert opened.evaluate(f"{focus}.textContent") == "Queue"
    assert opened.evaluate(f"getComputedStyle({focus}).outlineStyle") == "solid"
    opened.keyboard.press("Enter")
    opened.wait_for_url("**/sla/queue")
    opened.goto(f"{small_dashboard}/sla/hours", wait_until="networkidle")
    opened.locator("table.heat td a").first.focus()
    opened.keyboard.press("Enter")
    opened.wait_for_url("**/sla/tickets?**")


def test_the_chart_is_drawn_in_either_scheme(opened: Page, small_dashboard: str) -> None:
    """A canvas with a line for each tier, and again when the scheme changes; its numbers are in a table."""
    opened.goto(f"{small_dashboard}/sla", wait_until="networkidle")
    expect(opened.locator(".chart canvas")).to_have_count(1)
    series = opened.locator(".chart .u-series").count()
    tiers = opened.locator("figure table thead th").count()
    assert series == tiers  # the weeks, and the tiers
    opened.emulate_media(color_scheme="dark")
    expect(opened.locator(".chart canvas")).to_have_count(1)


def test_the_queue_asks_anew_and_keeps_the_focus(opened: Page, small_dashboard: str) -> None:
    """Every minute the list is put in place anew, and whoever is on a ticket stays there."""
    opened.clock.install()
    opened.goto(f"{small_dashboard}/sla/queue", wait_until="networkidle")
    link = opened.locator("table.queue th a").first
    link.focus()
    name = link.get_attribute("id")
    with opened.expect_response(re.compile("/sla/queue")) as answer:
        opened.clock.run_for(61_000)
    assert "<html" not in answer.value.text()
    opened.wait_for_function("name => document.activeElement.id === name", arg=name)
    expect(opened.locator("#queue")).to_have_count(1)
