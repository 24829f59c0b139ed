"""Who sees what of service levels, and what a page says where there is nothing or something hostile to show."""

import html
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mailsignals.readmodel.roles import Role
from mailsignals.sla import definitions
from mailsignals.web.pages.sla import PAGES
from mailsignals.workspace import Workspace
from tests.house.conftest import ROOT
from tests.mailsignals.companies import message
from tests.mailsignals.sla.office import at, they, we
from tests.mailsignals.web.sla.companies import COMPANY, SUPPORT, TIERS, company, somebody, visited

MONDAY = "2026-03-09 09:00"
HOSTILE = '<script>alert(1)</script>\u202e=cmd|" onload="'
PATHS = [page.path for page in PAGES if "{" not in page.path]

BIRCH = message(
    at("2026-03-03 10:00"), "lee@b.example", "help@us.example", provider_thread_id="b", subject="Birch asks"
)
FERN = message(
    at("2026-03-06 10:00"), "flo@f.example", "help@us.example", provider_thread_id="f", subject="Fern asks"
)
MAILS = (
    they("2026-03-02 09:00", subject=HOSTILE),
    we("2026-03-02 12:30"),
    they("2026-03-03 09:00", thread="late", subject="Alder waits"),
    BIRCH,
    FERN,
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Three accounts: one with a hostile subject and a breach, one of another CSM, one that was promised nothing."""
    return company(tmp_path_factory.mktemp("small"), MAILS, now=MONDAY)


def text(client: TestClient, path: str) -> str:
    """What a page shows, without its frame; or a file."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    page = answer.text.partition("<main")[2].partition("</main>")[0]
    return page or answer.text


def tickets_in(page: str) -> list[str]:
    """The ids of the tickets that a page links to."""
    return list(dict.fromkeys(re.findall(r'href="/sla/tickets/([0-9a-f]{12})"', page)))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("role", "status"), [(Role.LEAD, 200), (Role.HEAD, 200), (Role.CSM, 200), (Role.OPERATOR, 403)]
)
def test_who_may_come(small: Workspace, path: str, role: Role, status: int) -> None:
    """Leads, heads and CSMs; whoever only runs the machine does not."""
    assert visited(small, now=at(MONDAY), person=somebody(role)).get(path).status_code == status


@pytest.mark.slow
def test_a_csm_sees_the_tickets_of_their_own_accounts(small: Workspace) -> None:
    """Everywhere: in figures, in the queue, in lists and files, and another's ticket is as good as not there."""
    lead = visited(small, now=at(MONDAY), person=somebody(Role.LEAD))
    ben = visited(small, now=at(MONDAY), person=somebody(Role.CSM, address="Ben@us.example"))
    for path in PATHS:
        page = text(ben, path)
        assert "Alder" not in page, path
        assert "Fern" not in page, path
    assert "Birch" in text(ben, "/sla/queue")
    assert "Birch" in text(ben, "/sla/tickets.csv")
    everybodys, bens = tickets_in(text(lead, "/sla/tickets")), tickets_in(text(ben, "/sla/tickets"))
    assert len(everybodys) == 4
    assert len(bens) == 1
    for ticket in everybodys:
        assert ben.get(f"/sla/tickets/{ticket}").status_code == (200 if ticket in bens else 404)
    assert 'data-total="0"' in text(ben, "/sla/tickets?account=A")


@pytest.mark.slow
def test_the_queue_counts_down_to_this_minute(small: Workspace) -> None:
    """Due soon first, then what is breached, then what nothing was promised of; judged when somebody looks."""
    mails = [they("2026-03-09 09:00", thread="soon", subject="Soon"), *MAILS]
    fresh = company(small.settings.store.path.parent / "fresh", mails, now="2026-03-09 09:30")

    def rows(now: str) -> list[str]:
        page = visited(fresh, now=at(now)).get("/sla/queue", headers={"HX-Request": "true"}).text
        assert "<html" not in page
        found = re.findall(r"<tr>\s*<td.*?</tr>", page, re.DOTALL)
        return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in found]

    first, *others = rows("2026-03-09 10:00")
    assert first.startswith(
        "in time first response due in 3 business hours 9 Mar 2026 14:00 First response Soon"
    )
    assert [re.sub(r" .*", "", other) for other in others] == ["breached", "breached", "no"]
    assert "response was due" in others[0]
    assert rows("2026-03-09 12:30")[0].startswith(
        "due soon first response due in 1 business hour 9 Mar 2026 14:00"
    )
    assert rows("2026-03-09 14:30")[0].startswith("breached first response overdue by 30 business minutes")


