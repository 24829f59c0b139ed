"""Syncs the mailboxes of a provider in parallel; errors of one don't stop the others."""

import dataclasses
import datetime as dt
import queue
import threading
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from connectors.base import ConnectorError, Page, RetryLaterError, StoppedError
from connectors.provider import Mailbox, Provider
from connectors.unexpected import log_unexpected
from mailsignals.accounts import spellings
from mailsignals.store import Committed, Store
from mailsignals.store.messages.errors import store_errors
from mailsignals.store.messages.provider_view import StoredMailbox
from mailsignals.store.tables.mailbox_status import MailboxStatus, Trouble
from mailsignals.sync.engine import MessageFilter, SyncReport, read_source
from mailsignals.sync.plan import Plan, Step, of_the_forgotten, pause_plan, plan, renamed, trouble

A_DAY = dt.timedelta(days=1)
PARALLEL = 16
"""Number of mailboxes that are read at once: each has its own quota, and most of the time is waiting."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MailboxOutcome:
    """The result of one mailbox in a run: its report, or the reason for not reading it."""

    provider: str
    mailbox: str
    step: Step
    report: SyncReport | None = None
    """The report; None if it wasn't read."""
    trouble: Trouble | None = None
    """The error if it wasn't read completely; None without a report: the run ended before its turn."""
    error: ConnectorError | None = None

    @property
    def complete(self) -> bool:
        """Return whether the mailbox is up to date."""
        return self.report is not None and self.report.complete


class Watcher(Protocol):
    """An observer of a run's progress, called from any thread."""

    def begins(self, provider: str, mailbox: str, step: Step) -> None:
        """Show that a mailbox is being read."""

    def moves(self, provider: str, mailbox: str, page: Page) -> None:
        """Show that a page was stored."""

    def ends(self, outcome: MailboxOutcome) -> None:
        """Show that a mailbox is finished."""


