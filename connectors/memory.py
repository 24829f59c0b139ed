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
        """The mailbox itself: it is one stream."""
        return self.mailbox

    def deliver(self, message: Message) -> None:
        """Put a message at the end of the mailbox, under this provider's and this mailbox's name."""
        self._messages.append(dataclasses.replace(message, provider=self.provider, mailbox=self.mailbox))

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """The messages delivered after ``cursor``, which counts those before it.

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
            f"there is no place {cursor!r} in this mailbox.",
            "It will be read from its beginning.",
        )
