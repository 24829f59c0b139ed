"""The used and found limits of providers, which hold across runs and programs."""

import json

from connectors.transport.limit_state import LimitMemory, LimitState
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.tables.mailbox_status import Turn

_SECOND = 1_000_000


class ProviderLimitTable:
    """The table of limits in an open store, safe to use from any thread."""

    def __init__(self, catalogue: Catalogue, turn: Turn) -> None:
        self._catalogue = catalogue
        self._turn = turn

    def of(self, provider: str, *, writable: bool = True) -> LimitMemory:
        """Return the memory of a provider; one that is not ``writable`` never changes."""
        return _Memory(self, provider, writable=writable)

    def load(self, provider: str, project: str, mailbox: str) -> LimitState | None:
        """Return the stored state; None if there is none, or it can't be read."""
        with self._turn():
            row = self._catalogue.sql.execute(
                "SELECT state FROM provider_limit WHERE (provider, project, mailbox) = (?, ?, ?)",
                (provider, project, mailbox),
            ).fetchone()
        try:
            return None if row is None else LimitState.of(json.loads(row[0]))
        except ValueError:
            return None

    def save(self, provider: str, project: str, mailbox: str, state: LimitState) -> None:
        """Store the state."""
        document = json.dumps(state.document(), separators=(",", ":"))
        with self._turn(), self._catalogue.transaction(durable=False):
            self._catalogue.sql.execute(
                "INSERT OR REPLACE INTO provider_limit VALUES (?, ?, ?, ?, ?)",
                (provider, project, mailbox, int(state.saved_at * _SECOND), document),
            )


class _Memory:
    """The limits of one provider."""

    def __init__(self, table: ProviderLimitTable, provider: str, *, writable: bool) -> None:
        self._table = table
        self._provider = provider
        self._writable = writable

    def load(self, project: str, mailbox: str) -> LimitState | None:
        """Return the stored state of a mailbox, or of the project if the name is empty."""
        return self._table.load(self._provider, project, mailbox)

    def save(self, project: str, mailbox: str, state: LimitState) -> None:
        """Store the state, unless the memory is not writable."""
        if self._writable:
            self._table.save(self._provider, project, mailbox, state)
