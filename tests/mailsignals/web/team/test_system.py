"""The page System."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from connectors.base import UNREADABLE, Skipped
from mailsignals.config import Settings
from mailsignals.jobs.health import Heartbeat
from mailsignals.jobs.runs import How, Runs
from mailsignals.readmodel.editions import EditionStore
from mailsignals.readmodel.roles import Role
from mailsignals.store import Store
from mailsignals.store.tables.deliveries import REFUSED, SENT, Key, Record
from mailsignals.store.tables.ledger import Ledger
from mailsignals.store.tables.mailbox_status import Trouble
from mailsignals.usecases.automated_mail import kind_list
from mailsignals.usecases.status import system_status
from mailsignals.usecases.status_lists import AGAIN, STAYS
from mailsignals.web.pages.system import in_bytes, lasted
from mailsignals.web.site import Site
from mailsignals.workspace import Workspace
from tests.mailsignals.readmodel.queries.frames import NOW
from tests.mailsignals.store.pages import INBOX, a_message, a_page
from tests.mailsignals.web.conftest import site_of
from tests.mailsignals.web.team.visitors import a_visitor, as_visitor

OPERATOR = a_visitor(Role.OPERATOR, timezone="Asia/Tokyo")
HOUR = dt.timedelta(hours=1)
LONG_AGO = NOW - 3000 * HOUR


def site_at(workspace: Workspace, heartbeat: Heartbeat | None = None) -> Site:
    """A dashboard, asked by the service or without one."""
    settings = workspace.settings
    return Site(
        settings=lambda: settings,
        now=lambda: NOW,
        shelf=EditionStore(settings.store.path),
        heartbeat=lambda: heartbeat,
    )


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A company with no mail at all."""
    (tmp_path / "accounts.csv").write_text("account_id,domains\nA1,acme.test\n", encoding="utf-8")
    settings = Settings.model_validate(
        {
            "company": {"name": "Us", "domains": ["us.test"]},
            "store": {"path": str(tmp_path / "store")},
            "accounts": {"file": str(tmp_path / "accounts.csv")},
        }
    )
    return Workspace.of(settings)


@pytest.fixture
def store(workspace: Workspace) -> Path:
    """Its store, which holds nothing yet."""
    with Store.open(workspace.settings.store.path, mode="write"):
        pass
    return workspace.settings.store.path


def page_of(site: Site) -> str:
    """What an operator reads."""
    answer = as_visitor(site, OPERATOR).get("/system")
    assert answer.status_code == 200
    return answer.text


def test_before_there_is_a_store(workspace: Workspace) -> None:
    """The page says so, and what to do, instead of failing."""
    page = page_of(site_at(workspace))
    assert '<span class="state failing">failing</span>' in page
    assert "there is no store" in page.lower() or "no store" in page.lower()


def test_an_empty_store(workspace: Workspace, store: Path) -> None:
    """Each part that is empty says what fills it; no edition is needed."""
    page = page_of(site_at(workspace))
    assert "<code>mailsignals sync</code>" in page
    assert "Start it with <code>mailsignals run</code>." in page
    assert "No job has run yet." in page
    assert "No emails were skipped." in page
    assert "No deliveries in the last 14 days." in page


def test_mailboxes_in_words(workspace: Workspace, store: Path) -> None:
    """One that is read, one that was last read long ago, one that cannot be: with the reason and the remedy."""
    trouble = Trouble(
        state="signed out",
        problem="The token was revoked.",
        remedy="Run `mailsignals check`.",
        next_try_at=NOW,
    )
    with Store.open(store, mode="write") as opened:
        for mailbox, at in (("ana@us.test", NOW - HOUR), ("bo@us.test", LONG_AGO)):
            opened.mailbox_status.begin("gmail", mailbox, None)
            opened.mailbox_status.synced("gmail", mailbox, at=at)
        opened.mailbox_status.troubled("gmail", "cy@us.test", trouble, at=NOW)
    page = page_of(site_at(workspace))
    for word in ("up to date", "stale", "signed out"):
        assert f">{word}</span>" in page
    assert "The token was revoked. Run <code>mailsignals check</code>." in page
    assert "were last synced more than a day ago" in page
    assert "2026-03-02 18:00" in page  # NOW in Tokyo


def test_what_a_run_came_to(workspace: Workspace, store: Path) -> None:
    """The last run of each job with how long it took, and what is wrong with the command that helps."""
    runs = Runs(store)
    with runs.claimed("score", due_at=LONG_AGO, at=LONG_AGO) as claim:
        claim.end(How.FAILED, "the disk is full", at=LONG_AGO + 2 * HOUR)
    page = page_of(site_at(workspace))
    assert "score failed: the disk is full." in page
    assert "<code>mailsignals run --once score</code>" in page
    assert "2.0 h" in page


