import contextlib
import dataclasses
import datetime as dt
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from connectors.base import (
    Connector,
    ConnectorError,
    Cursor,
    GiveUpError,
    Page,
    RetryLaterError,
    SignInError,
    StoppedError,
)
from connectors.provider import Checked, Mailbox, StoredMail
from connectors.transport.limit_state import LimitMemory
from mailsignals.errors import UserError
from mailsignals.store import Store
from mailsignals.store.upkeep.pseudonyms import ErasedPerson
from mailsignals.sync.mailboxes import MailboxOutcome, SyncOptions, sync_mailboxes
from mailsignals.sync.plan import Step
from mailsignals.sync.pseudonyms import erase, in_threads_with
from tests.mailsignals.store.pages import AT, a_message, a_page

Script = Sequence[Page | Exception | Callable[[], None]]


@dataclasses.dataclass
class Scripted:
    """A mailbox that yields pages, raises errors and calls functions as it is told to."""

    mailbox: str
    script: Script
    provider: str = "memory"

    @property
    def source(self) -> str:
        """The mailbox itself."""
        return self.mailbox

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """What follows the page that had the cursor."""
        for step in self.script[int(cursor or 0) :]:
            if isinstance(step, Exception):
                raise step
            if callable(step):
                step()
            else:
                yield step


@dataclasses.dataclass
class Tenant:
    """A provider of scripted mailboxes."""

    scripts: dict[str, Script]
    owners: dict[str, str] = dataclasses.field(default_factory=dict)
    name: str = "memory"
    held: dict[str, StoredMail] = dataclasses.field(default_factory=dict)
    paused: ConnectorError | None = None

    def mailboxes(self) -> tuple[Mailbox, ...]:
        """All of them."""
        return tuple(Mailbox(address=name, identity=self.owners.get(name)) for name in self.scripts)

    def connector(self, mailbox: Mailbox, *, held: StoredMail) -> Connector:
        """What plays the script of a mailbox."""
        self.held[mailbox.name] = held
        return Scripted(mailbox.name, self.scripts[mailbox.address])

    @contextlib.contextmanager
    def keep_limits(self, memory: LimitMemory) -> Iterator[None]:
        """It has no limits."""
        del memory
        yield

    def standing_wait(self) -> ConnectorError | None:
        """What holds for all mailboxes."""
        return self.paused

    def check(self, mailbox: Mailbox) -> Checked:
        """It can be read."""
        return Checked(mailbox=mailbox.address)

    def close(self) -> None:
        """Nothing is open."""


