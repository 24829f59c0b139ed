"""The shared keys of both providers: mailboxes, history, and addresses of servers."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field

from connectors.transport.roots import checked_root
from mailsignals.config.section import MailboxAddress, Section


def _no_repeats(addresses: tuple[str, ...]) -> tuple[str, ...]:
    first: set[str] = set()
    for address in addresses:
        if address in first:
            raise ValueError(f"{address} is listed twice; remove one")
        first.add(address)
    return addresses


def _root(url: str) -> str:
    return checked_root(url, what="the address of a server")


Mailboxes = Annotated[tuple[MailboxAddress, ...], AfterValidator(_no_repeats)]
Root = Annotated[str, AfterValidator(_root)]
HistoryDays = Annotated[int, Field(strict=True, ge=0, le=36_500)]


class ProviderSection(Section):
    """The keys that the sections of both providers share."""

    mailboxes: Mailboxes = ()
    """The addresses of the mailboxes to read."""
    group: str = ""
    """The address of a group, whose members' mailboxes are read as well."""
    history_days: HistoryDays = 0
    """Number of past days whose mail is read; 0: all mail. It can be raised later."""

    @property
    def used(self) -> bool:
        """Return whether any mailbox or group is configured."""
        return bool(self.mailboxes or self.group)

    def anchored(self, folder: Path) -> Self:
        """Return the section with its relative paths starting at a folder."""
        paths = {name: folder / path for name, path in self if isinstance(path, Path)}
        return self.model_copy(update=paths)
