"""A view of the stored messages of one mailbox, for its connector."""

import datetime as dt
from collections.abc import Collection

import polars as pl

from mailsignals.store.messages.store import Store


class StoredMailbox:
    """The stored messages of one mailbox of one provider, safe to use from any thread."""

    def __init__(self, store: Store, provider: str, mailbox: str, *, now: dt.datetime) -> None:
        self._store = store
        self._key = (provider, mailbox)
        self._now = now
        self._careful = True

    @property
    def careful(self) -> bool:
        """Return whether the last run died here, until this run has stored a page."""
        self._careful = self._careful and self._store.mailbox_status.careful(*self._key)
        return self._careful

    def known(self, provider_ids: Collection[str]) -> set[str]:
        """Return those of the ids that are stored or were skipped."""
        return self._store.known(*self._key, provider_ids)

    def holds(self, provider_ids: Collection[str]) -> set[str]:
        """Return those of the ids that are stored."""
        return self._store.holds(*self._key, provider_ids)

    def stored(self) -> pl.DataFrame:
        """Return ``provider_id`` and ``labels`` of every stored message, in no particular order."""
        return self._store.labels(*self._key)

    def due(self) -> tuple[str, ...]:
        """Return the skipped ids that are due to be requested again."""
        return self._store.due(*self._key, now=self._now)

    def note(self, provider_id: str) -> bool:
        """Record durably that an item is read next; return False if a run died reading it."""
        return self._store.mailbox_status.note(*self._key, provider_id)