def test_the_queue_is_filtered(small: Workspace) -> None:
    """By state, tier, CSM, agent and account; the numbers of a filtered one keep the filter."""
    client = visited(small, now=at(MONDAY))
    assert len(tickets_in(text(client, "/sla/queue"))) == 3
    assert len(tickets_in(text(client, "/sla/queue?csm=ben@us.example"))) == 1
    assert len(tickets_in(text(client, "/sla/queue?q=ALD"))) == 1
    assert len(tickets_in(text(client, "/sla/queue?state=late&tier=gold"))) == 2
    assert len(tickets_in(text(client, "/sla/queue?agent=help@us.example"))) == 3
    nobody = text(client, "/sla/queue?tier=silver")
    assert "No open tickets match the filter." in nobody
    assert "state=late" in text(client, "/sla/queue?csm=ben@us.example")


def test_a_ticket_tells_what_was_promised_and_when_mails_went(small: Workspace) -> None:
    """Its mails in their order with direction and time in the viewer's zone, and verdicts in sentences."""
    berlin = visited(small, now=at(MONDAY))
    waits = next(one for one in tickets_in(text(berlin, "/sla/queue?q=alder")))
    page = text(berlin, f"/sla/tickets/{waits}")
    assert "Overdue, not answered yet." in page
    assert "3 Mar 2026 14:00" in page
    kolkata = visited(small, now=at(MONDAY), person=somebody(timezone="Asia/Kolkata"))
    assert "3 Mar 2026 18:30" in text(kolkata, f"/sla/tickets/{waits}")
    (answered,) = tickets_in(text(berlin, "/sla/tickets?figure=first_response&state=met"))
    page = text(berlin, f"/sla/tickets/{answered}")
    assert page.index(">Customer</span>") < page.index(">Your team</span>")
    assert "Answered in time." in page


@pytest.mark.slow
def test_a_hostile_subject_stays_a_text(small: Workspace) -> None:
    """It is escaped, cannot turn the text around it, and is no formula in a file."""
    client = visited(small, now=at(MONDAY))
    shown = [text(client, path) for path in PATHS]
    shown += [text(client, f"/sla/tickets/{one}") for one in tickets_in(text(client, "/sla/tickets"))]
    hostile = [page for page in shown if "alert(1)" in page]
    assert len(hostile) >= 3
    for page in hostile:
        if "<html" in page:
            assert "<script>alert" not in page
            assert "\u202e" not in page
            assert ' onload="' not in page


@pytest.mark.slow
def test_subjects_that_are_not_kept_are_not_shown(tmp_path: Path) -> None:
    """A ticket is then called by its id."""
    config = COMPANY + SUPPORT + TIERS + '\n[privacy]\nsubjects = "none"\n'
    client = visited(company(tmp_path, MAILS, now=MONDAY, config=config), now=at(MONDAY))
    page = text(client, "/sla/tickets")
    assert "Birch asks" not in page
    assert all(f"Ticket {one[:8]}" in page for one in tickets_in(page))


