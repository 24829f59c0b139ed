"""Import mail from files into the store."""

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
    """The owner of a mailbox was erased, so its mail is not imported."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class FileReport:
    """The result of reading one file or folder."""

    provider: str
    """The format, as the connector names it."""
    source: str
    """The path, as it was given."""
    report: SyncReport | None
    """None if no page of it could be read."""
    error: UserError | None = None
    """The error without a report; else None."""
    mailboxes: frozenset[str] = frozenset()
    """Addresses of the mailboxes whose mail was read."""

    @property
    def name(self) -> str:
        """Return the name of the file or folder, without its path."""
        return Path(self.source).name


class FileWatcher(Protocol):
    """A receiver of an import's progress."""

    def begins(self, provider: str, name: str, /) -> None:
        """Begin a file."""

    def moves(self, provider: str, name: str, page: Page, /) -> None:
        """Report a stored page of the file."""

    def ends(self, report: FileReport, /) -> None:
        """Report the result of the file."""


def import_files(
    workspace: Workspace,
    paths: Iterable[Path],
    mailbox: str,
    *,
    now: Callable[[], dt.datetime],
    watcher: FileWatcher | None = None,
) -> list[FileReport]:
    """Import every file into the store; one that can't be read does not stop the next.

    The values of the account list are recorded afterwards.

    Args:
        workspace: the company.
        paths: files and folders of mail.
        mailbox: the address of the mailbox, in lower case.
        now: the clock.
        watcher: receives the progress, and each report at once.

    Returns:
        One report per source, in order; a path may hold several.

    Raises:
        ConnectorError: a path holds no mail; nothing was read.
        ForgottenMailboxError: the owner of the mailbox was erased; nothing was read.
        UserError: the store can't be written; emails committed before are kept.
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
                f"{mailbox} was erased by `mailsignals forget`, so its mail is not imported."
            )
        read = _Reader(store, message_filter(settings, store, now()), now, watcher or NoWatcher())
        reports = [read(source) for source in sources]
        store.compact()
    note_accounts(workspace, now())
    return reports


@dataclasses.dataclass(frozen=True)
class _Reader:
    """Imports one source after the other."""

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
