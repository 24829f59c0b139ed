"""Touches, threads, conversations and turns by their definitions, one message at a time, apart from the engine."""

import dataclasses
import datetime as dt
import re
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from itertools import groupby, pairwise

from connectors.base import Message

Threads = Mapping[Hashable, int]

DAY = dt.timedelta(days=1)
PREFIX = re.compile(r"\s*(re|r|fw|fwd|i|aw|wg|sv|vs|antw|tr|rv|odp|ynt)(\[\d+\])?\s*:", re.IGNORECASE)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Account:
    """A customer, with the targets of its tier."""

    account_id: str
    domains: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    first_response_hours: float | None = None
    next_response_hours: float | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rules:
    """Who is inside, who is a customer, and the settings."""

    domains: tuple[str, ...]
    addresses: tuple[str, ...] = ()
    people: Mapping[str, str] = dataclasses.field(default_factory=dict)
    aliases: Mapping[str, str] = dataclasses.field(default_factory=dict)
    accounts: tuple[Account, ...] = ()
    free_mail: Collection[str] = ("gmail.com",)
    conversation_gap: dt.timedelta = 14 * DAY
    unanswered_gap: dt.timedelta = 90 * DAY
    reply_horizon: dt.timedelta = 7 * DAY
    mail_merge_accounts: int = 10
    urgency_words: tuple[str, ...] = ("urgent", "dringend")

    def internal(self, address: str) -> bool:
        """Whether the address is ours."""
        return address in self.addresses or address in self.people or bool(within(address, self.domains))

    def role(self, address: str) -> str:
        """The role of an internal address."""
        return self.people.get(address, "other")

    def account(self, address: str) -> int | None:
        """The position of the account that an external address belongs to."""
        if self.internal(address):
            return None
        for number, account in enumerate(self.accounts):
            if address in account.contacts:
                return number
        if address.rpartition("@")[2] in self.free_mail:
            return None
        claims = [[name for name in one.domains if name not in self.free_mail] for one in self.accounts]
        found = [(within(address, names), number) for number, names in enumerate(claims)]
        length, number = max(found, default=(0, 0))
        return number if length else None


def within(address: str, domains: Iterable[str]) -> int:
    """The length of the longest of the domains that the address is at or below, 0 if none."""
    own = "." + address.rpartition("@")[2]
    return max((len(domain) for domain in domains if own.endswith("." + domain)), default=0)


# --- messages ------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class Mail:
    """A logical message: all copies of one email."""

    key: Hashable
    order: tuple[str, ...]
    message_id: str | None
    sent_at: dt.datetime
    sender: str
    recipients: frozenset[str]
    references: frozenset[str]
    provider_threads: frozenset[tuple[str, str, str]]
    subject: str
    high: bool
    automated: bool

    @property
    def base(self) -> str:
        """The base subject."""
        rest = self.subject
        while found := PREFIX.match(rest):
            rest = rest[found.end() :]
        return " ".join(rest.split()).lower()


def mails(copies: Iterable[Message]) -> list[Mail]:
    """The logical messages of the copies."""
    by_key: dict[Hashable, list[Message]] = {}
    for copy in copies:
        by_key.setdefault(key_of(copy), []).append(copy)
    return [mail(key, group) for key, group in by_key.items()]


def key_of(copy: Message) -> Hashable:
    """What copies of one logical message share: its id and sender, else the place of the copy itself."""
    if copy.message_id:
        return copy.message_id, copy.sender
    return copy.provider, copy.mailbox, copy.provider_id


def mail(key: Hashable, copies: Sequence[Message]) -> Mail:
    """One logical message of all its copies."""
    copies = sorted(copies, key=lambda copy: (copy.sent_at, copy.provider, copy.mailbox, copy.provider_id))
    first = copies[0]
    return Mail(
        key=key,
        order=(first.message_id or "", first.sender, first.provider, first.mailbox, first.provider_id),
        message_id=first.message_id or None,
        sent_at=first.sent_at,
        sender=first.sender,
        recipients=frozenset(address for copy in copies for address in (*copy.to, *copy.cc, *copy.bcc)),
        references=frozenset(name for copy in copies for name in copy.references if name),
        provider_threads=frozenset(
            (copy.provider, copy.mailbox, copy.provider_thread_id)
            for copy in copies
            if copy.provider_thread_id
        ),
        subject=next((copy.subject for copy in copies if copy.subject and copy.subject.strip()), ""),
        high=any(copy.importance == "high" for copy in copies),
        automated=any(copy.automated is not None for copy in copies),
    )


# --- touches -------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class Touch:
    """One logical message and one account."""

    mail: Mail
    account: int
    outbound: bool
    role: str
    urgent: bool

    @property
    def at(self) -> dt.datetime:
        """When it was sent."""
        return self.mail.sent_at

    @property
    def order(self) -> tuple[object, ...]:
        """What touches are ordered by."""
        return self.mail.sent_at, self.outbound, *self.mail.order


