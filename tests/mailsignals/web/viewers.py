"""People who look at the dashboard of a company, and companies of a few mails."""

import dataclasses
import datetime as dt
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

from starlette.requests import Request
from starlette.testclient import TestClient

from connectors.base import Message, frame_of
from mailsignals import clock
from mailsignals.readmodel.roles import Role, Viewer
from mailsignals.usecases.editions import prepare_edition
from mailsignals.usecases.import_files import import_files
from mailsignals.web.app import application
from mailsignals.web.site import Site
from mailsignals.workspace import Workspace
from tests.mailsignals.web.conftest import NOW, site_of

CONFIG = """\
[company]
name = "Us"
domains = ["us.test"]
timezone = "Europe/Berlin"

[[people]]
address = "ana@us.test"
role = "cs"

[[people]]
address = "desk@us.test"
role = "support"

[[tiers]]
name = "gold"
first_response_hours = 4
"""
HEADER = "account_id,name,tier,csm,domains,contacts,started_on,churned_on,renewal_on,arr"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Watched(Site):
    """A dashboard at which one person looks."""

    by: Viewer

    def viewer(self, request: Request) -> Viewer:  # noqa: ARG002  # always the same
        """That person."""
        return self.by


def seen_by(workspace: Workspace, address: str | None, *roles: Role) -> TestClient:
    """The dashboard as somebody sees it."""
    site, zone = site_of(workspace), workspace.settings.company.timezone
    by = Viewer(address=address, roles=frozenset(roles), timezone=zone)
    watched = Watched(settings=site.settings, now=site.now, shelf=site.shelf, heartbeat=site.heartbeat, by=by)
    return TestClient(
        application(watched),
        base_url="http://127.0.0.1",
        follow_redirects=False,
        headers={"origin": "http://127.0.0.1"},
    )


def mail(number: int, ago: dt.timedelta, sender: str, to: str, subject: str | None = "plan") -> Message:
    """A mail so long before ``NOW``; replies belong to their subject's thread."""
    return Message(
        mailbox="desk@us.test",
        provider="test",
        provider_id=f"{number}",
        provider_thread_id=subject or "none",
        message_id=f"{number}@mail.test",
        sent_at=NOW - ago,
        sender=sender,
        to=(to,),
        subject=subject,
    )


def company_of(
    folder: Path, accounts: Iterable[str], messages: Iterable[Message], *, more: str = ""
) -> Workspace:
    """A company with an account book of these lines and these mails, with an edition of ``NOW``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(CONFIG + more, encoding="utf-8")
    (folder / "accounts.csv").write_text("\n".join([HEADER, *accounts]) + "\n", encoding="utf-8")
    frame_of(messages).write_parquet(folder / "messages.parquet")
    workspace = Workspace.load(folder / "config.toml")
    import_files(workspace, [folder / "messages.parquet"], "desk@us.test", now=clock.now)
    prepare_edition(workspace, NOW)
    return workspace


class VisibleText(HTMLParser):
    """The text of a page that is visible while every details element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  # the parser passes them
        """Remember the elements whose text may be hidden."""
        if tag in {"details", "summary", "script", "title"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Forget the element that ends."""
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Keep text outside details, or in the summary of details that are not inside others."""
        if self._open in ([], ["details", "summary"]):
            self.words += data.split()
