"""Reads the headers that file connectors find, and fills pages with the messages."""

import dataclasses
from collections import Counter

from connectors.base import Cursor, Message, Page, Progress, Skipped
from connectors.files.folder_names import ROOT, FolderName
from connectors.mail import MailOrigin, Own, read_message, split_headers
from connectors.mail.folder_roles import WELL_KNOWN_LABELS, folder_role

PAGE_SIZE = 500
"""Number of emails per page."""

ASIDE_ROLES = frozenset({"drafts", "junk", "templates", "outbox", "chats"})
"""Roles of folders whose mail isn't stored."""

UNWANTED = frozenset({"draft", "spam", "chat", "template", "outbox"})
"""Reasons for skipping an email that follow from its folder or labels."""

GMAIL_FOLDERS = ("sent", "trash", "inbox")
"""Roles of labels that stand for a folder, in files that contain the mail of all folders."""


@dataclasses.dataclass(slots=True, kw_only=True)
class FileBatch:
    """The emails of the next page."""

    provider: str
    mailbox: str
    own: Own
    _messages: list[Message] = dataclasses.field(default_factory=list)
    _skipped: list[Skipped] = dataclasses.field(default_factory=list)
    _defects: Counter[str] = dataclasses.field(default_factory=Counter)
    _folders: Counter[str] = dataclasses.field(default_factory=Counter)
    _signs: Counter[tuple[str, str]] = dataclasses.field(default_factory=Counter)
    _unwanted: dict[str, str] = dataclasses.field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._messages) + len(self._skipped)

    @property
    def full(self) -> bool:
        """Return whether the batch holds enough messages for a page."""
        return len(self) >= PAGE_SIZE

    def add(
        self,
        head: bytes,
        place: str,
        *,
        folder: FolderName | None = None,
        labels: tuple[str, ...] = (),
        defect: str | None = None,
        plain_label: str = "",
    ) -> bool:
        """Add an email by its headers; return False if it was skipped.

        ``plain_label`` is the name of its folder, for folders without a known role.
        """
        origin = MailOrigin(mailbox=self.mailbox, provider=self.provider, labels=labels)
        headers = split_headers(head)
        reading = read_message(headers, origin, self.own)
        if reading.message is None:
            self.skip(place, reading.skipped or "unreadable", folder=folder)
            if reading.skipped in UNWANTED:
                self._unwanted[headers.digest()] = plain_label
            return False
        self._messages.append(reading.message)
        self._folders[_place(folder, reading.message.labels)] += 1
        self._defects.update(reading.defects)
        if reading.sign is not None:
            self._signs[reading.sign] += 1
        if defect is not None:
            self._defects[defect] += 1
        return True

    def count(self, defects: Counter[str]) -> None:
        """Move the counts of defects from ``defects`` to this batch."""
        self._defects.update(defects)
        defects.clear()

    def skip(self, place: str, reason: str, *, folder: FolderName | None = None) -> None:
        """Record an email as skipped."""
        if folder is not None and folder.role in ASIDE_ROLES:
            self._folders[folder.path] += 1
        self._skipped.append(Skipped(place.encode("utf-8", "replace").decode(), reason))

    def page(self, cursor: Cursor, progress: Progress) -> Page:
        """Return the collected emails as a page, and empty the batch."""
        page = Page.of(self._messages, cursor, progress, skipped=self._skipped, defects=dict(self._defects))
        stored = set(page.messages["provider_id"])
        unwanted = {id_: label for id_, label in self._unwanted.items() if id_ not in stored}
        page = dataclasses.replace(
            page, folders=dict(self._folders), signs=dict(self._signs), unwanted=unwanted
        )
        self._messages, self._skipped, self._unwanted = [], [], {}
        self._defects, self._folders, self._signs = Counter(), Counter(), Counter()
        return page


def _place(folder: FolderName | None, labels: tuple[str, ...]) -> str:
    """The folder to count an email under; of an export without folders, Gmail's label."""
    if folder is None or folder.role in {None, "archive"}:
        roles = {folder_role(label) for label in labels}
        for role in GMAIL_FOLDERS:
            if role in roles:
                return WELL_KNOWN_LABELS[role]
    return ROOT if folder is None else folder.path
