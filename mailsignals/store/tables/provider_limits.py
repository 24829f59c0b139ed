"""The used and found limits of providers, which hold across runs and programs."""

import json
from collections.abc import Mapping

from connectors.transport.limit_state import LimitMemory, LimitState
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.tables.mailbox_status import Turn

_SECOND = 1_000_000


class ProviderLimitTable:
    """The table of limits in an open store, safe to use from any thread."""

    def __init__(self, catalogue: Catalogue, turn: Turn) -> None:
        self._catalogue = catalogue
        self._turn = turn

    def of(self, provider: str) -> LimitMemory:
        """Return the memory of a provider."""
        return _Memory(self, provider)

    def snapshot(self, provider: str) -> LimitMemory:
        """Return the present memory of a provider, for any thread; it never changes and stores nothing."""
        with self._turn():
            rows = self._catalogue.sql.execute(
                "SELECT project, mailbox, state FROM provider_limit WHERE provider = ?", (provider,)
            )
            return _Snapshot({(project, mailbox): _state(text) for project, mailbox, text in rows})

    def load(self, provider: str, project: str, mailbox: str) -> LimitState | None:
        """Return the stored state; None if there is none, or it can't be read."""
        with self._turn():
            row = self._catalogue.sql.execute(
                "SELECT state FROM provider_limit WHERE (provider, project, mailbox) = (?, ?, ?)",
                (provider, project, mailbox),
            ).fetchone()
        return None if row is None else _state(row[0])

    def save(self, provider: str, project: str, mailbox: str, state: LimitState) -> None:
        """Store the state."""
        document = json.dumps(state.document(), separators=(",", ":"))
        with self._turn(), self._catalogue.transaction(durable=False):
            self._catalogue.sql.execute(
                "INSERT OR REPLACE INTO provider_limit VALUES (?, ?, ?, ?, ?)",
                (provider, project, mailbox, int(state.saved_at * _SECOND), document),
            )


def _state(text: str) -> LimitState | None:
    """The stored state; None if it can't be read."""
    try:
        return LimitState.of(json.loads(text))
    except ValueError:
        return None


class _Memory:
    """The limits of one provider."""

    def __init__(self, table: ProviderLimitTable, provider: str) -> None:
        self._table = table
        self._provider = provider

    def load(self, project: str, mailbox: str) -> LimitState | None:
        """Return the stored state of a mailbox, or of the project if the name is empty."""
        return self._table.load(self._provider, project, mailbox)

    def save(self, project: str, mailbox: str, state: LimitState) -> None:
        """Store the state."""
        self._table.save(self._provider, project, mailbox, state)


class _Snapshot:
    """The limits of one provider as they were."""

    def __init__(self, states: Mapping[tuple[str, str], LimitState | None]) -> None:
        self._states = states

    def load(self, project: str, mailbox: str) -> LimitState | None:
        """Return the state of a mailbox, or of the project if the name is empty."""
        return self._states.get((project, mailbox))

    def save(self, project: str, mailbox: str, state: LimitState) -> None:
        """Store nothing, whatever the state."""