def test_the_service_says_so_itself(workspace: Workspace, store: Path) -> None:
    """It runs, and why a new configuration was not taken is said; a scheduler that stands still is failing."""
    page = page_of(site_at(workspace, Heartbeat(at=LONG_AGO, config_problem="tiers: two are alike.")))
    assert "The background service is running." in page
    assert "tiers: two are alike." in page
    assert "The scheduler does not run." in page
    assert '<span class="state failing">failing</span>' in page


def test_what_was_set_aside(workspace: Workspace, store: Path) -> None:
    """By mailbox and reason, with what follows: some are tried again, others stay."""
    skipped = (Skipped("1", UNREADABLE), Skipped("2", "no headers"), Skipped("3", "no headers"))
    with Store.open(store, mode="write") as opened:
        opened.commit(INBOX, a_page(a_message("9"), skipped=skipped), at=NOW)
    page = page_of(site_at(workspace))
    assert "3 emails skipped as unreadable" in page
    assert AGAIN in page
    assert STAYS in page


def test_deliveries_by_day_and_what_did_not_arrive(workspace: Workspace, store: Path) -> None:
    """Each state is a word with how many; what was refused says why."""
    at = NOW
    with Ledger.open(store, at=at) as ledger:
        for number, record in enumerate(
            (Record(state=SENT), Record(state=REFUSED, problem="No such address."))
        ):
            key = Key(kind="digest", recipient=f"csm{number}@us.test", due_on=at.date())
            ledger.claim(key, message_id=f"m{number}", at=at, may=lambda _: True)
            ledger.end(key, record, at=at)
    page = page_of(site_at(workspace))
    assert "No such address." in page
    assert '1 <span class="state good">sent</span>' in page
    assert '1 <span class="state failing">refused</span>' in page


def test_hostile_names(workspace: Workspace, store: Path) -> None:
    """Mailboxes, reasons and outcomes are text."""
    name = "<script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}"
    trouble = Trouble(state="odd", problem=name, remedy=name, next_try_at=NOW)
    with Store.open(store, mode="write") as opened:
        opened.mailbox_status.troubled("gmail", name, trouble, at=NOW)
        opened.mailbox_status.ran("sync", started_at=NOW, ended_at=NOW, outcome=name)
    page = page_of(site_at(workspace))
    assert "<script>alert" not in page
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in page


def test_who_is_turned_away(company: Workspace) -> None:
    """Nobody but operators sees it: there are addresses of all mailboxes."""
    for role in (Role.CSM, Role.LEAD, Role.HEAD):
        assert as_visitor(site_of(company), a_visitor(role)).get("/system").status_code == 403


def test_messages_are_counted_with_the_edition(company: Workspace) -> None:
    """They are what the store holds, and the page says of when."""
    page = page_of(site_of(company))
    with company.reading() as opened:
        held = opened.messages().group_by("mailbox").len().collect()
    assert held.height > 1
    assert all(f'data-label="Emails">{count:,}</td>' in page for count in held["len"] if count >= 10)
    assert "Emails are counted as of" in page


def test_the_automated_share_is_counted_with_the_edition(company: Workspace) -> None:
    """Of each mailbox, with the reasons; before the first edition there is a dash."""
    site = site_of(company)
    edition = site.shelf.newest()
    assert edition is not None
    rows = edition.table("mailboxes").filter(pl.col("automated") > 0).to_dicts()
    assert rows
    page = page_of(site)
    for row in rows:
        assert kind_list(row, of="messages") in page
    nobody_counted = system_status(company.settings, now=NOW, timezone="UTC")
    assert nobody_counted.mailboxes["automated"].null_count() == nobody_counted.mailboxes.height


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.04, "0.0 s"), (12.4, "12 s"), (90, "2 min"), (9000, "2.5 h")]
)
def test_how_long_a_run_took(seconds: float, words: str) -> None:
    """In the unit that suits it."""
    assert lasted(seconds) == words


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 bytes"), (1500, "1.5 kB"), (33_000_000, "33 MB"), (12_345_000_000, "12 GB")]
)
def test_how_big_a_file_is(size: int, words: str) -> None:
    """One digit below ten, none above."""
    assert in_bytes(size) == words


def test_the_state_of_a_mailbox_that_was_only_imported(company: Workspace) -> None:
    """Files have no freshness: they are imported, and not stale."""
    newest = EditionStore(company.settings.store.path).newest()
    system = system_status(company.settings, now=NOW, timezone="UTC", edition=newest)
    assert system.mailboxes["word"].unique().to_list() == ["imported"]
    assert isinstance(system.sources, pl.DataFrame)
