"""The table of deliveries for a sender, open at the same time as a writer of messages."""

import contextlib
import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Self

from mailsignals.store.messages import lock
from mailsignals.store.messages.catalogue import FILE, Catalogue
from mailsignals.store.messages.errors import missing_store, store_errors
from mailsignals.store.tables.alerts import AlertTable
from mailsignals.store.tables.deliveries import Judge, Key, Record
from mailsignals.store.tables.restores import last_restore

CRASHED = (
    "The program ended during sending, so it may or may not have arrived. Ask the recipient, and use "
    "--resend if it did not."
)


class Ledger:
    """Claims deliveries and records their outcomes, each durable before the call returns.

    One program at a time may send. It needs no writer's lock: a sync doesn't change its tables, and SQLite serialises
    the short transactions.
    """

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        """Take over an open catalogue; use ``open`` instead."""
        self._folder = folder
        self._catalogue = catalogue
        self._alerts = AlertTable(catalogue.sql)

    @classmethod
    @contextlib.contextmanager
    def open(cls, folder: Path, *, at: dt.datetime) -> Iterator[Self]:
        """Open the ledger of the store in a folder; claims of an earlier sender without an outcome become uncertain.

        Raises:
            UserError: the folder has no store, an older or newer version wrote it, or another process is sending.
        """
        with store_errors(folder), contextlib.ExitStack() as held:
            if not (folder / FILE).is_file():
                raise missing_store(folder)
            held.enter_context(lock.lock_for_sending(folder))
            catalogue = held.enter_context(contextlib.closing(Catalogue.for_notes(folder)))
            ledger = cls(folder, catalogue)
            with ledger._change():
                catalogue.deliveries.orphaned(CRASHED, at=at)
            ready = held.pop_all()
        with ready:
            yield ledger

    @contextlib.contextmanager
    def _change(self) -> Iterator[None]:
        with store_errors(self._folder), self._catalogue.transaction(durable=True):
            yield

    def restored_at(self) -> dt.datetime | None:
        """Return when the store was last restored from a backup; None if it never was."""
        with store_errors(self._folder):
            return last_restore(self._catalogue.sql)

    def find(self, key: Key) -> Record | None:
        """Return the state of a delivery; None if it was never tried."""
        with store_errors(self._folder):
            return self._catalogue.deliveries.find(key)

    def claim(
        self, key: Key, *, message_id: str, at: dt.datetime, may: Judge, matters: Collection[str] = ()
    ) -> tuple[int | None, Record | None]:
        """Claim a delivery if it ``may`` be sent in its state.

        The ``matters`` (events) of an alert are recorded in the same transaction.

        Returns:
            The number of this attempt, None if it may not be sent; and the state before.
        """
        with self._change():
            before = self._catalogue.deliveries.find(key)
            if not may(before):
                return None, before
            if matters:
                self._alerts.tell(key, matters, at=at)
            return self._catalogue.deliveries.claim(key, message_id=message_id, at=at), before

    def end(self, key: Key, record: Record, *, at: dt.datetime) -> None:
        """Record the outcome of a claim."""
        with self._change():
            self._catalogue.deliveries.end(key, record, at=at)

    def pass_over(self, key: Key, record: Record, *, message_id: str, at: dt.datetime) -> None:
        """Record the reason for not sending a delivery."""
        with self._change():
            self._catalogue.deliveries.pass_over(key, record, message_id=message_id, at=at)

    def begin_alerts(self, recipients: Collection[str], *, at: dt.datetime) -> None:
        """Record the start of alerts for recipients."""
        with self._change():
            self._alerts.begin(recipients, at=at)

    def know(self, matters: Mapping[str, Collection[str]], *, at: dt.datetime) -> None:
        """Record the events that each recipient knows from elsewhere."""
        with self._change():
            for recipient, known in matters.items():
                self._alerts.know(recipient, known, at=at)
