"""Copies and the mails that they are of, by their definitions, one copy at a time, apart from the engine."""

import dataclasses
import datetime as dt
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import combinations

from connectors.base import AUTOMATED, Message
from tests.mailsignals.oracle_subjects import base_subject, folded, is_reply

CopyKey = tuple[str, str, str]
Aliases = Mapping[str, str]

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def plain(address: str) -> str:
    """The one spelling of an address."""
    local, at, domain = address.lower().rpartition("@")
    local = local.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}{at}{domain}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Copy:
    """A copy whose addresses are in one spelling, and of one person each."""

    message: Message
    holder: str
    """Whose mailbox it lies in."""
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]

    @property
    def key(self) -> CopyKey:
        """What no other copy has."""
        return self.message.provider, self.message.mailbox, self.message.provider_id

    @property
    def recipients(self) -> tuple[str, ...]:
        """The recipients that it names."""
        return self.to + self.cc + self.bcc

    @property
    def order(self) -> tuple[object, ...]:
        """What the copies of a mail are ordered by."""
        return self.message.sent_at, self.message.message_id or "", *self.key[:2], self.key[2]


def read(messages: Iterable[Message], aliases: Aliases) -> list[Copy]:
    """The copies with their people resolved."""
    first = {plain(alias): plain(address) for alias, address in aliases.items()}

    def person(address: str) -> str:
        return first.get(plain(address), plain(address))

    def people(addresses: Sequence[str]) -> tuple[str, ...]:
        return tuple(person(one) for one in addresses if one)

    return [
        Copy(
            message=one,
            holder=person(one.mailbox),
            sender=person(one.sender),
            to=people(one.to),
            cc=people(one.cc),
            bcc=people(one.bcc),
        )
        for one in messages
    ]


# --- which copies are of one mail ----------------------------------------------------------------


def of_one_mail(one: Copy, other: Copy, *, subjects: bool) -> bool:
    """Whether a rule says so of two copies; ``subjects``: they are kept."""
    first, second = one.message, other.message
    if one.sender != other.sender:
        return False
    same_id = bool(first.message_id) and first.message_id == second.message_id
    dated = [at for at in (first.dated_at, second.dated_at) if at is not None]
    if same_id and not (len(dated) == 2 and abs(dated[0] - dated[1]) > HOUR):
        return True
    if len(dated) < 2:
        dated = [first.sent_at.replace(microsecond=0), second.sent_at.replace(microsecond=0)]
    return subjects and dated[0] == dated[1] and folded(first.subject) == folded(second.subject)


def mail_numbers(copies: Sequence[Copy], *, subjects: bool) -> dict[CopyKey, int]:
    """The number of the mail that each copy is of."""
    by_sender: dict[str, list[Copy]] = {}
    for copy in copies:
        by_sender.setdefault(copy.sender, []).append(copy)
    edges: list[tuple[Hashable, Hashable]] = [(copy.key, copy.key) for copy in copies]
    for those in by_sender.values():
        edges += [
            (one.key, other.key)
            for one, other in combinations(those, 2)
            if of_one_mail(one, other, subjects=subjects)
        ]
    return components(edges)  # type: ignore[return-value]  # of the keys that came in


def components(edges: Iterable[tuple[Hashable, Hashable]]) -> dict[Hashable, int]:
    """The number of the connected component of every node."""
    neighbours: dict[Hashable, list[Hashable]] = {}
    for one, other in edges:
        neighbours.setdefault(one, []).append(other)
        neighbours.setdefault(other, []).append(one)
    number: dict[Hashable, int] = {}
    for count, start in enumerate(neighbours):
        waiting = [] if start in number else [start]
        while waiting:
            node = waiting.pop()
            if node not in number:
                number[node] = count
                waiting += neighbours[node]
    return number


# --- what a mail says ----------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class Mail:
    """A logical message, as some of its copies have it."""

    number: int
    copies: tuple[Copy, ...]
    """In their order."""

    @cached_property
    def first(self) -> Copy:
        """The copy that tells its time and place."""
        return self.copies[0]

    @cached_property
    def sent_at(self) -> dt.datetime:
        """When it was sent."""
        return self.first.message.sent_at

    @cached_property
    def sender(self) -> str:
        """Who sent it."""
        return self.first.sender

    @cached_property
    def order(self) -> tuple[str, ...]:
        """What tells apart mails of one instant and direction."""
        return self.first.message.message_id or "", self.sender, *self.first.key[:2], self.first.key[2]

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of all copies."""
        return frozenset(copy.message.message_id for copy in self.copies if copy.message.message_id)

    @cached_property
    def references(self) -> tuple[str, ...]:
        """The ids that it refers to, in their order, without repeats."""
        return tuple(dict.fromkeys(name for copy in self.copies for name in copy.message.references if name))

    @cached_property
    def recipients(self) -> frozenset[str]:
        """The recipients that can be seen."""
        return frozenset(address for copy in self.copies for address in copy.recipients)

    @cached_property
    def holders(self) -> frozenset[str]:
        """Whose mailboxes hold a copy."""
        return frozenset(copy.holder for copy in self.copies)

    @cached_property
    def provider_threads(self) -> frozenset[CopyKey]:
        """The threads of providers that it lies in."""
        found = (copy.message for copy in self.copies if copy.message.provider_thread_id)
        return frozenset((one.provider, one.mailbox, one.provider_thread_id or "") for one in found)

    @cached_property
    def subject(self) -> str:
        """The subject, white space folded; empty if it has none."""
        return next(filter(None, (folded(copy.message.subject) for copy in self.copies)), "")

    @cached_property
    def base(self) -> str:
        """The base subject."""
        return base_subject(self.subject)

    @cached_property
    def is_reply(self) -> bool:
        """Whether its subject starts with a prefix."""
        return is_reply(self.subject)

    @cached_property
    def high(self) -> bool:
        """Whether a copy has high importance."""
        return any(copy.message.importance == "high" for copy in self.copies)

    @cached_property
    def automated(self) -> str | None:
        """Why it counts as automated, if it does: the first reason of the list that a copy has."""
        reasons = {copy.message.automated for copy in self.copies} - {None}
        return min(reasons, key=AUTOMATED.index) if reasons else None


def mails(copies: Iterable[Copy], mail_of: Mapping[CopyKey, int]) -> list[Mail]:
    """The mails that the copies are of."""
    found: dict[int, list[Copy]] = {}
    for copy in copies:
        found.setdefault(mail_of[copy.key], []).append(copy)
    return [
        Mail(number=number, copies=tuple(sorted(those, key=lambda copy: copy.order)))
        for number, those in found.items()
    ]
