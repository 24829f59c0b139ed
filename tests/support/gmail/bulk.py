"""A million messages in no memory: each is made from its number whenever somebody asks for it."""

import dataclasses
import datetime as dt

from tests.support.gmail.message import Headers, Message, mail
from tests.support.real_headers import real_headers

LABELS = (
    ("INBOX", "IMPORTANT", "CATEGORY_PERSONAL"),
    ("SENT",),
    ("INBOX", "UNREAD", "CATEGORY_UPDATES"),
    (),
    ("IMPORTANT", "Label_7"),
    ("SENT", "IMPORTANT"),
    ("INBOX", "CATEGORY_PERSONAL"),
)

PATTERN = "abacadaebfacgbah"
"""Threads of 5, 3, 2, 1, 1, 1, 1 and 1 messages, one among the other."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """Messages 0 to ``count`` less one, from old to new."""

    address: str
    count: int
    history_id: int
    end: dt.datetime
    """When the last one came."""
    gap: dt.timedelta = dt.timedelta(minutes=1)
    """Between one and the next."""
    pattern: str = PATTERN
    """Which messages make a thread: those with the same letter; over and over."""
    labels: tuple[tuple[str, ...], ...] = LABELS
    """Over and over."""
    first_id: int = 0x1500_0000_0000_0000
    is_real: bool = False
    """Whether messages have all the headers of a real one, about 8 kB."""

    def id_of(self, number: int) -> str:
        """The id of a message, 16 hexadecimal digits."""
        return f"{self.first_id + number:016x}"

    def number_of(self, message_id: str) -> int | None:
        """The number of the message with this id."""
        number = int(message_id, 16) - self.first_id
        return number if 0 <= number < self.count else None

    def date_of(self, number: int) -> int:
        """``internalDate`` in milliseconds."""
        last = int(self.end.timestamp() * 1000)
        return last - (self.count - 1 - number) * int(self.gap.total_seconds() * 1000)

    def older_than(self, key: tuple[int, str]) -> int:
        """How many come before this date and id."""
        low, high = 0, self.count
        while low < high:
            middle = (low + high) // 2
            if (self.date_of(middle), self.id_of(middle)) < key:
                low = middle + 1
            else:
                high = middle
        return low

    def labels_of(self, number: int) -> tuple[str, ...]:
        """The labels of a message."""
        return self.labels[number % len(self.labels)]

    def thread_of(self, number: int) -> int:
        """The number of the first message of the thread."""
        place = number % len(self.pattern)
        return number - place + self.pattern.index(self.pattern[place])

    def members(self, number: int) -> list[int]:
        """The numbers of all messages of this one's thread."""
        place = number % len(self.pattern)
        start, letter = number - place, self.pattern[place]
        return [
            start + other
            for other, one in enumerate(self.pattern)
            if one == letter and start + other < self.count
        ]

    @property
    def threads(self) -> int:
        """How many threads there are."""
        whole, rest = divmod(self.count, len(self.pattern))
        return whole * len(set(self.pattern)) + len(set(self.pattern[:rest]))

    def message(self, number: int) -> Message:
        """A message."""
        return Message(
            id=self.id_of(number),
            thread_id=self.id_of(self.thread_of(number)),
            labels=self.labels_of(number),
            internal_date=self.date_of(number),
            headers=self._headers(number),
            history_id=self.history_id,
            size=1_500 + number % 9_000,
        )

    def _headers(self, number: int) -> Headers:
        thread = self.thread_of(number)
        customer = f"Customer {thread % 997} <c{thread % 997}@customer{thread % 89}.test>"
        sent = "SENT" in self.labels_of(number)
        if self.is_real:
            at = dt.datetime.fromtimestamp(self.date_of(number) // 1000, dt.UTC)
            address = customer.rpartition("<")[2].rstrip(">")
            sender, to = (self.address, address) if sent else (address, self.address)
            return tuple(real_headers(number, at=at, sender=sender, to=to))
        return mail(
            self.address if sent else customer,
            customer if sent else self.address,
            f"{'' if number == thread else 'Re: '}Topic {thread}",
            at=dt.datetime.fromtimestamp(self.date_of(number) // 1000, dt.UTC),
            message_id=message_id_of(number),
            references=[message_id_of(other) for other in self.members(number) if other < number],
        )


def message_id_of(number: int) -> str:
    """``Message-ID`` of a message of the bulk, without angle brackets."""
    return f"bulk.{number}@customers.test"


def number_in(message_id: str) -> int | None:
    """The number of the message of the bulk with this ``Message-ID``."""
    number = message_id.removeprefix("bulk.").removesuffix("@customers.test")
    return int(number) if message_id == f"bulk.{number}@customers.test" and number.isdecimal() else None
