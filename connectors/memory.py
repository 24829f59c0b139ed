"""A mailbox in memory: the smallest connector, and the one to read first."""

import dataclasses
from collections.abc import Iterator

from connectors.base import Cursor, Message, Page, Progress, ResyncError


@dataclasses.dataclass(slots=True, kw_only=True)
class MemoryMailbox:
    """A mailbox whose messages are delivered by calling ``deliver``."""

    mailbox: str
    page_size: int = 500
    _messages: list[Message] = dataclasses.field(default_factory=list)

    @property
    def provider(self) -> str:
        """The kind of source, always ``memory``."""
        return "memory"

    @property
    def source(self) -> str:
        """The address of the mailbox, which is one stream."""
        return self.mailbox

    def deliver(self, message: Message) -> None:
        """Append a message to the mailbox, with this provider and this mailbox as its origin."""
        self._messages.append(dataclasses.replace(message, provider=self.provider, mailbox=self.mailbox))

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """Yield the messages delivered after ``cursor``, which is the number of messages before it.

        Raises:
            ResyncError: no page of this mailbox ever had that cursor.
        """
        start = self._position(cursor)
        while start < len(self._messages):
            some = self._messages[start : start + self.page_size]
            start += len(some)
            yield Page.of(some, Cursor(str(start)), Progress(start, len(self._messages), "messages"))

    def _position(self, cursor: Cursor | None) -> int:
        if cursor is None:
            return 0
        if cursor.isdecimal() and int(cursor) <= len(self._messages):
            return int(cursor)
        raise ResyncError(
            self.mailbox,
            f"invalid cursor {cursor!r}.",
            "The mailbox is read again from its beginning.",
        )