@pytest.mark.slow
def test_who_may_see_whose_figures(tmp_path: Path) -> None:
    """By ``team`` nobody's, by ``self`` one's own; and neither a list nor a file tells whose an answer was."""
    seen = {}
    for rule in ("all", "self", "team"):
        config = COMPANY + SUPPORT + TIERS + f'\n[privacy]\npeople = "{rule}"\n'
        workspace = company(tmp_path / rule, MAILS, now=MONDAY, config=config)
        bea = visited(workspace, now=at(MONDAY), person=somebody(Role.LEAD, address="bea@us.example"))
        lists = text(bea, "/sla/tickets") + text(bea, "/sla/tickets.csv")
        tables = [text(bea, path) for path in ("/sla/agents", "/sla/workload")]
        whole = text(bea, "/sla/tickets?agent=help@us.example")
        seen[rule] = (
            ["bea@us.example" in page for page in tables],
            "help@us.example" in tables[0],
            "bea@us.example" in lists,
            re.findall(r'data-total="(\d+)"', whole) == re.findall(r'data-total="(\d+)"', lists),
        )
    assert seen == {
        "all": ([True, True], True, True, False),
        "self": ([True, True], False, False, True),
        "team": ([False, False], False, False, True),
    }


def test_an_empty_period_says_what_to_do_next(small: Workspace) -> None:
    """No page fails or shows a percentage where nothing was asked; each offers another period."""
    client = visited(small, now=at(MONDAY))
    for path in ("/sla", "/sla/accounts", "/sla/agents", "/sla/hours", "/sla/tickets"):
        page = text(client, f"{path}?period=2020-01-01..2020-01-31")
        assert not re.search(r"\b(0|100) %", page.split("<figure")[0]), path
        assert "Show 90 days" in page or "Back to SLA compliance" in page, path


@pytest.mark.parametrize("asked", ["from=2026-03-09&to=2026-03-01", "period=soon", "from=x", "period=1..2"])
def test_a_period_that_is_none_is_told(small: Workspace, asked: str) -> None:
    """The usual one is shown with a sentence, never an error."""
    assert "Invalid period" in text(visited(small, now=at(MONDAY)), f"/sla?{asked}")


def test_two_date_fields_make_a_period(small: Workspace) -> None:
    """What the form sends can be kept as a bookmark, and every switch of the page keeps it."""
    page = text(visited(small, now=at(MONDAY)), "/sla?from=2026-03-02&to=2026-03-03")
    assert "2 Mar 2026 to 3 Mar 2026" in page
    assert "/sla?period=2026-03-02..2026-03-03&clock=wall" in html.unescape(page)


@pytest.mark.slow
def test_without_support_the_page_says_what_to_configure(tmp_path: Path) -> None:
    """No role, no tickets: the page names the section and the key."""
    client = visited(company(tmp_path, MAILS, now=MONDAY, config=COMPANY + TIERS), now=at(MONDAY))
    page = text(client, "/sla")
    assert "No support team configured" in page
    assert "[[people]]" in page


@pytest.mark.slow
def test_without_targets_the_page_says_what_to_configure(tmp_path: Path) -> None:
    """Nothing is judged, and how long customers waited is told all the same."""
    config = COMPANY + SUPPORT + '\n[[tiers]]\nname = "gold"\n\n[[tiers]]\nname = "free"\n'
    page = text(visited(company(tmp_path, MAILS, now=MONDAY, config=config), now=at(MONDAY)), "/sla")
    assert "No targets configured" in page
    assert "without a target" in page


def test_a_total_over_all_tiers_never_leads(small: Workspace) -> None:
    """The first figures of the page are those of single tiers, and no percentage stands before them."""
    page = text(visited(small, now=at(MONDAY)), "/sla")
    assert " %" not in page.split('<table class="list tiers">')[0]


def test_nothing_may_be_kept_by_a_browser(small: Workspace) -> None:
    """Not a file either."""
    answer = visited(small, now=at(MONDAY)).get("/sla/tickets.csv")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"] == 'attachment; filename="tickets.csv"'


def test_the_documentation_says_the_same() -> None:
    """The sentences that pages show are those of the glossary and of docs/support-lead/sla.md."""
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    page = (ROOT / "docs" / "support-lead" / "sla.md").read_text(encoding="utf-8").splitlines()
    for word, meaning in definitions.WORDS.items():
        assert f"**{word}**: {meaning}" in glossary
    rows = [
        *((one.name, one.starts, one.ends) for one in definitions.PROMISED.values()),
        *definitions.VERDICTS.items(),
        *definitions.OUTCOMES.values(),
    ]
    for cells in rows:
        assert f"| {' | '.join(cells)} |" in page
