"""Bring mail in files into the store."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from connectors.base import Connector, ConnectorError, Page
from connectors.files import open_files
from mailsignals.accounts import spellings
from mailsignals.errors import UserError
from mailsignals.store import Store
from mailsignals.sync.engine import MessageFilter, SyncReport, bring_in
from mailsignals.sync.filters import message_filter
from mailsignals.sync.mailboxes import NoWatcher
from mailsignals.usecases.account_list import note_accounts
from mailsignals.workspace import Workspace


class ForgottenMailboxError(UserError):
    """The owner of a mailbox was forgotten, so its mail is not read."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class FileReport:
    """The result of reading one file or folder."""

    provider: str
    """The format, as the connector names it."""
    source: str
    """The path, as it was given."""
    report: SyncReport | None
    """None: not one page of it could be read."""
    error: UserError | None = None
    """Why not; None where there is a report."""
    mailboxes: frozenset[str] = frozenset()
    """Addresses of the mailboxes whose mail was read."""

    @property
    def name(self) -> str:
        """The name of the file or folder, without the path to it."""
        return Path(self.source).name


class FileWatcher(Protocol):
    """Is told how an import goes."""

    def begins(self, provider: str, name: str, /) -> None:
        """A file is being read."""

    def moves(self, provider: str, name: str, page: Page, /) -> None:
        """A page of it was stored."""

    def ends(self, report: FileReport, /) -> None:
        """It is done, and this came of it."""


def import_files(
    workspace: Workspace,
    paths: Iterable[Path],
    mailbox: str,
    *,
    now: Callable[[], dt.datetime],
    watcher: FileWatcher | None = None,
) -> list[FileReport]:
    """Bring every file into the store; one that cannot be read does not stop the next.

    What the account list says is noted afterwards.

    Args:
        workspace: the company.
        paths: files and folders of mail.
        mailbox: the address whose mail this is, in lower case.
        now: the clock.
        watcher: is told how the import goes, and of each report at once.

    Returns:
        One report per source, in order; a path may hold several.

    Raises:
        ConnectorError: a path is no mail at all; then nothing was read.
        ForgottenMailboxError: nothing was read, since the owner of the mailbox was forgotten.
        UserError: the store cannot be written; what was committed before stands.
    """
    settings = workspace.settings
    company = settings.our_company
    sources: list[Connector] = [
        source
        for path in paths
        for source in open_files(path, mailbox=mailbox, own=company.own, settings_key=company.reading_key)
    ]
    reports = []
    with Store.open(settings.store.path, mode="write") as store:
        if store.erasure.people().among(spellings(mailbox)):
            raise ForgottenMailboxError(
                f"{mailbox} was forgotten by `mailsignals forget`, so mail of this mailbox is not read."
            )
        read = _Reader(store, message_filter(settings, store, now()), now, watcher or NoWatcher())
        reports = [read(source) for source in sources]
        store.compact()
    note_accounts(workspace, now())
    return reports


@dataclasses.dataclass(frozen=True)
class _Reader:
    """Reads one source after the other into a store."""

    store: Store
    through: MessageFilter
    now: Callable[[], dt.datetime]
    watcher: FileWatcher

    def __call__(self, source: Connector) -> FileReport:
        found = self._read(source)
        self.watcher.ends(found)
        return found

    def _read(self, source: Connector) -> FileReport:
        provider, path = source.provider, source.source
        name = Path(path).name
        mailboxes: set[str] = set()

        def moved(page: Page) -> None:
            mailboxes.update(page.messages["mailbox"].unique())
            self.watcher.moves(provider, name, page)

        self.watcher.begins(provider, name)
        try:
            report = bring_in(
                source,
                self.store,
                message_filter=self.through,
                at=self.now,
                on_page=lambda page, _: moved(page),
            )
        except UserError as error:
            if not isinstance(error.__cause__, ConnectorError):
                raise  # it is the store that fails, and that concerns all sources
            return FileReport(provider=provider, source=path, report=None, error=error)
        return FileReport(provider=provider, source=path, report=report, mailboxes=frozenset(mailboxes))
