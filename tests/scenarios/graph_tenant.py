"""A company on the test server's Microsoft 365, synced as ``mailsignals sync`` does it."""

import dataclasses
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from connectors.mail import Own
from connectors.microsoft365 import ClientSecret, Microsoft365, Microsoft365Options, SignIn
from connectors.microsoft365.parse import SENT, read_date
from connectors.transport.http import Limits
from mailsignals.store import Store
from mailsignals.sync.mailboxes import MailboxOutcome, SyncOptions, sync_mailboxes
from tests.scenarios.watcher import Silent
from tests.support.gmail.clock import ManualClock
from tests.support.graph.entra import SECRET
from tests.support.graph.mailbox import Mailbox
from tests.support.graph.server import GraphServer
from tests.support.loopback import Fault
from tests.support.waiting import PATIENCE_SECONDS

ANA = "ana@us.test"
PATIENT = Limits(
    connect_seconds=PATIENCE_SECONDS, read_seconds=PATIENCE_SECONDS, total_seconds=PATIENCE_SECONDS
)
HURRIED = Limits(connect_seconds=PATIENCE_SECONDS, read_seconds=2.0, total_seconds=4.0)
"""For servers that hang: an answer that comes at all should not be missed by it."""
LABELS = ("inbox", "sentitems", "archive", "deleteditems")


class GraphTenant:
    """One tenant, one store, and a clock that moves only when somebody waits."""

    def __init__(self, server: GraphServer, clock: ManualClock, folder: Path) -> None:
        self.server = server
        self.clock = clock
        self.folder = folder
        self.stop = threading.Event()
        self.options: dict[str, Any] = {}
        self.addresses: tuple[str, ...] = (ANA,)
        self.sign_in: SignIn = ClientSecret(SECRET)
        self.exempt: set[str] = set()
        """Ids that are not stored although the mailbox holds them, which the scenario itself looks at."""
        self.settles = True
        """Whether a further run asks for no single message."""
        server.mailbox(ANA)

    @property
    def box(self) -> Mailbox:
        """Ana's mailbox."""
        return self.server.mailbox(ANA)

    def fault(self, *faults: Fault) -> None:
        """From now on this goes wrong."""
        self.server.faults.extend(faults)

    def provider(self) -> Microsoft365:
        """What a run signs in with."""
        usual: dict[str, Any] = {
            "mailboxes": self.addresses,
            "group": None,
            "graph_root": self.server.root,
            "authority": self.server.root,
            "tenant": "tenant",
            "client_id": "client",
            "horizon": None,
            "own": Own(lambda address: address.endswith("@us.test")),
            "subjects": True,
            "timeouts": PATIENT,
        }
        options = Microsoft365Options(**{**usual, **self.options})
        return Microsoft365(
            options, self.sign_in, now=self.clock.now, pause=self.clock.pause, clock=self.clock.monotonic
        )

    def sync(self, **how: object) -> MailboxOutcome:
        """One run; what came of Ana's mailbox."""
        return self.sync_all(**how)[ANA]

    def sync_all(self, **how: object) -> dict[str, MailboxOutcome]:
        """One run; what came of each mailbox."""
        orders = SyncOptions(message_filter=lambda rows: rows, now=self.clock.now, stop=self.stop)
        orders = dataclasses.replace(orders, **how)  # type: ignore[arg-type]  # a scenario's words
        with Store.open(self.folder, mode="write") as store:
            provider = self.provider()
            try:
                outcomes = sync_mailboxes(provider, store, orders, Silent())
            finally:
                provider.close()
        return {outcome.mailbox: outcome for outcome in outcomes}

    def done(self, **how: object) -> MailboxOutcome:
        """One run that comes to its end."""
        outcome = self.sync(**how)
        assert outcome.complete, outcome.error
        return outcome

    def stored(self) -> pl.DataFrame:
        """The stored messages of all mailboxes, in the order of their ids, of which none is there twice."""
        with Store.open(self.folder, mode="read") as store:
            found = store.messages().collect().sort("mailbox", "provider_id")
        assert not found.select("mailbox", "provider_id").is_duplicated().any()
        return found

    def rows(self, mailbox: str = ANA) -> dict[str, dict[str, Any]]:
        """The stored messages of a mailbox by their ids."""
        return {row["provider_id"]: row for row in self.stored().filter(mailbox=mailbox).to_dicts()}

    def skipped(self) -> dict[str, str]:
        """What was set aside, and why."""
        with Store.open(self.folder, mode="read") as store:
            return dict(store.skipped().select("place", "reason").iter_rows())

    def wait(self, *, days: float) -> None:
        """Let time pass."""
        self.clock.pause(days * 86_400)

    def assert_true(self, addresses: Sequence[str] = (ANA,)) -> None:
        """What is stored is what the mailbox holds: every message once, with its own fields, and nothing else."""
        assert self.server.errors == []
        assert self.server.violations == []
        assert self.server.most_at_once <= 4
        stored, bulk = self.stored(), pl.col("provider_id").str.contains("Bulk", literal=True)
        for address in addresses:
            of_box, mailbox = stored.filter(mailbox=address), self.server.mailbox(address)
            found = {row["provider_id"]: row for row in of_box.filter(~bulk).to_dicts()}
            truth = {key: item for key, item in mailbox.truth().items() if key not in self.exempt}
            assert found.keys() == truth.keys()
            assert of_box.height - len(found) == mailbox.count
            for key, item in truth.items():
                row, folder = found[key], mailbox.folders[item.folder].well_known
                assert row["labels"] == ([folder] if folder in LABELS else [])
                assert row["provider_thread_id"] == item.fields["conversationId"]
                dated = item.fields["sentDateTime" if folder == SENT else "receivedDateTime"]
                if dated and item.fields.get("from"):
                    assert row["sent_at"] == read_date(dated)
                assert (
                    row["message_id"] == (item.fields["internetMessageId"] or "<>").strip("<>")
                    or not row["message_id"]
                )
                assert row["subject"] == item.fields["subject"] or self.options.get("subjects") is False

    def assert_settled(self, addresses: Sequence[str] = (ANA,)) -> None:
        """A further run changes nothing, and takes one request a folder at most."""
        before = self.stored().filter(pl.col("mailbox").is_in(addresses))
        requests, gets = self.server.requests.total(), self.server.requests["get"]
        for outcome in self.sync_all().values():
            if outcome.mailbox in addresses:
                assert outcome.complete, outcome.error
                assert outcome.report is not None
                assert (outcome.report.added, outcome.report.changed, outcome.report.removed) == (0, 0, 0)
        assert_frame_equal(self.stored().filter(pl.col("mailbox").is_in(addresses)), before)
        folders = sum(len(self.server.mailbox(address).folders) for address in addresses)
        if self.settles:
            assert self.server.requests["get"] == gets
            assert self.server.requests.total() - requests <= folders
