"""The messages of one mailbox, in the order in which Gmail lists them."""

import bisect
import heapq
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tests.support.gmail.bulk import Bulk
from tests.support.gmail.message import Message


class Ref(NamedTuple):
    """What a listing needs of a message; they sort from old to new."""

    internal_date: int
    id: str
    thread_id: str
    labels: tuple[str, ...]


class MessageStore:
    """Messages that are kept, in front of a bulk whose messages are made when they are asked for."""

    def __init__(self) -> None:
        self.bulk: Bulk | None = None
        self._kept: dict[str, Message] = {}
        self._order: list[tuple[int, str]] = []
        self._threads: dict[str, list[str]] = {}
        self._moved: set[int] = set()
        """Numbers of the bulk that were changed, and are kept now, or purged."""

    def __len__(self) -> int:
        return len(self._kept) + (self.bulk.count - len(self._moved) if self.bulk else 0)

    def __iter__(self) -> Iterator[Message]:
        """All messages, newest first."""
        return (self[ref.id] for ref in self.newest_first())

    def __getitem__(self, message_id: str) -> Message:
        found = self.get(message_id)
        if found is None:
            raise KeyError(message_id)
        return found

    def get(self, message_id: str) -> Message | None:
        """A message, if it is there."""
        kept = self._kept.get(message_id)
        if kept is not None or self.bulk is None:
            return kept
        number = self.bulk.number_of(message_id)
        return None if number is None or number in self._moved else self.bulk.message(number)

    @property
    def threads(self) -> int:
        """How many threads there are, of which those of the bulk are never forgotten."""
        kept = sum(1 for one in self._threads if self.bulk is None or self.bulk.number_of(one) is None)
        return kept + (self.bulk.threads if self.bulk else 0)

    def put(self, message: Message) -> None:
        """Keep a message in the place of the one with its id, if there is one."""
        self.drop(message.id)
        self._kept[message.id] = message
        bisect.insort(self._order, (message.internal_date, message.id))
        self._threads.setdefault(message.thread_id, []).append(message.id)

    def drop(self, message_id: str) -> None:
        """Forget a message, if it is there."""
        kept = self._kept.pop(message_id, None)
        if kept is None:
            number = self.bulk.number_of(message_id) if self.bulk else None
            if number is not None:
                self._moved.add(number)
            return
        del self._order[bisect.bisect_left(self._order, (kept.internal_date, message_id))]
        members = self._threads[kept.thread_id]
        members.remove(message_id)
        if not members:
            del self._threads[kept.thread_id]

    def thread(self, thread_id: str) -> list[Message]:
        """The messages of a thread, from old to new."""
        ids = [*self._threads.get(thread_id, ()), *self._bulk_thread(thread_id)]
        return sorted((self[one] for one in ids), key=lambda message: (message.internal_date, message.id))

    def _bulk_thread(self, thread_id: str) -> list[str]:
        number = self.bulk.number_of(thread_id) if self.bulk else None
        if self.bulk is None or number is None or self.bulk.thread_of(number) != number:
            return []
        return [self.bulk.id_of(one) for one in self.bulk.members(number) if one not in self._moved]

    def newest_first(self, after: tuple[int, str] | None = None) -> Iterator[Ref]:
        """Messages by date and id, from the one that follows ``after``."""
        return heapq.merge(self._kept_before(after), self._bulk_before(after), reverse=True)

    def _kept_before(self, key: tuple[int, str] | None) -> Iterable[Ref]:
        end = len(self._order) if key is None else bisect.bisect_left(self._order, key)
        for date, message_id in reversed(self._order[:end]):
            message = self._kept[message_id]
            yield Ref(date, message_id, message.thread_id, message.labels)

    def _bulk_before(self, key: tuple[int, str] | None) -> Iterable[Ref]:
        bulk = self.bulk
        if bulk is None:
            return
        for number in range((bulk.count if key is None else bulk.older_than(key)) - 1, -1, -1):
            if number not in self._moved:
                thread_id = bulk.id_of(bulk.thread_of(number))
                yield Ref(bulk.date_of(number), bulk.id_of(number), thread_id, bulk.labels_of(number))
