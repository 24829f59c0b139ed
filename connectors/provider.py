"""The contract between a service with many mailboxes and whoever reads them.

provider  a service with one way to sign in; it gives a connector for each mailbox
held      what the caller has of a mailbox already, which need not be fetched again
"""

import dataclasses
from collections.abc import Collection, Iterable
from typing import Protocol

import polars as pl

from connectors.base import MESSAGE_SCHEMA, Connector, ConnectorError


class StoredMail(Protocol):
    """The caller's stored mail of one mailbox of one provider; any thread may use it."""

    def known(self, provider_ids: Collection[str]) -> set[str]:
        """Those of the ids that are stored, or were set aside."""

    def holds(self, provider_ids: Collection[str]) -> set[str]:
        """Those of the ids that are stored."""

    def stored(self) -> pl.DataFrame:
        """``provider_id`` and ``labels`` of every stored message, in no order."""

    def due(self) -> tuple[str, ...]:
        """Ids that were set aside for a reason that may pass, and should be asked for again now."""

    @property
    def careful(self) -> bool:
        """Return whether the last run died while it read this mailbox.

        If so, items are read one at a time, and each is noted before.
        """

    def note(self, provider_id: str) -> bool:
        """Note durably that this item is read next; False: a run died reading it, so leave it out as ``DEADLY``."""


class NoStoredMail:
    """The caller has nothing of the mailbox yet."""

    careful = False

    def known(self, provider_ids: Collection[str]) -> set[str]:
        """Nothing is known."""
        del provider_ids
        return set()

    def holds(self, provider_ids: Collection[str]) -> set[str]:
        """Nothing is stored."""
        del provider_ids
        return set()

    def stored(self) -> pl.DataFrame:
        """Nothing is stored."""
        return pl.DataFrame(schema={name: MESSAGE_SCHEMA[name] for name in ("provider_id", "labels")})

    def due(self) -> tuple[str, ...]:
        """Nothing was set aside."""
        return ()

    def note(self, provider_id: str) -> bool:
        """Every item may be read."""
        del provider_id
        return True


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A mailbox that a provider can read."""

    address: str
    identity: str | None = None
    """The provider's own, never changing id of its owner, where that is known: addresses change."""
    stored_as: str | None = None
    """The address that its messages are stored under, where it has another one by now."""

    @property
    def name(self) -> str:
        """The address that its connector uses as ``mailbox``."""
        return self.stored_as or self.address


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The result of checking a mailbox: the scopes, the number of messages, and an error if it can't be read."""

    mailbox: str
    scopes: tuple[str, ...] = ()
    """What our credentials allow, as far as the provider says."""
    excess: tuple[str, ...] = ()
    """Those of the scopes that mailsignals does not need and should not have."""
    messages: int | None = None
    """How many messages the mailbox holds, where the provider says."""
    error: ConnectorError | None = None
    """Why it cannot be read; None: it can."""


class Provider(Protocol):
    """A service with many mailboxes; opens nothing before it is asked for something."""

    @property
    def name(self) -> str:
        """``gmail`` or ``microsoft365``; what its connectors call ``provider``."""

    def mailboxes(self) -> tuple[Mailbox, ...]:
        """The mailboxes to read: those that are listed, and the members of the group, each once.

        Raises:
            ConnectorError: the group cannot be read.
        """

    def connector(self, mailbox: Mailbox, *, held: StoredMail) -> Connector:
        """Return the connector that reads one mailbox; each of several connectors may run in its own thread."""

    def check(self, mailbox: Mailbox) -> Checked:
        """Return whether the mailbox can be read, with as few requests as possible."""

    def close(self) -> None:
        """Let go of all connections."""


def each_once(addresses: Iterable[str], members: Iterable[Mailbox]) -> tuple[Mailbox, ...]:
    """Return the mailboxes of listed addresses and of a group's members, each once; the group knows more of its own."""
    found = {address: Mailbox(address=address) for address in addresses}
    return tuple((found | {mailbox.address: mailbox for mailbox in members}).values())
