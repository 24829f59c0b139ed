"""The API of the simulated company, asked by whoever a test wants."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from mailsignals.readmodel.roles import Role, Viewer
from mailsignals.web.api.app import api
from mailsignals.web.api.request import viewer
from mailsignals.web.site import Site
from mailsignals.workspace import Workspace
from tests.mailsignals.web.conftest import site_of


def program(site: Site, who: Viewer) -> TestClient:
    """A program that asks for somebody."""
    app = api(site)
    app.dependency_overrides[viewer] = lambda: who
    return TestClient(app, base_url="http://127.0.0.1")


def somebody(*roles: Role, address: str | None = "somebody@us.example") -> Viewer:
    """Who has some roles."""
    return Viewer(address=address, roles=frozenset(roles), timezone="Europe/Berlin")


@pytest.fixture(scope="session")
def asked(company: Workspace) -> Callable[[Viewer], TestClient]:
    """Programs of whoever is named."""
    site = site_of(company)
    return lambda who: program(site, who)


@pytest.fixture(scope="session")
def head(asked: Callable[[Viewer], TestClient]) -> TestClient:
    """A program of the head of customer success."""
    return asked(somebody(Role.HEAD))