class NoWatcher:
    """An observer of a run over mailboxes or files that does nothing."""

    def begins(self, provider: str, mailbox: str, step: Step | None = None) -> None:
        """Ignore that a mailbox or a file is being read."""

    def moves(self, provider: str, mailbox: str, page: Page) -> None:
        """Ignore that a page was stored."""

    def ends(self, outcome: object) -> None:
        """Ignore that the mailbox or the file is done."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SyncOptions:
    """The options of a run."""

    message_filter: MessageFilter
    now: Callable[[], dt.datetime]
    stop: threading.Event
    only: Collection[str] = ()
    """The addresses of the mailboxes to read; empty: all."""
    patient: bool = False
    """True if failing mailboxes wait for their next try, as in the background service."""
    new_owner: bool = False
    """True if an address with a new owner is read."""


def sync_mailboxes(
    provider: Provider, store: Store, orders: SyncOptions, watcher: Watcher
) -> list[MailboxOutcome]:
    """Sync the mailboxes of a provider, and return the outcome of each.

    Raises:
        ConnectorError: the mailboxes can't be listed.
        UserError: the store can't be written; committed pages stay stored.
    """
    with provider.keep_limits(store.provider_limits.of(provider.name)):
        paused = provider.standing_wait()
        plans = _plans(provider, store, orders) if paused is None else _waits(provider, store, orders, paused)
        return _Run(provider, store, orders, watcher).all(plans)


def _waits(provider: Provider, store: Store, orders: SyncOptions, paused: ConnectorError) -> list[Plan]:
    """The plans while all mailboxes of a provider have to wait: those that were ever tried, without a request.

    Raises:
        ConnectorError: none was tried yet.
    """
    standings = store.mailbox_status.of(provider.name)
    if not standings:
        raise paused
    now = orders.now()
    plans = [
        pause_plan(Mailbox(address=each.mailbox, identity=each.identity), each, error=paused, now=now)
        for each in standings
        if not orders.only or each.mailbox in orders.only
    ]
    for each in plans:
        assert each.trouble is not None
        store.mailbox_status.troubled(provider.name, each.mailbox.name, each.trouble, at=now, tried=False)
    return plans


def _plans(provider: Provider, store: Store, orders: SyncOptions) -> list[Plan]:
    standings = {standing.mailbox: standing for standing in store.mailbox_status.of(provider.name)}
    forgotten = store.erasure.people()
    plans = []
    for mailbox in renamed(provider.mailboxes(), standings.values()):
        if orders.only and not {mailbox.address, mailbox.name}.intersection(orders.only):
            continue
        if forgotten.among(spellings(mailbox.name, mailbox.address)):
            plans.append(of_the_forgotten(mailbox))
            continue
        if orders.new_owner and mailbox.identity:
            store.mailbox_status.new_owner(provider.name, mailbox.name, mailbox.identity)
            standings = {standing.mailbox: standing for standing in store.mailbox_status.of(provider.name)}
        cursor = store.cursor(provider.name, mailbox.name, mailbox.name)
        standing = standings.get(mailbox.name)
        plans.append(plan(mailbox, standing, cursor=cursor, now=orders.now(), patient=orders.patient))
    latest = orders.now() + A_DAY
    return sorted(plans, key=lambda each: _longest_waiting(standings.get(each.mailbox.name), latest))


def _longest_waiting(standing: MailboxStatus | None, latest: dt.datetime) -> dt.datetime:
    """The sort key of mailboxes: the time of the last reading; first those without one up to ``latest``."""
    read_at = None if standing is None else standing.synced_at
    return dt.datetime.min.replace(tzinfo=dt.UTC) if read_at is None or read_at > latest else read_at


class _Run:
    """One run over the mailboxes of a provider."""

    def __init__(self, provider: Provider, store: Store, orders: SyncOptions, watcher: Watcher) -> None:
        self._provider = provider
        self._store = store
        self._orders = orders
        self._watcher = watcher
        self._halted: ConnectorError | None = None
        """An error that affects all mailboxes of the provider."""
        self._broken: BaseException | None = None
        """An error outside of the provider, such as a full disk."""

    def all(self, plans: Sequence[Plan]) -> list[MailboxOutcome]:
        """Carry out the plans in several threads; return the outcomes in the order in which they ended."""
        waiting: queue.SimpleQueue[Plan] = queue.SimpleQueue()
        ended: queue.SimpleQueue[MailboxOutcome | None] = queue.SimpleQueue()
        for each in plans:
            waiting.put(each)
        workers = [
            threading.Thread(target=self._work, args=(waiting, ended), daemon=True)
            for _ in range(min(PARALLEL, len(plans)))
        ]
        for worker in workers:
            worker.start()
        outcomes = list(self._gather(ended, workers=len(workers)))
        if self._broken is not None:
            with store_errors(self._store.derived_folder.parent):
                raise self._broken
        return outcomes

    def _gather(
        self, ended: "queue.SimpleQueue[MailboxOutcome | None]", *, workers: int
    ) -> list[MailboxOutcome]:
        outcomes: list[MailboxOutcome] = []
        while workers:
            try:
                outcome = ended.get(timeout=0.2)  # short, so that Ctrl-C works while waiting
            except queue.Empty:
                continue
            except KeyboardInterrupt:
                if self._orders.stop.is_set():
                    raise
                self._orders.stop.set()
                continue
            if outcome is None:
                workers -= 1
            else:
                outcomes.append(outcome)
        return outcomes

    def _work(
        self, waiting: "queue.SimpleQueue[Plan]", ended: "queue.SimpleQueue[MailboxOutcome | None]"
    ) -> None:
        try:
            while self._broken is None:
                ended.put(self._one(waiting.get_nowait()))
        except queue.Empty:
            pass
        except BaseException as error:  # noqa: BLE001  # it is raised again in the main thread
            self._broken = error
        finally:
            ended.put(None)

    def _one(self, plan: Plan) -> MailboxOutcome:
        """Read one mailbox, unless its plan is not to, or the run must end."""
        outcome = MailboxOutcome(
            provider=self._provider.name, mailbox=plan.mailbox.name, step=plan.step, trouble=plan.trouble
        )
        if self._halted:
            outcome = dataclasses.replace(outcome, error=self._halted, trouble=self._halt(outcome))
        elif plan.step not in {Step.WAIT, Step.REFUSE} and not self._orders.stop.is_set():
            self._watcher.begins(outcome.provider, outcome.mailbox, outcome.step)
            outcome = self._read(plan, outcome)
        self._watcher.ends(outcome)
        return outcome

    def _read(self, plan: Plan, outcome: MailboxOutcome) -> MailboxOutcome:
        standings, key = self._store.mailbox_status, (outcome.provider, outcome.mailbox)
        now = self._orders.now()
        standings.begin(*key, plan.mailbox.identity)
        held = StoredMailbox(self._store, *key, now=now)
        try:
            report = read_source(
                self._provider.connector(plan.mailbox, held=held),
                self._store,
                message_filter=self._orders.message_filter,
                at=self._orders.now,
                on_page=lambda page, committed: self._moved(outcome, page, committed),
                unexpected=lambda error: self._unexpected(outcome.mailbox, error),
            )
        except StoppedError:
            standings.stopped(*key)
            return outcome
        if report.error is None:
            standings.synced(*key, at=self._orders.now())
            return dataclasses.replace(outcome, report=report)
        return self._failed(outcome, report)

    def _moved(self, outcome: MailboxOutcome, page: Page, _: Committed) -> None:
        self._watcher.moves(outcome.provider, outcome.mailbox, page)
        if self._orders.stop.is_set():
            raise StoppedError

    def _unexpected(self, mailbox: str, error: Exception) -> RetryLaterError:
        """Log an error that nobody expected, without its text, and return the error of the mailbox."""
        log_unexpected(__name__, f"a mailbox of {self._provider.name} can't be read", error)
        return RetryLaterError(
            mailbox,
            f"mailsignals failed unexpectedly while reading it ({type(error).__name__}).",
            "The mailbox is tried again, and all others are read. This is a bug in mailsignals: "
            "please report it with the lines of the log.",
            state="unexpected error",
        )

    def _halt(self, outcome: MailboxOutcome) -> Trouble | None:
        """Record that a mailbox has to wait too, if the provider requested a pause of all mailboxes."""
        error = self._halted
        if not isinstance(error, RetryLaterError) or error.after is None or outcome.step is Step.REFUSE:
            return outcome.trouble
        now = self._orders.now()
        found = trouble(error, failures=0, now=now)
        standings = self._store.mailbox_status
        standings.troubled(outcome.provider, outcome.mailbox, found, at=now, tried=False)
        return found

    def _failed(self, outcome: MailboxOutcome, report: SyncReport) -> MailboxOutcome:
        """Record why the mailbox could not be read; an error that affects all mailboxes ends the run."""
        error = report.error
        assert error is not None
        if error.everywhere:
            self._halted = error
        standings = self._store.mailbox_status
        failures = next(s.failures for s in standings.of(outcome.provider) if s.mailbox == outcome.mailbox)
        now = self._orders.now()
        found = trouble(error, failures=failures, now=now)
        standings.troubled(outcome.provider, outcome.mailbox, found, at=now)
        return dataclasses.replace(outcome, report=report, trouble=found, error=error)
