"""Sync the store with the configured mailboxes."""

import dataclasses
import datetime as dt
import os
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import polars as pl

from connectors.base import ConnectorError
from connectors.provider import Provider
from connectors.transport.server_dates import ReportsDates
from mailsignals.accounts.nearest import did_you_mean
from mailsignals.config import Settings
from mailsignals.config.gmail import GmailSection
from mailsignals.config.microsoft365 import Microsoft365Section
from mailsignals.credentials import Runtime, sign_in_person
from mailsignals.errors import UserError
from mailsignals.jobs.job import Context, GaveBackError
from mailsignals.schema import INSTANT
from mailsignals.store import Store
from mailsignals.store.tables.clock_tables import ProviderDate
from mailsignals.sync.filters import message_filter
from mailsignals.sync.mailboxes import MailboxOutcome, NoWatcher, SyncOptions, Watcher
from mailsignals.sync.mailboxes import sync_mailboxes as sync_provider
from mailsignals.sync.providers import providers
from mailsignals.usecases.account_list import note_accounts
from mailsignals.wording.numbers import count_noun, date_and_time
from mailsignals.workspace import Workspace

SLICE_MINUTES = 20.0
"""The longest time that one run of the job keeps the store; the next run continues."""

NO_MAILBOXES = (
    "No mailbox is configured. Set mailboxes or a group under [gmail] or [microsoft365] in config.toml; see "
    "docs/operate/google-workspace.md and docs/operate/microsoft-365.md. "
    "To read mail from files instead: `mailsignals import`."
)

COUNTS = ("added", "changed", "removed", "set_aside")
"""Columns that count messages."""
OUTCOME_SCHEMA = pl.Schema(
    {
        "provider": pl.String(),
        "mailbox": pl.String(),
        "step": pl.String(),
        "complete": pl.Boolean(),
        **{count: pl.Int64() for count in COUNTS},
        "state": pl.String(),
        "problem": pl.String(),
        "remedy": pl.String(),
        "next_try_at": INSTANT,
    }
)
"""One row per mailbox."""


class UnknownMailboxError(UserError):
    """A requested mailbox is not configured."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SyncRun:
    """The result of a sync."""

    outcomes: Sequence[MailboxOutcome]
    """One per mailbox, in the order of completion."""
    failures: Sequence[ConnectorError]
    """One per provider whose mailboxes can't be listed."""
    stopped: bool
    """Whether the sync was interrupted."""

    @property
    def complete(self) -> bool:
        """Return whether every mailbox is up to date."""
        return not self.failures and all(outcome.complete for outcome in self.outcomes)

    @property
    def errors(self) -> list[ConnectorError | None]:
        """Return one error per failure, then one per mailbox; None where it was read, or has to wait."""
        return [*self.failures, *(outcome.error for outcome in self.outcomes)]

    @property
    def changed_mailboxes(self) -> frozenset[str]:
        """Return the addresses of the mailboxes with new or changed mail."""
        return frozenset(
            outcome.mailbox
            for outcome in self.outcomes
            if outcome.report and (outcome.report.added or outcome.report.changed)
        )

    @property
    def summary(self) -> str:
        """Return the sync in one line, such as ``2 of 3 mailboxes up to date, 1,200 new emails``."""
        complete = sum(outcome.complete for outcome in self.outcomes)
        paused = sum(bool(outcome.trouble and outcome.trouble.demanded) for outcome in self.outcomes)
        added = sum(outcome.report.added for outcome in self.outcomes if outcome.report)
        waiting = f", {paused:,} waiting for the provider" if paused else ""
        return (
            f"{complete:,} of {len(self.outcomes):,} mailboxes up to date{waiting}, "
            f"{count_noun(added, 'new email')}"
        )

    @property
    def frame(self) -> pl.DataFrame:
        """Return the outcomes in ``OUTCOME_SCHEMA``, sorted by provider and mailbox."""
        ordered = sorted(self.outcomes, key=lambda each: (each.provider, each.mailbox))
        return pl.DataFrame([_row(outcome) for outcome in ordered], schema=OUTCOME_SCHEMA)


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


def troubles(found: pl.DataFrame, timezone: str) -> list[str]:
    """Return sentences on the problems of mailboxes with their remedies, each once for all its mailboxes.

    Args:
        found: ``mailbox``, ``problem``, ``remedy`` and ``next_try_at``, one row per mailbox.
        timezone: of times in sentences.
    """
    groups = (
        found.filter(pl.col("problem").is_not_null())
        .group_by("problem", "remedy", maintain_order=True)
        .agg(pl.col("mailbox"), pl.col("next_try_at").min())
    )
    return [
        f"{_names(row['mailbox'])}: {row['problem']} {row['remedy']}{_next_try(row['next_try_at'], timezone)}"
        for row in groups.iter_rows(named=True)
    ]


def _read(found: Sequence[Provider], store: Store, options: SyncOptions, watcher: Watcher) -> SyncRun:
    outcomes: list[MailboxOutcome] = []
    failures: list[ConnectorError] = []
    for provider in found:
        try:
            outcomes += sync_provider(provider, store, options, watcher)
        except ConnectorError as error:
            failures.append(error)
        finally:
            _note_date(provider, store)
    return SyncRun(outcomes=outcomes, failures=failures, stopped=options.stop.is_set())


def _note_date(provider: Provider, store: Store) -> None:
    """Store the date that the provider reported last, which shows whether the clock is right."""
    last = provider.dates.last if isinstance(provider, ReportsDates) else None
    if last is not None:
        store.clock.note_date(
            ProviderDate(provider=provider.name, date_at=last.date_at, noted_at=last.noted_at)
        )


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


def _row(outcome: MailboxOutcome) -> dict[str, object]:
    report, trouble = outcome.report, outcome.trouble
    return {
        "provider": outcome.provider,
        "mailbox": outcome.mailbox,
        "step": str(outcome.step),
        "complete": outcome.complete,
        "added": report.added if report else 0,
        "changed": report.changed if report else 0,
        "removed": report.removed if report else 0,
        "set_aside": sum(report.skipped.values()) if report else 0,
        "state": trouble.state if trouble else "stopped" if not outcome.complete else "up to date",
        "problem": trouble.problem if trouble else None,
        "remedy": trouble.remedy if trouble else None,
        "next_try_at": trouble.next_try_at if trouble else None,
    }


def _names(mailboxes: Sequence[str]) -> str:
    more = len(mailboxes) - 3
    return ", ".join(mailboxes[:3]) + (f" and {more:,} more" if more > 0 else "")


def _next_try(at: dt.datetime | None, timezone: str) -> str:
    """Return a sentence with the next automatic attempt; empty if there is none."""
    if at is None or at.year == dt.MAXYEAR:
        return ""
    return f" Next attempt: {date_and_time(at, timezone)}."
