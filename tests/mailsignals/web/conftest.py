"""A simulated company with its dashboard: for requests, and for a browser."""

import contextlib
import datetime as dt
import functools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from starlette.testclient import TestClient

from mailsignals import clock
from mailsignals.demo import simulate, write_company
from mailsignals.readmodel.editions import EditionStore
from mailsignals.service.http import serve_app
from mailsignals.usecases.editions import prepare_edition
from mailsignals.usecases.import_files import import_files
from mailsignals.usecases.score import score
from mailsignals.web.app import application
from mailsignals.web.site import Site
from mailsignals.workspace import Workspace
from tests.support.shared import copy_of
from tests.support.waiting import PATIENCE_SECONDS

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
"""The instant at which every visit takes place; the company's last mail is of the day before."""
DAYS_RECORDED = 5


def make_company(folder: Path, *, accounts: int, seed: int, days_recorded: int) -> None:
    """Simulate a company with two years of mail, record the scores of its last days, and prepare an edition."""
    write_company(simulate(accounts=accounts, seed=seed, until=NOW.replace(hour=0)), folder)
    workspace = Workspace.load(folder / "config.toml")
    desk = f"support@{workspace.settings.company.domains[0]}"
    import_files(workspace, [folder / "messages.parquet"], desk, now=clock.now)
    for ago in reversed(range(days_recorded)):
        at = NOW - dt.timedelta(days=ago, hours=3)
        score(workspace, at)
    prepare_edition(workspace, NOW)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Forty customers with two years of mail, a few days of recorded scores, and an edition of ``NOW``."""
    make = functools.partial(make_company, accounts=40, seed=3, days_recorded=DAYS_RECORDED)
    return Workspace.load(copy_of(tmp_path_factory, "forty customers", make) / "config.toml")


@pytest.fixture(scope="session")
def another(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A smaller simulated company, with an edition of the same instant."""
    make = functools.partial(make_company, accounts=12, seed=11, days_recorded=0)
    return Workspace.load(copy_of(tmp_path_factory, "twelve customers", make) / "config.toml")


def site_of(workspace: Workspace) -> Site:
    """The dashboard of a company, at ``NOW``."""
    settings = workspace.settings
    return Site(
        settings=lambda: settings,
        now=lambda: NOW,
        shelf=EditionStore(settings.store.path),
    )


@pytest.fixture(scope="session")
def client(company: Workspace) -> TestClient:
    """Asks the dashboard of the company as a browser does from its own pages; nobody has to sign in."""
    return TestClient(
        application(site_of(company)),
        base_url="http://127.0.0.1",
        follow_redirects=False,
        headers={"origin": "http://127.0.0.1"},
    )


@pytest.fixture(scope="session")
def dashboard(company: Workspace) -> Iterator[str]:
    """The same, served on this machine: the address at which a browser finds it."""
    with serve_app(application(site_of(company)), host="127.0.0.1", port=0) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def small_dashboard(another: Workspace) -> Iterator[str]:
    """The smaller company's dashboard, served on this machine."""
    with serve_app(application(site_of(another)), host="127.0.0.1", port=0) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; where there is none, CI fails and anybody else is told."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        message = "these tests need Chromium: apt-get install chromium"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with (
        sync_playwright() as playwright,
        contextlib.closing(
            playwright.chromium.launch(
                executable_path=program, args=["--no-sandbox"], timeout=1_000 * PATIENCE_SECONDS
            )
        ) as found,
    ):
        expect.set_options(timeout=1_000 * PATIENCE_SECONDS)
        found.on("context", lambda context: context.set_default_timeout(1_000 * PATIENCE_SECONDS))
        yield found
