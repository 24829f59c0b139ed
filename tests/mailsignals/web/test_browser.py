"""What holds for every page of the menu in a browser: for eyes, fingers, keys, paper, and without scripts."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Page, Response, ViewportSize

from mailsignals.web.pages import PAGES

OPEN = [page.path for page in PAGES if page.title]

PHONE: ViewportSize = {"width": 360, "height": 740}
TABS = 300
"""No page needs more."""

REACHABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"
FOCUSED = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  return {
    number: [...document.querySelectorAll(REACHABLE)].indexOf(at),
    marked: outlined || style.boxShadow !== "none",
    seen: box.right > 0 && box.bottom > 0 && box.left < innerWidth,
  };
}""".replace("REACHABLE", repr(REACHABLE))
TO_REACH = """() => [...document.querySelectorAll(REACHABLE)]
  .map((each, number) => [number, each])
  .filter(([, each]) => !each.disabled && each.checkVisibility({visibilityProperty: true}))
  .filter(([, each]) => each.type !== "radio" || each.checked)
  .map(([number, each]) => [number, each.outerHTML.slice(0, 100)])""".replace("REACHABLE", repr(REACHABLE))


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A narrow window."""
    context = browser.new_context(viewport=PHONE, bypass_csp=True)  # axe is a script of ours, not of the page
    yield context
    context.close()


@pytest.fixture(scope="module")
def plain(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that runs no script."""
    context = browser.new_context(java_script_enabled=False)
    yield context
    context.close()


@pytest.fixture(scope="module", params=OPEN)
def path(request: pytest.FixtureRequest) -> str:
    """Each page of the menu; tests of one page follow each other."""
    return str(request.param)


@pytest.fixture(scope="module")
def complaints() -> list[str]:
    """What the browser complains of on the page at the desk."""
    return []


@pytest.fixture(scope="module")
def desk(browser: Browser, dashboard: str, path: str, complaints: list[str]) -> Iterator[Page]:
    """The page in a wide window, loaded once; the order of the tests below leaves it as the next one needs it."""
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    complaints.clear()
    yield opened(context, f"{dashboard}{path}", complaints)
    context.close()


def opened(context: BrowserContext, address: str, complaints: list[str] | None = None) -> Page:
    """The page, loaded whole; what the browser complains of is added to ``complaints``."""
    page = context.new_page()
    heard = [] if complaints is None else complaints
    page.on("console", lambda said: heard.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    answer = page.goto(address, wait_until="networkidle")
    assert isinstance(answer, Response)
    assert answer.ok
    return page


def unfolded(page: Page) -> Page:
    """With everything to see that can be unfolded."""
    page.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true; })")
    return page


def test_axe_finds_no_fault_and_a_phone_is_wide_enough(
    phone: BrowserContext, small_dashboard: str, path: str
) -> None:
    """Neither in the light nor in the dark; and nobody has to push the page sideways to read it."""
    page = unfolded(opened(phone, f"{small_dashboard}{path}"))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        # Only contrast depends on the colours.
        rules = {} if scheme == "light" else {"runOnly": ["color-contrast"]}
        faults = Axe().run(page, options=rules).response["violations"]
        assert [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in faults] == [], scheme
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.close()


def test_a_browser_finds_nothing_to_complain_of(desk: Page, complaints: list[str]) -> None:
    """No script fails, nothing is missing, and the policy blocks nothing."""
    assert desk.locator("main").count() == 1
    assert complaints == []


def test_keys_are_enough(desk: Page) -> None:
    """Tab comes first to the way past the menu, then to everything that can be used, and one sees where one is."""
    page = desk
    wanted = dict(page.evaluate(TO_REACH))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    reached: set[int] = set()
    for _ in range(TABS):
        now = page.evaluate(FOCUSED)
        if now["number"] < 0 or (reached and now["number"] == 0):
            break  # once round; a day's input is stepped through before the next is reached
        if now["number"] not in reached:
            assert now["marked"], wanted[now["number"]]
            assert now["seen"], wanted[now["number"]]
            reached.add(now["number"])
        page.keyboard.press("Tab")
    assert [html for number, html in wanted.items() if number not in reached] == []
    page.keyboard.press("Control+Home")
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_on_paper_there_is_what_one_reads(desk: Page) -> None:
    """In black on white, without what one can only press."""
    page = desk
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("main h1").is_visible()
    assert not page.locator(".top nav").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    page.emulate_media(media="screen", color_scheme="light")


def test_without_scripts_the_same_is_there(
    plain: BrowserContext, desk: Page, dashboard: str, path: str
) -> None:
    """The page says the same, and its ways to itself and to other pages of the menu work."""
    page = opened(plain, f"{dashboard}{path}")
    for each in (page, desk):
        # What a chart draws, its table says as well.
        each.eval_on_selector_all(".chart", "found => found.forEach(chart => chart.remove())")
    # The store may grow between the two visits.
    shown = [re.sub(r"Store: \S+ \wB", "Store", each.inner_text("main")) for each in (page, desk)]
    assert shown[0] == shown[1]
    links = page.eval_on_selector_all("a[href]", "found => found.map(each => each.href)")
    ways = sorted({link.partition("#")[0] for link in links if urlsplit(link).path in OPEN})
    assert ways
    answers = {link: plain.request.get(link).status for link in ways}
    assert set(answers.values()) == {200}, answers
    page.close()
