"""Bring the store up to date with the mailboxes of the configuration."""

import dataclasses
import datetime as dt
import os
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import polars as pl

from connectors.base import ConnectorError
from connectors.provider import Provider
from mailsignals.accounts.nearest import did_you_mean
from mailsignals.config import Settings
from mailsignals.config.gmail import GmailSection
from mailsignals.config.microsoft365 import Microsoft365Section
from mailsignals.credentials import Runtime, sign_in_person
from mailsignals.errors import UserError
from mailsignals.jobs.job import Context, GaveBackError
from mailsignals.schema import INSTANT
from mailsignals.store import Store
from mailsignals.sync.filters import message_filter
from mailsignals.sync.mailboxes import MailboxOutcome, NoWatcher, SyncOptions, Watcher
from mailsignals.sync.mailboxes import sync_mailboxes as sync_provider
from mailsignals.sync.providers import providers
from mailsignals.usecases.account_list import note_accounts
from mailsignals.wording.numbers import date_and_time
from mailsignals.workspace import Workspace

SLICE_MINUTES = 20.0
"""How long one run of the job may keep the store: after that others get their turn, and it goes on."""

NO_MAILBOXES = (
    "No mailbox is configured. Name some under mailboxes in [gmail] or [microsoft365] of config.toml, or a group; "
    "docs/operate/google-workspace.md and docs/operate/microsoft-365.md lead through it. "
    "`mailsignals import` reads mail from files instead."
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
    """A mailbox that somebody asked for is not among the configured ones."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SyncRun:
    """The result of one run over the mailboxes."""

    outcomes: Sequence[MailboxOutcome]
    """One per mailbox, in the order in which they ended."""
    failures: Sequence[ConnectorError]
    """One per provider whose mailboxes could not even be listed."""
    stopped: bool
    """Whether the run was asked to stop."""

    @property
    def complete(self) -> bool:
        """Return whether every mailbox is up to date."""
        return not self.failures and all(outcome.complete for outcome in self.outcomes)

    @property
    def errors(self) -> list[ConnectorError | None]:
        """One per failure, then one per mailbox: None where it was read, or has to wait."""
        return [*self.failures, *(outcome.error for outcome in self.outcomes)]

    @property
    def changed_mailboxes(self) -> frozenset[str]:
        """The addresses of the mailboxes that brought new or changed mail."""
        return frozenset(
            outcome.mailbox
            for outcome in self.outcomes
            if outcome.report and (outcome.report.added or outcome.report.changed)
        )

    @property
    def summary(self) -> str:
        """The run in one line, such as ``2 of 3 mailboxes up to date, 1,200 new messages``."""
        complete = sum(outcome.complete for outcome in self.outcomes)
        added = sum(outcome.report.added for outcome in self.outcomes if outcome.report)
        return f"{complete:,} of {len(self.outcomes):,} mailboxes up to date, {added:,} new messages"

    @property
    def frame(self) -> pl.DataFrame:
        """The outcomes in ``OUTCOME_SCHEMA``, by provider and mailbox."""
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
    """Read what is new in every mailbox, compact the store, and note the run and what the account list says.

    Args:
        workspace: the company.
        runtime: the clock, the secrets, and how to stop.
        watcher: is told how the run goes.
        only: the addresses of the mailboxes to read; empty: all.
        new_owner: whether an address that now belongs to somebody else is read all the same.

    Raises:
        UnknownMailboxError: none of the mailboxes in ``only`` is configured; then nothing was read.
        UserError: no mailbox is configured, a secret is missing, or the store cannot be written; what was committed
            before stands.
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
    """Read what is new in the mailboxes of one provider, for some minutes at most, and return the run's summary.

    Mailboxes in trouble wait for their time.

    Raises:
        GaveBackError: the minutes are over, or the job was asked to stop; the next run goes on.
        ConnectorError: the mailboxes cannot even be listed.
        StoreBusyError: another program writes for minutes.
        StoppedError: ``context.stop`` was set before anything was read.
        UserError: a secret is missing, or the store cannot be written.
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
    """Yield the providers with mailboxes to read, and close them at the end.

    Args:
        settings: the configuration.
        runtime: the clock, the secrets, how to stop, and how to tell somebody what a sign-in asks for.
        sign_in: whether a person who has not signed in yet is asked to.

    Raises:
        UserError: a secret is not where the configuration says.
    """
    with ExitStack() as stack:
        if sign_in:
            sign_in_person(settings, runtime)
        found = providers(settings, runtime)
        for each in found:
            stack.callback(each.close)
        yield found


def troubles(found: pl.DataFrame, timezone: str) -> list[str]:
    """Return the problems of mailboxes with their remedies, in sentences, each once for all its mailboxes.

    Args:
        found: ``mailbox``, ``problem``, ``remedy`` and ``next_try_at``, one row per mailbox.
        timezone: of instants in sentences.
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
    return SyncRun(outcomes=outcomes, failures=failures, stopped=options.stop.is_set())


def _unknown(address: str, found: Sequence[Provider]) -> UnknownMailboxError:
    known = [mailbox.address for provider in found for mailbox in provider.mailboxes()]
    return UnknownMailboxError(
        f"{address} is not among the configured mailboxes{did_you_mean(address, known, what='mailboxes')}."
    )


@contextmanager
def _stopping_after(minutes: float, stop: threading.Event) -> Iterator[None]:
    """Set an event once some minutes have passed within the block."""
    alarm = threading.Timer(60 * minutes, stop.set)
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


def _with_one_provider(settings: Settings, provider: str) -> Settings:
    """Return the settings without the other provider, so that its mistakes do not matter."""
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
    """Return when the service tries again by itself; the end of time is never."""
    if at is None or at.year == dt.MAXYEAR:
        return ""
    return f" The next try is due at {date_and_time(at, timezone)}."
