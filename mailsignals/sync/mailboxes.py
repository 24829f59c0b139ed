"""Bring the store up to date with a provider: several mailboxes at once, and none of them stops another."""

import dataclasses
import datetime as dt
import queue
import threading
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from connectors.base import ConnectorError, Page, StoppedError
from connectors.provider import Provider
from mailsignals.accounts import spellings
from mailsignals.store import Committed, Store
from mailsignals.store.messages.provider_view import StoredMailbox
from mailsignals.store.tables.mailbox_status import MailboxStatus, Trouble
from mailsignals.sync.engine import MessageFilter, SyncReport, read_source
from mailsignals.sync.plan import Plan, Step, of_the_forgotten, plan, renamed, trouble

PARALLEL = 16
"""Mailboxes that are read at once: their quotas are their own, and most of the time is waiting."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MailboxOutcome:
    """The result of one mailbox in a run: its report, or why it was not read."""

    provider: str
    mailbox: str
    step: Step
    report: SyncReport | None = None
    """None: it was not read."""
    trouble: Trouble | None = None
    """Why it was not read, or not to its end; None without a report: the run stopped before its turn."""
    error: ConnectorError | None = None

    @property
    def complete(self) -> bool:
        """Return whether the mailbox is up to date."""
        return self.report is not None and self.report.complete


class Watcher(Protocol):
    """An observer of a run's progress; any thread may call it."""

    def begins(self, provider: str, mailbox: str, step: Step) -> None:
        """A mailbox is being read."""

    def moves(self, provider: str, mailbox: str, page: Page) -> None:
        """A page of it was stored."""

    def ends(self, outcome: MailboxOutcome) -> None:
        """It is done."""


class NoWatcher:
    """Watches a run over mailboxes or files without doing anything."""

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
    """Whether every mailbox in trouble waits for its time, as in a service."""
    new_owner: bool = False
    """Whether an address that now belongs to somebody else is read all the same."""


def sync_mailboxes(
    provider: Provider, store: Store, orders: SyncOptions, watcher: Watcher
) -> list[MailboxOutcome]:
    """Bring the store up to date with every mailbox of the provider.

    Raises:
        ConnectorError: the mailboxes cannot even be listed.
        UserError: the store cannot be written; what was committed stands.
    """
    plans = _plans(provider, store, orders)
    run = _Run(provider, store, orders, watcher)
    return run.all(plans)


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
    return sorted(plans, key=lambda each: _longest_waiting(standings.get(each.mailbox.name)))


def _longest_waiting(standing: MailboxStatus | None) -> dt.datetime:
    """Who was read longest ago comes first, and who never was."""
    never = dt.datetime.min.replace(tzinfo=dt.UTC)
    return never if standing is None or standing.synced_at is None else standing.synced_at


class _Run:
    """One run over the mailboxes of a provider."""

    def __init__(self, provider: Provider, store: Store, orders: SyncOptions, watcher: Watcher) -> None:
        self._provider = provider
        self._store = store
        self._orders = orders
        self._watcher = watcher
        self._halted: ConnectorError | None = None
        """What keeps every mailbox of the provider from being read."""
        self._broken: BaseException | None = None
        """What went wrong with ourselves: a full disk, or a bug."""

    def all(self, plans: Sequence[Plan]) -> list[MailboxOutcome]:
        """Work through the plans by several threads; give what came of each, in the order they ended."""
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
            raise self._broken
        return outcomes

    def _gather(
        self, ended: "queue.SimpleQueue[MailboxOutcome | None]", *, workers: int
    ) -> list[MailboxOutcome]:
        outcomes: list[MailboxOutcome] = []
        while workers:
            try:
                outcome = ended.get(timeout=0.2)  # short, so that Ctrl-C is heard while nothing ends
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
        except BaseException as error:  # noqa: BLE001  # it is raised again where the run was started
            self._broken = error
        finally:
            ended.put(None)

    def _one(self, plan: Plan) -> MailboxOutcome:
        """Read one mailbox, unless its plan says not to or the run is to end."""
        outcome = MailboxOutcome(
            provider=self._provider.name, mailbox=plan.mailbox.name, step=plan.step, trouble=plan.trouble
        )
        if self._halted:
            outcome = dataclasses.replace(outcome, error=self._halted)
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

    def _failed(self, outcome: MailboxOutcome, report: SyncReport) -> MailboxOutcome:
        """Note why the mailbox could not be read; what concerns all mailboxes ends the run."""
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
