"""A CSM in a browser, from the mail to the list of flags."""

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser

from mailsignals.notifications.digest.card import Card
from mailsignals.notifications.digest.html import html as page_of
from mailsignals.service.http import serve_app
from mailsignals.usecases.digests import pages_by_zone
from mailsignals.web.app import application
from tests.mailsignals.web.conftest import NOW
from tests.mailsignals.web.feedback.office import A_DAY, OUTSIDE, Office, path_of


@pytest.fixture
def open_office(office: Office) -> Iterator[Office]:
    """The same, at an address of this machine."""
    with serve_app(application(office.site), host="127.0.0.1", port=0) as port:
        office.rewrite("config.toml", lambda text: text.replace(OUTSIDE, f"http://127.0.0.1:{port}"))
        yield office


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_page(
    browser: Browser, open_office: Office, card: Card, scheme: Literal["light", "dark"]
) -> None:
    """Axe finds no fault with it, nor with what it says after a mistake, and when something was kept."""
    # Axe is a script from outside, which the page itself would refuse.
    visit = browser.new_context(color_scheme=scheme, bypass_csp=True)
    page = visit.new_page()
    page.goto(f"{open_office.workspace.settings.dashboard.url}{path_of(card)}")
    # Only contrast depends on the colours.
    rules = {} if scheme == "light" else {"runOnly": ["color-contrast"]}
    faults = [Axe().run(page, options=rules)]
    for note in (" ", "a seasonal business"):
        form = page.get_by_role("form", name="Dismiss")
        form.get_by_label("Reason").fill(note)
        with page.expect_navigation():
            form.get_by_role("button").click()
        faults.append(Axe().run(page, options=rules))
    visit.close()
    assert [fault.response["violations"] for fault in faults] == [[], [], []]
    assert open_office.said == ["dismissed"]


@pytest.mark.parametrize("script", [True, False])
def test_from_the_digest_to_the_list_of_flags(browser: Browser, open_office: Office, script: bool) -> None:
    """A CSM opens the mail, follows a link, says why, and the flag has it; on a phone, by keyboard too."""
    with open_office.workspace.at(NOW) as snapshot:
        (pages,) = pages_by_zone(snapshot, timezones=["UTC"]).values()
    digest = next(page.digest for page in pages if page.digest.cards)
    place = open_office.folder / "digest.html"
    place.write_text(page_of(digest), encoding="utf-8")
    visit = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=script)
    page = visit.new_page()
    page.goto(place.as_uri())
    page.get_by_role("link", name="Dismiss").first.click()
    assert open_office.said == []
    page.wait_for_load_state()  # at its end, a browser moves the focus to what the address names
    form = page.get_by_role("form", name="Dismiss")
    form.get_by_label("Reason").fill("a seasonal business")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_text("Saved: dismissed.").wait_for()
    page.get_by_role("button", name="Undo").wait_for()
    if script:
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    visit.close()
    with open_office.workspace.at(NOW + A_DAY) as snapshot:
        rows = {row["account_id"]: row for row in snapshot.recorded_flags.to_dicts()}
    row = rows[digest.cards[0].account_id]
    assert (row["state"], row["note"]) == ("dismissed", "a seasonal business")
    assert row["by"] == f"{digest.csm}, by email link"
