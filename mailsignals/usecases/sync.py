"""Sync the store with the configured mailboxes."""

import os
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from connectors.base import ConnectorError
from connectors.provider import Provider
from mailsignals.accounts.nearest import did_you_mean
from mailsignals.config import Settings
from mailsignals.config.gmail import GmailSection
from mailsignals.config.microsoft365 import Microsoft365Section
from mailsignals.credentials import Runtime, sign_in_person
from mailsignals.errors import UserError
from mailsignals.jobs.job import Context, GaveBackError
from mailsignals.store import Store
from mailsignals.sync.filters import message_filter
from mailsignals.sync.mailboxes import MailboxOutcome, NoWatcher, SyncOptions, Watcher
from mailsignals.sync.mailboxes import sync_mailboxes as sync_provider
from mailsignals.sync.providers import providers
from mailsignals.usecases.account_list import note_accounts
from mailsignals.usecases.clock_state import compare_clock
from mailsignals.usecases.sync_report import SyncRun
from mailsignals.workspace import Workspace

SLICE_MINUTES = 20.0
"""The longest time that one run of the job keeps the store; the next run continues."""

NO_MAILBOXES = (
    "No mailbox is configured. Set mailboxes or a group under [gmail] or [microsoft365] in config.toml; see "
    "docs/operate/google-workspace.md and docs/operate/microsoft-365.md. "
    "To read mail from files instead: `mailsignals import`."
)


class UnknownMailboxError(UserError):
    """A requested mailbox is not configured."""


def sync(
    workspace: Workspace,
    runtime: Runtime,
    watcher: Watcher,
    *,
    only: Collection[str] = (),
    new_owner: bool = False,
) -> SyncRun:
    """Fetch new mail from every mailbox, compact the store, and record the sync and the account list's values.

    Args:
        workspace: the company.
        runtime: the clock, the secrets, and how to stop.
        watcher: receives the progress.
        only: the addresses of the mailboxes to read; empty for all.
        new_owner: whether to read a mailbox whose address now belongs to someone else.

    Raises:
        UnknownMailboxError: none of the mailboxes in ``only`` is configured; nothing was read.
        UserError: no mailbox is configured, a secret is missing, or the store can't be written; emails committed
            before are kept.
    """
    settings = workspace.settings
    with (
        open_providers(settings, runtime) as found,
        Store.open(settings.store.path, mode="write") as store,
    ):
        if not found:
            raise UserError(NO_MAILBOXES)
        started_at = runtime.now()
        options = SyncOptions(
            message_filter=message_filter(settings, store, started_at),
            now=runtime.now,
            stop=runtime.stop,
            only=only,
            new_owner=new_owner,
        )
        run = _read(found, store, options, watcher)
        if only and not (run.outcomes or run.failures):
            raise _unknown(next(iter(only)), found)
        store.compact()
        store.mailbox_status.ran("sync", started_at=started_at, ended_at=runtime.now(), outcome=run.summary)
    note_accounts(workspace, runtime.now())
    return run


def read_new(workspace: Workspace, provider: str, context: Context) -> str:
    """Fetch new mail from the mailboxes of one provider for ``SLICE_MINUTES`` at most; return the summary.

    Mailboxes with problems wait for their next attempt.

    Raises:
        GaveBackError: the time is over, or the job was stopped; the next run continues.
        ConnectorError: the mailboxes can't be listed.
        StoreBusyError: another program writes for minutes.
        StoppedError: ``context.stop`` was set before anything was read.
        UserError: a secret is missing, or the store can't be written.
    """
    settings = _with_one_provider(workspace.settings, provider)
    runtime = Runtime(environ=os.environ, now=context.now, stop=context.stop, say=lambda _: None)
    with (
        open_providers(settings, runtime) as found,
        workspace.writing_when_free(context.stop) as store,
        _stopping_after(SLICE_MINUTES, context.stop),
    ):
        through = message_filter(settings, store, context.now())
        options = SyncOptions(message_filter=through, now=context.now, stop=context.stop, patient=True)
        run = _read(found, store, options, NoWatcher())
    note_accounts(workspace, context.now())
    for failure in run.failures:
        raise failure
    if run.stopped and not run.complete:
        raise GaveBackError(run.summary)
    return run.summary


@contextmanager
def open_providers(
    settings: Settings, runtime: Runtime, *, sign_in: bool = False
) -> Iterator[list[Provider]]:
    """Yield the providers with configured mailboxes, and close them at the end.

    Args:
        settings: the configuration.
        runtime: the clock, the secrets, how to stop, and how to show the prompts of a sign-in.
        sign_in: whether to prompt for a missing sign-in.

    Raises:
        UserError: a secret is missing.
    """
    with ExitStack() as stack:
        if sign_in:
            sign_in_person(settings, runtime)
        found = providers(settings, runtime)
        for each in found:
            stack.callback(each.close)
        yield found


def _read(found: Sequence[Provider], store: Store, options: SyncOptions, watcher: Watcher) -> SyncRun:
    outcomes: list[MailboxOutcome] = []
    failures: list[ConnectorError] = []
    for provider in found:
        try:
            outcomes += sync_provider(provider, store, options, watcher)
        except ConnectorError as error:
            failures.append(error)
        finally:
            compare_clock(provider, store)
    return SyncRun(outcomes=outcomes, failures=failures, stopped=options.stop.is_set())


def _unknown(address: str, found: Sequence[Provider]) -> UnknownMailboxError:
    known = [mailbox.address for provider in found for mailbox in provider.mailboxes()]
    return UnknownMailboxError(
        f"{address} is not among the configured mailboxes{did_you_mean(address, known, what='mailboxes')}."
    )


@contextmanager
def _stopping_after(minutes: float, stop: threading.Event) -> Iterator[None]:
    """Set an event after some minutes within the block."""
    alarm = threading.Timer(60 * minutes, stop.set)
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


def _with_one_provider(settings: Settings, provider: str) -> Settings:
    """Return the settings without the other provider, so that its errors don't matter."""
    others = {"gmail": GmailSection(), "microsoft365": Microsoft365Section()}
    del others[provider]
    return settings.model_copy(update=others)