@dataclasses.dataclass
class Watched:
    """Keeps what it was told."""

    told: list[tuple[str, str]] = dataclasses.field(default_factory=list)

    def begins(self, provider: str, mailbox: str, step: Step) -> None:
        """A mailbox is being read."""
        self.told.append((mailbox, f"{provider} {step}"))

    def moves(self, provider: str, mailbox: str, page: Page) -> None:
        """A page of it was stored."""
        self.told.append((mailbox, f"{provider} page {page.cursor}"))

    def ends(self, outcome: MailboxOutcome) -> None:
        """It is done."""
        self.told.append((outcome.mailbox, "ends"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(tmp_path / "store", mode="write") as store:
        yield store


def mail(mailbox: str, *ids: str, cursor: str = "1") -> Page:
    """A page of a mailbox."""
    return a_page(*(a_message(name, mailbox=mailbox) for name in ids), cursor=cursor)


def run(
    tenant: Tenant, store: Store, *, watched: Watched | None = None, at: dt.datetime = AT, **how: object
) -> dict[str, MailboxOutcome]:
    """What came of each mailbox."""
    orders = SyncOptions(message_filter=lambda messages: messages, now=lambda: at, stop=threading.Event())
    orders = dataclasses.replace(orders, **how)  # type: ignore[arg-type]  # a test's words
    return {
        outcome.mailbox: outcome for outcome in sync_mailboxes(tenant, store, orders, watched or Watched())
    }


def stored(store: Store) -> list[tuple[str, str]]:
    """Mailbox and id of every message."""
    return sorted(store.messages().select("mailbox", "provider_id").collect().iter_rows())


def test_a_mailbox_that_fails_stops_no_other(store: Store) -> None:
    """The others are read to their end; the one is parked with its reason, and what came of it is kept."""
    error = GiveUpError("b@x.test", "it is suspended.", "Restore it.", state="suspended")
    tenant = Tenant({f"{name}@x.test": [mail(f"{name}@x.test", "1")] for name in "acdef"})
    tenant.scripts["b@x.test"] = [mail("b@x.test", "1"), error]
    outcomes = run(tenant, store)
    assert {name for name, outcome in outcomes.items() if not outcome.complete} == {"b@x.test"}
    failed = outcomes["b@x.test"]
    assert (failed.error, failed.report and failed.report.added) == (error, 1)
    assert len(stored(store)) == 6
    (state,) = store.mailbox_status.frame().filter(mailbox="b@x.test").rows(named=True)
    assert (state["state"], state["remedy"], state["synced_at"]) == ("suspended", "Restore it.", None)


def test_a_parked_mailbox_recovers(store: Store) -> None:
    """Once it can be read again it is up to date, and its trouble is forgotten."""
    error = GiveUpError("a@x.test", "it is suspended.", "Restore it.", state="suspended")
    tenant = Tenant({"a@x.test": [error]})
    run(tenant, store)
    assert run(tenant, store, patient=True)["a@x.test"].step is Step.WAIT
    tenant.scripts["a@x.test"] = [mail("a@x.test", "1")]
    assert run(tenant, store)["a@x.test"].complete
    assert store.mailbox_status.frame()["state"].to_list() == ["ready"]
    assert run(tenant, store, patient=True)["a@x.test"].step is Step.INCREMENTAL


def test_what_concerns_every_mailbox_ends_the_run(store: Store) -> None:
    """When no mailbox can be read the others are not even tried, and each says why."""
    error = SignInError("tenant", "the secret has expired.", "Make a new one.", everywhere=True)
    tenant = Tenant({f"{number:02}@x.test": [error] for number in range(40)})
    watched = Watched()
    outcomes = run(tenant, store, watched=watched)
    assert all(outcome.error is error for outcome in outcomes.values())
    tried = [mailbox for mailbox, what in watched.told if what == "memory backfill"]
    assert 1 <= len(tried) <= 16


def test_a_provider_s_wish_is_respected(store: Store) -> None:
    """A mailbox that is to be left alone for an hour is left alone for an hour, by whomever the run was started."""
    hour = dt.timedelta(hours=1)
    tenant = Tenant({"a@x.test": [RetryLaterError("a@x.test", "too much.", "Wait.", after=hour)]})
    assert run(tenant, store)["a@x.test"].step is Step.BACKFILL
    tenant.scripts["a@x.test"] = [mail("a@x.test", "1")]
    waiting = run(tenant, store, at=AT + dt.timedelta(minutes=59))["a@x.test"]
    assert (waiting.step, waiting.complete, waiting.report) == (Step.WAIT, False, None)
    assert run(tenant, store, at=AT + hour)["a@x.test"].complete


def test_only_the_named_mailboxes_are_read(store: Store) -> None:
    """A run for some mailboxes leaves the others alone."""
    tenant = Tenant({f"{name}@x.test": [mail(f"{name}@x.test", "1")] for name in "abc"})
    assert set(run(tenant, store, only=("b@x.test",))) == {"b@x.test"}


def test_a_run_that_is_stopped_keeps_what_it_has(store: Store) -> None:
    """After the page at which the stop is noticed nothing more is read, and the next run goes on there."""
    stop = threading.Event()
    tenant = Tenant(
        {
            "a@x.test": [
                mail("a@x.test", "1"),
                stop.set,
                mail("a@x.test", "2", cursor="3"),
                mail("a@x.test", "3", cursor="4"),
            ]
        }
    )
    outcome = run(tenant, store, stop=stop)["a@x.test"]
    assert (outcome.complete, outcome.report, outcome.trouble) == (False, None, None)
    assert stored(store) == [("a@x.test", "1"), ("a@x.test", "2")]
    assert run(tenant, store)["a@x.test"].complete
    assert len(stored(store)) == 3
    assert not tenant.held["a@x.test"].careful


def test_a_wait_that_is_stopped_is_no_trouble(store: Store) -> None:
    """A connector that is stopped while it waits leaves its mailbox as it was."""
    outcome = run(Tenant({"a@x.test": [StoppedError()]}), store)["a@x.test"]
    assert (outcome.complete, outcome.trouble) == (False, None)
    assert store.mailbox_status.frame()["state"].to_list() == ["ready"]


def test_our_own_failure_is_raised(store: Store) -> None:
    """A full disk or a bug is no trouble of the mailbox: it ends the run, and the caller hears of it."""
    with pytest.raises(UserError, match="disk is full"):
        run(Tenant({"a@x.test": [UserError("the disk is full")], "b@x.test": []}), store)


def test_an_address_with_another_owner_is_refused(store: Store) -> None:
    """Mail of a new owner is not put to that of the old one, until somebody says that this is right."""
    tenant = Tenant({"a@x.test": [mail("a@x.test", "1")]}, owners={"a@x.test": "old"})
    assert run(tenant, store)["a@x.test"].complete
    tenant.owners["a@x.test"] = "new"
    refused = run(tenant, store)["a@x.test"]
    assert (refused.step, refused.trouble and refused.trouble.state) == (Step.REFUSE, "another owner")
    assert run(tenant, store, only=("a@x.test",), new_owner=True)["a@x.test"].complete
    assert run(tenant, store)["a@x.test"].complete


def test_a_renamed_mailbox_keeps_its_mail(store: Store) -> None:
    """The same owner under a new address is the same mailbox."""
    tenant = Tenant({"a@x.test": [mail("a@x.test", "1")]}, owners={"a@x.test": "id"})
    run(tenant, store)
    tenant = Tenant(
        {"z@x.test": [mail("a@x.test", "1"), mail("a@x.test", "2", cursor="2")]}, owners={"z@x.test": "id"}
    )
    assert set(run(tenant, store)) == {"a@x.test"}
    assert stored(store) == [("a@x.test", "1"), ("a@x.test", "2")]


def test_who_was_read_longest_ago_comes_first(store: Store) -> None:
    """A mailbox that was never read comes first, then the stalest."""
    tenant = Tenant({f"{name}@x.test": [mail(f"{name}@x.test", "1")] for name in "ab"})
    run(tenant, store, only=("b@x.test",), at=AT)
    run(tenant, store, only=("a@x.test",), at=AT + dt.timedelta(hours=1))
    tenant.scripts["new@x.test"] = []
    order: list[str] = []
    for name, script in tenant.scripts.items():
        tenant.scripts[name] = [*script, lambda name=name: order.append(name)]  # type: ignore[misc]
    watched = Watched()
    run(tenant, store, watched=watched)
    begun = [mailbox for mailbox, what in watched.told if what in {"memory backfill", "memory incremental"}]
    assert begun == ["new@x.test", "b@x.test", "a@x.test"]


def test_the_mailbox_of_somebody_forgotten_is_not_read(store: Store) -> None:
    """Whoever configured it is told; the others are read, and nothing of the store names the person."""
    tenant = Tenant({f"{name}@x.test": [mail(f"{name}@x.test", "1")] for name in "ab"})
    run(tenant, store)
    forgotten = ErasedPerson.new("b@x.test")
    erase(store, forgotten, in_threads_with(store.messages(), forgotten), urgency_words=(), at=AT)
    outcomes = run(tenant, store, patient=True)
    assert outcomes["a@x.test"].complete
    refused = outcomes["b@x.test"]
    assert (refused.step, refused.trouble and refused.trouble.state) == (Step.REFUSE, "forgotten")
    assert "b@x.test" not in set(store.mailbox_status.frame()["mailbox"])
