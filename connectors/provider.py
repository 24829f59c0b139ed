"""The contract between a service with many mailboxes and its caller.

provider  a service with one way to sign in; it gives a connector for each mailbox
held      the caller's stored messages of a mailbox, which aren't fetched again
"""

import dataclasses
from collections.abc import Collection, Iterable
from typing import Protocol

import polars as pl

from connectors.base import MESSAGE_SCHEMA, Connector, ConnectorError


class StoredMail(Protocol):
    """The stored mail of one mailbox of one provider; safe to use from any thread."""

    def known(self, provider_ids: Collection[str]) -> set[str]:
        """Return those of the ids that are stored or were skipped."""

    def holds(self, provider_ids: Collection[str]) -> set[str]:
        """Return those of the ids that are stored."""

    def stored(self) -> pl.DataFrame:
        """Return ``provider_id`` and ``labels`` of every stored message, in no particular order."""

    def due(self) -> tuple[str, ...]:
        """Return the ids that were skipped for a temporary reason and are due to be requested again."""

    @property
    def careful(self) -> bool:
        """Return whether the last run died while it read this mailbox, and this run hasn't stored a page yet.

        If so, items are read one at a time, and each is noted first.
        """

    def note(self, provider_id: str) -> bool:
        """Record durably that this item is read next.

        Returns:
            False if a run died reading it, so that it must be skipped as ``DEADLY``.
        """


class NoStoredMail:
    """The stored mail of a mailbox that was never read: empty."""

    careful = False

    def known(self, provider_ids: Collection[str]) -> set[str]:
        """Return an empty set, because no id is stored or skipped."""
        del provider_ids
        return set()

    def holds(self, provider_ids: Collection[str]) -> set[str]:
        """Return an empty set, because no id is stored."""
        del provider_ids
        return set()

    def stored(self) -> pl.DataFrame:
        """Return an empty frame with ``provider_id`` and ``labels``."""
        return pl.DataFrame(schema={name: MESSAGE_SCHEMA[name] for name in ("provider_id", "labels")})

    def due(self) -> tuple[str, ...]:
        """Return no ids, because none was skipped."""
        return ()

    def note(self, provider_id: str) -> bool:
        """Return True, because every item may be read."""
        del provider_id
        return True


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A mailbox that a provider can read."""

    address: str
    identity: str | None = None
    """The provider's permanent id of its owner, if known, because addresses change."""
    stored_as: str | None = None
    """The address that its messages are stored under, if the address has changed since."""

    @property
    def name(self) -> str:
        """The address that its connector uses as ``mailbox``."""
        return self.stored_as or self.address


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The result of checking a mailbox: the scopes, the number of messages, and an error if it can't be read."""

    mailbox: str
    scopes: tuple[str, ...] = ()
    """The permissions of our credentials, as far as the provider reports them."""
    excess: tuple[str, ...] = ()
    """Those of the scopes that mailsignals doesn't need and shouldn't have."""
    messages: int | None = None
    """The number of messages in the mailbox, if the provider reports it."""
    headers: bool = True
    """False if the mailbox can only be read without internet headers."""
    error: ConnectorError | None = None
    """The reason it can't be read; None if it can."""


class Provider(Protocol):
    """A service with many mailboxes; opens no connection before the first call."""

    @property
    def name(self) -> str:
        """``gmail`` or ``microsoft365``, the ``provider`` of its connectors."""

    def mailboxes(self) -> tuple[Mailbox, ...]:
        """Return the mailboxes to read, each once: the listed ones and the members of the group.

        Raises:
            ConnectorError: the group can't be read.
        """

    def connector(self, mailbox: Mailbox, *, held: StoredMail) -> Connector:
        """Return the connector that reads one mailbox; each connector may run in its own thread."""

    def check(self, mailbox: Mailbox) -> Checked:
        """Check with as few requests as possible whether the mailbox can be read."""

    def close(self) -> None:
        """Close all connections."""


def each_once(addresses: Iterable[str], members: Iterable[Mailbox]) -> tuple[Mailbox, ...]:
    """Return the mailboxes of listed addresses and of a group's members, each once.

    An address that is in both is taken from the group, which has more details.
    """
    found = {address: Mailbox(address=address) for address in addresses}
    return tuple((found | {mailbox.address: mailbox for mailbox in members}).values())
