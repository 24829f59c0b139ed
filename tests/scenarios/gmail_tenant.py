"""A company on the test server's Gmail, synced as ``mailsignals sync`` does it."""

import dataclasses
import datetime as dt
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from connectors.gmail import STANDARD, Gmail, GmailOptions, ServiceAccount, SignIn
from connectors.gmail.access import Timeouts
from connectors.mail import Own
from mailsignals import clock as clock_of_the_system
from mailsignals.store import Store
from mailsignals.sync.mailboxes import MailboxOutcome, SyncOptions, sync_mailboxes
from tests.scenarios.watcher import Silent
from tests.support.gmail.clock import ManualClock
from tests.support.gmail.mailbox import Mailbox
from tests.support.gmail.server import GmailServer
from tests.support.loopback import Fault
from tests.support.waiting import PATIENCE_SECONDS

ANA = "ana@us.test"
LIFTED = dataclasses.replace(
    STANDARD, units_per_user_minute=10**9, units_per_project_minute=10**9, units_per_day=None
)
PATIENT = Timeouts(read_seconds=PATIENCE_SECONDS, total_seconds=PATIENCE_SECONDS)
HURRIED = Timeouts(read_seconds=2.0, total_seconds=4.0)
"""For servers that hang: an answer that comes at all should not be missed by it."""


class GmailTenant:
    """One Workspace, one store, and a clock that moves only when somebody waits."""

    def __init__(self, server: GmailServer, clock: ManualClock, folder: Path) -> None:
        self.server = server
        self.clock = clock
        self.folder = folder
        self.stop = threading.Event()
        # The vendor's client asks the system for the time when it signs in, and so must who checks the signature.
        server.issuer.now = clock_of_the_system.now
        self.options: dict[str, Any] = {}
        """What differs from the usual ``GmailOptions``."""
        self.addresses: tuple[str, ...] = (ANA,)
        self.sign_in: SignIn = ServiceAccount(key=server.issuer.service_account(server.root))
        self.exempt: set[str] = set()
        """Ids that are not stored although the mailbox holds them, which the scenario itself looks at."""
        server.mailbox(ANA)

    @property
    def box(self) -> Mailbox:
        """Ana's mailbox."""
        return self.server.mailbox(ANA)

    def fault(self, *faults: Fault) -> None:
        """From now on this goes wrong."""
        self.server.faults.extend(faults)

    def provider(self) -> Gmail:
        """What a run signs in with."""
        options = GmailOptions(
            **{
                "mailboxes": self.addresses,
                "group": None,
                "api_root": self.server.root,
                "directory_root": self.server.root,
                "quota": LIFTED,
                "horizon": None,
                "own": Own(lambda address: address.endswith("@us.test")),
                "subjects": True,
                "timeouts": PATIENT,
                **self.options,
            }
        )
        return Gmail(
            options, self.sign_in, now=self.clock.now, pause=self.clock.pause, clock=self.clock.monotonic
        )

    def sync(self, **how: object) -> MailboxOutcome:
        """One run; what came of Ana's mailbox."""
        return self.sync_all(**how)[ANA]

    def sync_all(self, **how: object) -> dict[str, MailboxOutcome]:
        """One run; what came of each mailbox."""
        orders = SyncOptions(message_filter=lambda rows: rows, now=self.clock.now, stop=self.stop)
        with Store.open(self.folder, mode="write") as store:
            outcomes = sync_mailboxes(self.provider(), store, dataclasses.replace(orders, **how), Silent())  # type: ignore[arg-type]  # a scenario's words
        return {outcome.mailbox: outcome for outcome in outcomes}

    def done(self, **how: object) -> MailboxOutcome:
        """One run that comes to its end."""
        outcome = self.sync(**how)
        assert outcome.complete, outcome.error
        return outcome

    def stored(self) -> pl.DataFrame:
        """The stored messages of all mailboxes, in the order of their ids."""
        with Store.open(self.folder, mode="read") as store:
            return store.messages().collect().sort("mailbox", "provider_id")

    def rows(self, mailbox: str = ANA) -> list[dict[str, Any]]:
        """The stored messages of a mailbox."""
        return self.stored().filter(mailbox=mailbox).to_dicts()

    def ids(self, mailbox: str = ANA) -> set[str]:
        """Their ids."""
        return {row["provider_id"] for row in self.rows(mailbox)}

    def skipped(self) -> dict[str, str]:
        """What was set aside, and why."""
        with Store.open(self.folder, mode="read") as store:
            return dict(store.skipped().select("place", "reason").iter_rows())

    def requests(self, method: str) -> int:
        """How often a method was asked for so far, in batches as well."""
        return self.server.counts.requests[method]

    def wait(self, *, days: float) -> None:
        """Let time pass."""
        self.clock.pause(days * 86_400)

    def assert_true(self, addresses: Sequence[str] = (ANA,)) -> None:
        """What is stored is what the mailbox holds: every message once, with its own fields, and nothing else."""
        assert self.server.errors == []
        assert self.server.violations == []
        stored = self.stored().select(
            "mailbox", "provider_id", "provider_thread_id", "labels", "sent_at", "message_id"
        )
        for address in addresses:
            rows = stored.filter(mailbox=address).to_dicts()
            found = {row["provider_id"]: row for row in rows}
            truth = {name: one for name, one in self.server.truth(address).items() if name not in self.exempt}
            assert len(found) == len(rows)
            assert found.keys() == truth.keys()
            for name, message in truth.items():
                assert found[name]["provider_thread_id"] == message.thread_id
                assert sorted(found[name]["labels"]) == sorted(message.labels)
                taken_at = dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(
                    milliseconds=message.internal_date
                )
                if 1990 <= taken_at.year < 2100:
                    assert found[name]["sent_at"] == taken_at
                [*_, written] = ["", *message.values("message-id")][:2]
                assert (found[name]["message_id"] or "") == "".join(written.split()).strip("<>")

    def assert_settled(self, addresses: Sequence[str] = (ANA,)) -> None:
        """A further run changes nothing, and asks for no message."""
        before = self.stored().filter(pl.col("mailbox").is_in(addresses))
        gets = self.requests("users.messages.get")
        for outcome in self.sync_all().values():
            if outcome.mailbox in addresses:
                assert outcome.complete, outcome.error
                assert outcome.report is not None
                assert (outcome.report.added, outcome.report.changed, outcome.report.removed) == (0, 0, 0)
        assert_frame_equal(self.stored().filter(pl.col("mailbox").is_in(addresses)), before)
        assert self.requests("users.messages.get") == gets
