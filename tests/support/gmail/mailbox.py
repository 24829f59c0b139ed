"""A mailbox, and what happens in it; everything makes history as in Gmail."""

import dataclasses
import datetime as dt
import enum
import random
import threading
from collections.abc import Callable, Iterable

from tests.support.gmail.bulk import Bulk
from tests.support.gmail.history import ADDED, DELETED, LABELLED, UNLABELLED, Change, History
from tests.support.gmail.message import Headers, Message, mail
from tests.support.gmail.store import MessageStore
from tests.support.gmail.threads import Threads

SYSTEM_LABELS = (
    "CHAT",
    "SENT",
    "INBOX",
    "IMPORTANT",
    "TRASH",
    "DRAFT",
    "SPAM",
    "CATEGORY_FORUMS",
    "CATEGORY_UPDATES",
    "CATEGORY_PERSONAL",
    "CATEGORY_PROMOTIONS",
    "CATEGORY_SOCIAL",
    "STARRED",
    "UNREAD",
)
NEVER_STORED = frozenset({"DRAFT", "SPAM", "CHAT"})


class State(enum.Enum):
    """What became of the user."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    """Gets no token, as if there were no such user."""
    DELETED = "deleted"
    LONG_GONE = "long gone"
    NO_GMAIL = "no gmail"
    """Gets a token, but the mail service is not enabled."""


class Mailbox:
    """One user's mailbox; any thread may use it."""

    def __init__(
        self, address: str, *, now: Callable[[], dt.datetime], first_history_id: int | None = None
    ) -> None:
        self.address = address
        self.state = State.ACTIVE
        self.random = random.Random(address)
        self.lock = threading.RLock()
        self.store = MessageStore()
        self.history = History(
            first=first_history_id or self.random.randint(1_000, 10_000_000), random=self.random
        )
        self.label_names = {name: name for name in SYSTEM_LABELS}
        """By id."""
        self.drafts: dict[str, str] = {}
        """The id of the message that a draft is now, by the id of the draft."""
        self.page_tokens: dict[str, tuple[object, ...]] = {}
        """What a page token stands for; a token that is not here is refused."""
        self._now = now
        self._threads = Threads()
        self._last_id = 0x1800_0000_0000_0000 + self.random.getrandbits(40)
        self._written = 0

    # --- new messages ------------------------------------------------------------------------

    def fill(self, count: int, **how: object) -> None:
        """Put in so many old messages, of which there is no history; ``how`` are further fields of ``Bulk``."""
        assert not len(self.store), "a mailbox is filled first"
        settings = {"end": self._now() - dt.timedelta(days=1), **how}
        bulk = Bulk(
            address=self.address,
            count=count,
            history_id=self.history.newest,
            **settings,  # type: ignore[arg-type]  # the caller's fields of Bulk
        )
        self.store.bulk = self._threads.bulk = bulk
        for label in {label for labels in bulk.labels for label in labels} - self.label_names.keys():
            self.label_names[label] = f"Project {label}"

    def deliver(
        self,
        headers: Headers | None = None,
        *,
        labels: Iterable[str] = ("INBOX", "UNREAD"),
        at: dt.datetime | None = None,
    ) -> str:
        """A message arrives, or is imported with an old ``at``, or inserted with any labels; gives its id."""
        with self.lock:
            self._last_id += self.random.randint(1, 1 << 20)
            message_id, when = f"{self._last_id:016x}", at or self._now()
            if headers is None:
                headers = self.letter(at=when)
            message = Message(
                id=message_id,
                thread_id=self._threads.join(headers, message_id),
                labels=tuple(dict.fromkeys(labels)),
                internal_date=round(when.timestamp() * 1000),
                headers=headers,
                history_id=self.history.next_id(),
                size=1_000 + self.random.randrange(20_000),
            )
            self.store.put(message)
            change = Change(ADDED, message_id, message.thread_id, message.labels)
            self.history.add(message.history_id, [change])
            return message_id

    def letter(
        self, *, at: dt.datetime | None = None, sender: str | None = None, subject: str | None = None
    ) -> Headers:
        """The headers of another mail of a customer to this mailbox."""
        self._written += 1
        number = self._written
        return mail(
            sender or f"Customer {number} <c{number}@customer.test>",
            f"{self.address}",
            subject or f"Letter {number}",
            at=at or self._now(),
            message_id=f"letter.{number}.{self.address}",
        )

    def answer_to(self, message_id: str, *, at: dt.datetime | None = None) -> Headers:
        """The headers of a reply of this mailbox's owner to a message."""
        original = self.store[message_id]
        first = next(iter(original.values("message-id")), "<>").strip("<>")
        subject = next(iter(original.values("subject")), "")
        self._written += 1
        return mail(
            self.address,
            next(iter(original.values("from")), ""),
            f"Re: {subject}",
            at=at or self._now(),
            message_id=f"answer.{self._written}.{self.address}",
            references=[first],
        )

    def send(self, headers: Headers | None = None, *, at: dt.datetime | None = None) -> str:
        """The owner sends a mail."""
        return self.deliver(headers or self.letter(at=at, sender=self.address), labels=["SENT"], at=at)

    def send_to_self(self, *, at: dt.datetime | None = None) -> str:
        """The owner writes to the own address: one message, which is sent and then arrives."""
        message_id = self.send(at=at)
        self.add_labels(message_id, "INBOX", "UNREAD")
        return message_id

    def chat(self) -> str:
        """A line of a chat, which Gmail keeps as a message."""
        return self.deliver(labels=["CHAT"])

    # --- drafts ------------------------------------------------------------------------------

    def draft(self) -> str:
        """The owner begins to write; gives the id of the draft, which is not that of a message."""
        with self.lock:
            draft_id = f"r{self.random.getrandbits(60)}"
            self.drafts[draft_id] = self.deliver(self.letter(sender=self.address), labels=["DRAFT"])
            return draft_id

    def autosave(self, draft_id: str) -> str:
        """The draft is saved once more: another message takes the place of the one before."""
        return self._replace_draft(draft_id, ["DRAFT"])

    def send_draft(self, draft_id: str) -> str:
        """The draft is sent: another message takes its place."""
        message_id = self._replace_draft(draft_id, ["SENT"])
        del self.drafts[draft_id]
        return message_id

    def _replace_draft(self, draft_id: str, labels: list[str]) -> str:
        with self.lock:
            before = self.store[self.drafts[draft_id]]
            self.purge(before.id)
            self.drafts[draft_id] = self.deliver(before.headers, labels=labels)
            return self.drafts[draft_id]

    # --- what happens to messages ------------------------------------------------------------

    def mark(self, ids: Iterable[str], *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Add and remove labels of several messages at once: one record of history, or none if nothing changes."""
        with self.lock:
            changes = [
                change
                for message_id in ids
                for change in self._relabel(message_id, tuple(add), frozenset(remove))
            ]
            if not changes:
                return
            record_id = self.history.next_id()
            self.history.add(record_id, changes)
            for change in changes:
                message = self.store[change.id]
                self.store.put(dataclasses.replace(message, history_id=record_id))

    def _relabel(self, message_id: str, add: tuple[str, ...], remove: frozenset[str]) -> list[Change]:
        message = self.store[message_id]
        added = tuple(label for label in add if label not in message.labels)
        removed = tuple(label for label in message.labels if label in remove)
        labels = (*(label for label in message.labels if label not in remove), *added)
        self.store.put(dataclasses.replace(message, labels=labels))
        both = ((LABELLED, added), (UNLABELLED, removed))
        return [Change(kind, message_id, message.thread_id, labels, some) for kind, some in both if some]

    def add_labels(self, message_id: str, *labels: str) -> None:
        """Add labels."""
        self.mark([message_id], add=labels)

    def remove_labels(self, message_id: str, *labels: str) -> None:
        """Remove labels."""
        self.mark([message_id], remove=labels)

    def archive(self, message_id: str) -> None:
        """Take away every label, as of a mail that was read, sorted nowhere, and archived."""
        self.mark([message_id], remove=self.store[message_id].labels)

    def trash(self, message_id: str) -> None:
        """Move to the trash."""
        self.mark([message_id], add=["TRASH"], remove=["INBOX"])

    def untrash(self, message_id: str) -> None:
        """Take out of the trash; it is not in the inbox afterwards."""
        self.mark([message_id], remove=["TRASH"])

    def spam(self, message_id: str) -> None:
        """Report as spam."""
        self.mark([message_id], add=["SPAM"], remove=["INBOX"])

    def unspam(self, message_id: str) -> None:
        """Not spam after all."""
        self.mark([message_id], add=["INBOX"], remove=["SPAM"])

    def purge(self, message_id: str) -> None:
        """Delete for ever."""
        with self.lock:
            message = self.store[message_id]
            self.store.drop(message_id)
            change = Change(DELETED, message_id, message.thread_id, message.labels)
            self.history.add(self.history.next_id(), [change])

    # --- labels and tokens -------------------------------------------------------------------

    def create_label(self, name: str) -> str:
        """A label of the user; gives its id."""
        label_id = f"Label_{len(self.label_names) + 1_000}"
        self.label_names[label_id] = name
        return label_id

    def rename_label(self, label_id: str, name: str) -> None:
        """Another name; the id stays."""
        self.label_names[label_id] = name

    def delete_label(self, label_id: str) -> None:
        """The label goes, and all messages lose it."""
        del self.label_names[label_id]
        self.mark([message.id for message in self.store if label_id in message.labels], remove=[label_id])

    def expire_page_tokens(self) -> None:
        """Refuse every page token that was given out."""
        self.page_tokens.clear()

    def truth(self) -> dict[str, Message]:
        """What a client should hold: all messages by id, except drafts, spam and chats."""
        with self.lock:
            return {message.id: message for message in self.store if NEVER_STORED.isdisjoint(message.labels)}
