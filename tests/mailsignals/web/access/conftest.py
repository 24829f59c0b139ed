"""The dashboard of the simulated company with other access than open."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import polars as pl
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from mailsignals.config.dashboard import DashboardSection
from mailsignals.readmodel.editions import EditionStore
from mailsignals.store.tables.audit import Audit
from mailsignals.web.access.policy import Access
from mailsignals.web.access.rates import Rates
from mailsignals.web.app import application
from mailsignals.web.site import Site
from mailsignals.workspace import Workspace
from tests.mailsignals.web.conftest import NOW
from tests.support.issuer import CLIENT, SECRET, Provider

HOST = "mail.us.test"
URL = f"https://{HOST}"
PROXY = "10.0.0.7"


@dataclasses.dataclass
class Dashboard:
    """One dashboard whose clock and configuration a test may change."""

    company: Workspace
    section: DashboardSection
    client: TestClient
    now: dt.datetime = NOW

    @property
    def app(self) -> Starlette:
        """What answers."""
        assert isinstance(self.client.app, Starlette)
        return self.client.app

    @property
    def access(self) -> Access:
        """What decides."""
        found: Access = self.app.state.access
        return found

    @property
    def domain(self) -> str:
        """The company's."""
        return self.company.settings.company.domains[0]

    def configure(self, **changes: Any) -> None:
        """Change ``[dashboard]`` while it runs."""
        self.section = DashboardSection.model_validate(self.section.model_dump(by_alias=True) | changes)

    def audit(self, who: str | None = None) -> pl.DataFrame:
        """What was written down, the newest first."""
        self.access.auditor.flush()
        return Audit(self.company.settings.store.path).frame(who=who)


Make = Callable[..., Dashboard]


@pytest.fixture
def dashboard_of(company: Workspace) -> Iterator[Make]:
    """Makes a dashboard with what ``[dashboard]`` says."""
    all_made: list[Dashboard] = []

    def made(
        section: Mapping[str, Any], *, base: str = URL, peer: str = PROXY, rates: Rates | None = None
    ) -> Dashboard:
        found: Dashboard
        site = Site(
            settings=lambda: company.settings.model_copy(update={"dashboard": found.section}),
            now=lambda: found.now,
            shelf=EditionStore(company.settings.store.path),
        )
        found = Dashboard(company, DashboardSection.model_validate(section), None)  # type: ignore[arg-type]  # it follows
        found.client = TestClient(
            application(site, rates=rates), base_url=base, client=(peer, 50_000), follow_redirects=False
        )
        all_made.append(found)
        return found

    yield made
    for each in all_made:
        each.access.close()


@pytest.fixture
def proxied(dashboard_of: Make, company: Workspace) -> Dashboard:
    """A dashboard behind a reverse proxy, with somebody for each role."""
    domain = company.settings.company.domains[0]
    roles = {role: [f"{role}@{domain}"] for role in ("lead", "head", "operator")}
    proxy = {"from": [PROXY], "groups_header": "X-Forwarded-Groups"}
    return dashboard_of({"access": "proxy", "url": URL, "proxy": proxy, "roles": roles})


def csm_of(company: Workspace) -> str:
    """A CSM of the account book."""
    return str(company.book.accounts["csm"].drop_nulls()[0])


def as_person(address: str, groups: str | None = None) -> dict[str, str]:
    """What the proxy says of somebody."""
    return {"X-Forwarded-Email": address} | ({} if groups is None else {"X-Forwarded-Groups": groups})


@pytest.fixture
def provider() -> Iterator[Provider]:
    """An issuer; its clock is that of the visits."""
    with Provider(now=lambda: NOW).running() as found:
        yield found
    assert not found.errors


@pytest.fixture
def signing(
    dashboard_of: Make, provider: Provider, company: Workspace, monkeypatch: pytest.MonkeyPatch
) -> Dashboard:
    """A dashboard at which people sign in; next would be a CSM."""
    monkeypatch.setenv("CLIENT_SECRET", f"{SECRET}\n")
    provider.person = {"email": csm_of(company), "email_verified": True}
    oidc = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret_env": "CLIENT_SECRET"}
    return dashboard_of({"access": "oidc", "url": URL, "oidc": oidc})
