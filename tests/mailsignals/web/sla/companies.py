"""A small company whose mail is written by hand, with its dashboard as one person sees it."""

import dataclasses
import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from starlette.requests import Request
from starlette.testclient import TestClient

from connectors.base import Message, frame_of
from mailsignals import clock
from mailsignals.readmodel.editions import EditionStore
from mailsignals.readmodel.roles import EVERYBODY, Role, Viewer
from mailsignals.usecases.editions import prepare_edition
from mailsignals.usecases.import_files import import_files
from mailsignals.web.app import application
from mailsignals.web.site import Site
from mailsignals.workspace import Workspace
from tests.mailsignals.sla.office import at

ARCHIVE = "archive@us.example"
COMPANY = """
[company]
name = "Us"
domains = ["us.example"]
timezone = "Europe/Berlin"

[store]
path = "store"

[accounts]
file = "accounts.csv"
"""
SUPPORT = """
[[people]]
address = "help@us.example"
role = "support"

[[people]]
address = "bea@us.example"
role = "support"
"""
TIERS = """
[[tiers]]
name = "gold"
first_response_hours = 4
next_response_hours = 2
resolution_hours = 8
calendar = "office"

[[tiers]]
name = "free"

[calendars.office]
mon = ["09:00-12:00", "13:00-17:30"]
tue = ["09:00-12:00", "13:00-17:30"]
wed = ["09:00-12:00", "13:00-17:30"]
thu = ["09:00-12:00", "13:00-17:30"]
fri = ["09:00-12:00", "13:00-17:30"]
"""
ACCOUNTS = """account_id,name,domains,tier,csm
A,Alder,a.example,gold,ana@us.example
B,Birch,b.example,gold,ben@us.example
F,Fern,f.example,free,ana@us.example
"""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SeenBy(Site):
    """A dashboard that takes everybody for one and the same person."""

    person: Viewer

    def viewer(self, request: Request) -> Viewer:  # noqa: ARG002  # as on a site
        """That person."""
        return self.person


def somebody(
    *roles: Role, address: str | None = "lead@us.example", timezone: str = "Europe/Berlin"
) -> Viewer:
    """A person with roles; all of them, if none is given."""
    return Viewer(address=address, roles=frozenset(roles) or EVERYBODY, timezone=timezone)


def company(
    folder: Path,
    mails: Iterable[Message],
    *,
    now: str,
    config: str = COMPANY + SUPPORT + TIERS,
    accounts: str = ACCOUNTS,
) -> Workspace:
    """The company with an edition of an instant."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(config, encoding="utf-8")
    (folder / "accounts.csv").write_text(accounts, encoding="utf-8")
    frame_of(list(mails)).write_parquet(folder / "messages.parquet")
    workspace = Workspace.load(folder / "config.toml")
    import_files(workspace, [folder / "messages.parquet"], ARCHIVE, now=clock.now)
    prepare_edition(workspace, at(now))
    return workspace


def visited(workspace: Workspace, *, now: dt.datetime, person: Viewer | None = None) -> TestClient:
    """The company's dashboard as somebody sees it."""
    settings = workspace.settings
    site = SeenBy(
        settings=lambda: settings,
        now=lambda: now,
        shelf=EditionStore(settings.store.path),
        person=person or somebody(),
    )
    return TestClient(application(site), base_url="http://127.0.0.1", follow_redirects=False)
