"""What every file connector does with the headers it finds: read them, and fill pages."""

import dataclasses
from collections import Counter

from connectors.base import Cursor, Message, Page, Progress, Skipped
from connectors.mail import MailOrigin, Own, read_message, split_headers

PAGE_SIZE = 500
"""How many mails make a page."""

_WELL_KNOWN = {
    "inbox": "INBOX",
    "sent": "SENT",
    "sent items": "SENT",
    "sent mail": "SENT",
    "sent messages": "SENT",
    "draft": "DRAFT",
    "drafts": "DRAFT",
    "junk": "SPAM",
    "junk e-mail": "SPAM",
    "junk email": "SPAM",
    "spam": "SPAM",
    "trash": "TRASH",
    "deleted items": "TRASH",
    "deleted messages": "TRASH",
}


def folder_label(name: str, *, otherwise: str) -> str:
    """The label of the mails in a folder of this name: its well-known name, if it has one."""
    return _WELL_KNOWN.get(name.lower(), otherwise)


@dataclasses.dataclass(slots=True, kw_only=True)
class FileBatch:
    """The mails of the next page."""

    provider: str
    mailbox: str
    own: Own
    _messages: list[Message] = dataclasses.field(default_factory=list)
    _skipped: list[Skipped] = dataclasses.field(default_factory=list)
    _defects: Counter[str] = dataclasses.field(default_factory=Counter)
    _signs: Counter[tuple[str, str]] = dataclasses.field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self._messages) + len(self._skipped)

    @property
    def full(self) -> bool:
        """Return whether the batch holds enough messages for a page."""
        return len(self) >= PAGE_SIZE

    def add(
        self, head: bytes, place: str, *, labels: tuple[str, ...] = (), defect: str | None = None
    ) -> bool:
        """Read a mail's headers; false if it had to be set aside."""
        origin = MailOrigin(mailbox=self.mailbox, provider=self.provider, labels=labels)
        reading = read_message(split_headers(head), origin, self.own)
        if reading.message is None:
            self.set_aside(place, reading.skipped or "unreadable")
            return False
        self._messages.append(reading.message)
        self._defects.update(reading.defects)
        if reading.sign is not None:
            self._signs[reading.sign] += 1
        if defect is not None:
            self._defects[defect] += 1
        return True

    def set_aside(self, place: str, reason: str) -> None:
        """Report a mail that is not read."""
        self._skipped.append(Skipped(place.encode("utf-8", "replace").decode(), reason))

    def page(self, cursor: Cursor, progress: Progress) -> Page:
        """All that was gathered, as a page; the batch is empty again."""
        page = Page.of(self._messages, cursor, progress, skipped=self._skipped, defects=dict(self._defects))
        page = dataclasses.replace(page, signs=dict(self._signs))
        self._messages, self._skipped, self._defects, self._signs = [], [], Counter(), Counter()
        return page
