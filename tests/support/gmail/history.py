"""What happened in a mailbox, as ``users.history.list`` tells it."""

import bisect
import dataclasses
import random
from collections.abc import Sequence

ADDED, DELETED = "messagesAdded", "messagesDeleted"
LABELLED, UNLABELLED = "labelsAdded", "labelsRemoved"

TYPES = {
    "messageAdded": ADDED,
    "messageDeleted": DELETED,
    "labelAdded": LABELLED,
    "labelRemoved": UNLABELLED,
}
"""What ``historyTypes`` calls them."""


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """What happened to one message."""

    kind: str
    id: str
    thread_id: str
    labels: tuple[str, ...]
    """All labels, right after it; right before it where the message was deleted."""
    changed: tuple[str, ...] = ()
    """The labels that were added or removed."""

    def document(self, *, shows_labels: bool) -> dict[str, object]:
        """As JSON; the labels of the message are not always shown."""
        message: dict[str, object] = {"id": self.id, "threadId": self.thread_id}
        if shows_labels and self.labels:
            message["labelIds"] = list(self.labels)
        changed = {"labelIds": list(self.changed)} if self.changed else {}
        return {"message": message, **changed}


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """What happened at once."""

    id: int
    changes: tuple[Change, ...]

    def document(self, *, shows_labels: bool) -> dict[str, object]:
        """As JSON, with the redundant ``messages``."""
        messages = {change.id: {"id": change.id, "threadId": change.thread_id} for change in self.changes}
        found: dict[str, object] = {"id": str(self.id), "messages": list(messages.values())}
        for change in self.changes:
            entries = found.setdefault(change.kind, [])
            assert isinstance(entries, list)
            entries.append(change.document(shows_labels=shows_labels))
        return found

    def only(self, kinds: frozenset[str], label: str) -> "Record":
        """The changes of these kinds, of messages with a label; of all kinds, or all messages, where empty."""
        kept = [
            change
            for change in self.changes
            if (not kinds or change.kind in kinds) and (not label or label in change.labels)
        ]
        return Record(self.id, tuple(kept))


class History:
    """Records with growing ids; old ones are forgotten on command."""

    def __init__(self, *, first: int, random: random.Random) -> None:
        self.newest = first
        """What ``users.getProfile`` gives out."""
        self._oldest = first
        self._records: list[Record] = []
        self._random = random

    def next_id(self) -> int:
        """An id after the newest, with a gap."""
        self.newest += self._random.randint(1, 40)
        return self.newest

    def add(self, record_id: int, changes: Sequence[Change]) -> None:
        """Append a record."""
        self._records.append(Record(record_id, tuple(changes)))

    def expire(self, *, also_newest: bool = False) -> None:
        """Forget every record; with ``also_newest``, even the newest id is refused until something happens."""
        self._records.clear()
        self._oldest = self.newest + 1 if also_newest else self.newest

    def knows(self, start: int) -> bool:
        """Whether everything after this id is still kept."""
        return start >= self._oldest

    def after(self, start: int) -> list[Record]:
        """The records after an id."""
        first = bisect.bisect_right(self._records, start, key=lambda record: record.id)
        return self._records[first:]
