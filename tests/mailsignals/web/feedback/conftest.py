"""The simulated company, to say something in."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mailsignals.notifications.digest.card import Card
from mailsignals.workspace import Workspace
from tests.mailsignals.web.feedback.office import OUTSIDE, Office, reader_of
from tests.support.copies import copy_company


@pytest.fixture(scope="package")
def untouched(company: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The simulated company once more, with an address for its dashboard; nothing is said in it."""
    folder = tmp_path_factory.mktemp("feedback") / "office"
    copy_company(company.settings.store.path.parent, folder)
    found = Office(folder=folder)
    found.rewrite("config.toml", lambda text: f'{text}\n[dashboard]\nurl = "{OUTSIDE}"\n')
    return found


@pytest.fixture(scope="package")
def card(untouched: Office) -> Card:
    """One that a CSM got today."""
    return untouched.cards[0]


@pytest.fixture
def office(untouched: Office, card: Card, tmp_path: Path) -> Office:
    """The same, to say something in; the card was in its digest, too."""
    folder = tmp_path / "office"
    copy_company(untouched.folder, folder)
    return Office(folder=folder)


@pytest.fixture
def reader(office: Office) -> TestClient:
    """A browser without a session."""
    return reader_of(office)


@pytest.fixture(scope="package")
def onlooker(untouched: Office) -> TestClient:
    """One that keeps nothing."""
    return reader_of(untouched)