def touches(copies: Iterable[Message], rules: Rules) -> list[Touch]:
    """The touches of the copies, in order."""
    found = [touch for one in mails(copies) if not one.automated for touch in directed(one, rules)]
    reached: dict[Hashable, set[int]] = {}
    for touch in found:
        if (merge := merge_of(touch)) is not None:
            reached.setdefault(merge, set()).add(touch.account)
    many = rules.mail_merge_accounts
    merged = {merge for merge, accounts in reached.items() if many and len(accounts) >= many}
    return sorted((touch for touch in found if merge_of(touch) not in merged), key=lambda touch: touch.order)


def directed(one: Mail, rules: Rules) -> list[Touch]:
    """The touches that one logical message would make."""
    words = re.findall(r"\w+", one.subject.lower())
    urgent = one.high or any(word in words for word in rules.urgency_words)
    if rules.internal(one.sender):
        reached = {rules.account(address) for address in one.recipients} - {None}
        role = rules.role(one.sender)
        return [
            Touch(mail=one, account=account, outbound=True, role=role, urgent=urgent)
            for account in reached
            if account is not None
        ]
    account = rules.account(one.sender)
    roles = {rules.role(address) for address in one.recipients if rules.internal(address)}
    if account is None or not roles:
        return []
    role = "support" if "support" in roles else "cs" if "cs" in roles else "other"
    return [Touch(mail=one, account=account, outbound=False, role=role, urgent=urgent)]


def merge_of(touch: Touch) -> Hashable:
    """What the messages of one mail merge have in common; null for what cannot be part of one."""
    one = touch.mail
    if not touch.outbound or one.references or not one.base:
        return None
    return one.sender, one.base, one.sent_at.astimezone(dt.UTC).date()


# --- threads, conversations, turns ---------------------------------------------------------------


def threads(copies: Sequence[Message], rules: Rules) -> dict[Hashable, int]:
    """The number of the thread of each logical message, over all stored messages."""
    edges: list[tuple[Hashable, Hashable]] = []
    for one in mails(copies):
        names: list[Hashable] = [("id", name) for name in one.references | {one.message_id or ""} if name]
        names += [("provider", name) for name in one.provider_threads]
        edges += [(("mail", one.key), name) for name in names]
        edges.append((("mail", one.key), ("mail", one.key)))
    latest: dict[tuple[int, str], Touch] = {}
    for touch in touches(copies, rules):
        one = touch.mail
        before = latest.get((touch.account, one.base))
        lone = not one.references and not one.provider_threads
        if before and lone and one.base and PREFIX.match(one.subject) and touch.at - before.at <= 30 * DAY:
            edges.append((("mail", one.key), ("mail", before.mail.key)))
        latest[touch.account, one.base] = touch
    return {name[1]: number for name, number in components(edges).items() if name[0] == "mail"}


def components(edges: Iterable[tuple[Hashable, Hashable]]) -> dict[tuple[str, Hashable], int]:
    """The number of the connected component of every node."""
    neighbours: dict[Hashable, list[Hashable]] = {}
    for one, other in edges:
        neighbours.setdefault(one, []).append(other)
        neighbours.setdefault(other, []).append(one)
    number: dict[Hashable, int] = {}
    for start in neighbours:
        waiting = [] if start in number else [start]
        while waiting:
            node = waiting.pop()
            if node not in number:
                number[node] = len(number) if node == start else number[start]
                waiting += neighbours[node]
    return number  # type: ignore[return-value]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Turn:
    """A run of touches of one direction; ``answered_at`` is null while it is open."""

    touches: Sequence[Touch]
    opening: bool
    answered_at: dt.datetime | None

    @property
    def at(self) -> dt.datetime:
        """When it started."""
        return self.touches[0].at


def conversations(ordered: Iterable[Touch], thread_of: Threads, rules: Rules) -> list[list[Touch]]:
    """The conversations of one account's touches."""
    by_thread: dict[int, list[Touch]] = {}
    for touch in ordered:
        by_thread.setdefault(thread_of[touch.mail.key], []).append(touch)
    found: list[list[Touch]] = []
    for thread in by_thread.values():
        parts = [[thread[0]]]
        for before, after in pairwise(thread):
            if after.at - before.at > rules.conversation_gap:
                parts.append([])
            parts[-1].append(after)
        joined = [parts[0]]
        for part in parts[1:]:
            last = joined[-1]
            if not any(touch.outbound for touch in last) and part[0].at - last[-1].at <= rules.unanswered_gap:
                last.extend(part)
            else:
                joined.append(part)
        found += joined
    return found


def turns(conversation: Sequence[Touch]) -> list[Turn]:
    """The turns of a conversation."""
    runs = [list(run) for _, run in groupby(conversation, key=lambda touch: touch.outbound)]
    answers: list[dt.datetime | None] = [run[0].at for run in runs[1:]]
    return [
        Turn(touches=run, opening=number == 0, answered_at=answer)
        for number, (run, answer) in enumerate(zip(runs, [*answers, None], strict=True))
    ]
