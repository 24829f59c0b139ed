"""Touches, threads, conversations and turns by their definitions, one message at a time, apart from the engine."""

import dataclasses
import datetime as dt
import re
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import groupby, pairwise

from connectors.base import Message
from tests.mailsignals.oracle_mails import (
    DAY,
    Copy,
    CopyKey,
    Mail,
    components,
    mail_numbers,
    mails,
    plain,
    read,
)
from tests.mailsignals.sla.oracle_hours import Calendar


@dataclasses.dataclass(frozen=True, kw_only=True)
class Account:
    """A customer, with the targets of its tier."""

    account_id: str
    domains: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    first_response_hours: float | None = None
    next_response_hours: float | None = None
    calendar: Calendar = ()
    """The open hours in which the targets count; without versions round the clock."""


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
    subjects: bool = True
    """Whether subjects are kept."""

    @cached_property
    def ours(self) -> Mapping[str, str]:
        """Our own addresses that are listed, in one spelling, with their roles."""
        listed = {plain(address): "other" for address in self.addresses}
        return listed | {plain(address): role for address, role in self.people.items()}

    @cached_property
    def contacts(self) -> Mapping[str, int]:
        """The position of the account that lists an address."""
        return {
            plain(one): number for number, account in enumerate(self.accounts) for one in account.contacts
        }

    def internal(self, address: str) -> bool:
        """Whether the address is ours."""
        return address in self.ours or bool(within(address, self.domains))

    def role(self, address: str) -> str:
        """The role of an internal address."""
        return self.ours.get(address, "other")

    def account(self, address: str) -> int | None:
        """The position of the account that an external address belongs to."""
        if self.internal(address):
            return None
        if address in self.contacts:
            return self.contacts[address]
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


def touches(every: Iterable[Mail], rules: Rules) -> list[Touch]:
    """The touches of these mails, in order."""
    return touches_among((one for one in every if one.automated is None), rules)


def touches_among(those: Iterable[Mail], rules: Rules) -> list[Touch]:
    """The touches that these mails make, or would make were they not automated, without mail merges, in order."""
    found = [touch for one in those for touch in directed(one, rules)]
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
    people = us(one, rules)
    if account is None or people is None:
        return []
    roles = {rules.role(address) for address in people}
    role = "support" if "support" in roles else "cs" if "cs" in roles else "other"
    return [Touch(mail=one, account=account, outbound=False, role=role, urgent=urgent)]


def us(one: Mail, rules: Rules) -> set[str] | None:
    """Whom of us a customer's mail is to, empty if a mailbox of nobody's stands for them; null: to none of us."""
    inside = {address for address in one.recipients if rules.internal(address)}
    if inside:
        return inside
    account = rules.account(one.sender)
    if any(rules.account(address) != account for address in one.recipients):
        return None
    return {address for address in one.holders if rules.internal(address)}


def merge_of(touch: Touch) -> Hashable:
    """What the messages of one mail merge have in common; null for what cannot be part of one."""
    one = touch.mail
    if not touch.outbound or one.references or not one.base:
        return None
    return one.sender, one.base, one.sent_at.astimezone(dt.UTC).date()


# --- threads -------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class Archive:
    """All stored copies, and what is decided once over all of them."""

    rules: Rules
    copies: Sequence[Copy]
    mail_of: Mapping[CopyKey, int]
    """The number of the mail that a copy is of."""
    thread_of: Mapping[int, int]
    """The number of the thread of a mail, by its number."""

    @classmethod
    def of(cls, messages: Iterable[Message], rules: Rules) -> "Archive":
        """The archive that these messages make."""
        copies = read(messages, rules.aliases)
        mail_of = mail_numbers(copies, subjects=rules.subjects)
        thread_of = threads(mails(copies, mail_of), rules)
        return cls(rules=rules, copies=copies, mail_of=mail_of, thread_of=thread_of)

    def mails(self, until: dt.datetime) -> list[Mail]:
        """The mails as their copies up to an instant have them."""
        return mails((copy for copy in self.copies if copy.message.sent_at <= until), self.mail_of)


def threads(every: Sequence[Mail], rules: Rules) -> dict[int, int]:
    """The number of the thread of each mail."""
    edges: list[tuple[Hashable, Hashable]] = [(one.number, one.number) for one in every]
    for one in every:
        edges += [(one.number, ("id", name)) for name in (*one.ids, *one.references)]
        edges += [(one.number, ("provider", name)) for name in one.provider_threads]
    group_of = components(edges)
    begun: set[tuple[int, int]] = set()
    latest: dict[tuple[int, str], Touch] = {}
    for touch in touches(every, rules):
        one, account = touch.mail, touch.account
        before = latest.get((account, one.base))
        first = (account, group_of[one.number]) not in begun
        if first and one.is_reply and one.base and before and touch.at - before.at <= 30 * DAY:
            edges.append((one.number, before.mail.number))
        begun.add((account, group_of[one.number]))
        latest[account, one.base] = touch
    return {name: number for name, number in components(edges).items() if isinstance(name, int)}


# --- conversations and turns ---------------------------------------------------------------------


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


def conversations(ordered: Iterable[Touch], thread_of: Mapping[int, int], rules: Rules) -> list[list[Touch]]:
    """The conversations of one account's touches."""
    by_thread: dict[int, list[Touch]] = {}
    for touch in ordered:
        by_thread.setdefault(thread_of[touch.mail.number], []).append(touch)
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
