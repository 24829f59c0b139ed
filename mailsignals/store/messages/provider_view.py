"""What the store has of one mailbox, for the connector that reads it."""

import datetime as dt
from collections.abc import Collection

import polars as pl

from mailsignals.store.messages.store import Store


class StoredMailbox:
    """The messages of one mailbox of one provider; any thread may ask."""

    def __init__(self, store: Store, provider: str, mailbox: str, *, now: dt.datetime) -> None:
        self._store = store
        self._key = (provider, mailbox)
        self._now = now
        self.careful = store.mailbox_status.careful(provider, mailbox)

    def known(self, provider_ids: Collection[str]) -> set[str]:
        """Those of the ids that are stored, or were set aside."""
        return self._store.known(*self._key, provider_ids)

    def holds(self, provider_ids: Collection[str]) -> set[str]:
        """Those of the ids that are stored."""
        return self._store.holds(*self._key, provider_ids)

    def stored(self) -> pl.DataFrame:
        """``provider_id`` and ``labels`` of every stored message, in no order."""
        return self._store.labels(*self._key)

    def due(self) -> tuple[str, ...]:
        """Ids that should be asked for again by now."""
        return self._store.due(*self._key, now=self._now)

    def note(self, provider_id: str) -> bool:
        """Note durably that this is read next; False if a run died of it."""
        return self._store.mailbox_status.note(*self._key, provider_id)
