"""Tickets, responses and resolutions by their definitions, one conversation at a time, apart from the engine."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal

from connectors.base import Message
from tests.mailsignals.oracle_mails import DAY, HOUR, Mail
from tests.mailsignals.oracle_touches import Archive, Rules, Touch, conversations, touches, turns, us
from tests.mailsignals.sla.oracle_hours import Calendar, due, open_time
from tests.mailsignals.sla.oracle_tiers import Tiers, TiersOf, tier_at

Figure = Literal["first_response", "next_response", "resolution"]
Verdict = Literal["met", "breached", "pending"]

NO_TARGET = "no target"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Promise:
    """What a tier is promised, from some instant on; without a calendar it counts round the clock."""

    tier: str
    since: dt.datetime | None = None
    first_response_hours: float | None = None
    next_response_hours: float | None = None
    resolution_hours: float | None = None
    calendar: Calendar = ()

    def target(self, figure: Figure) -> dt.timedelta | None:
        """How long the customer may wait."""
        later = self.next_response_hours
        targets = {
            "first_response": self.first_response_hours,
            "next_response": self.first_response_hours if later is None else later,
            "resolution": self.resolution_hours,
        }
        hours = targets[figure]
        return None if hours is None else hours * HOUR

    @property
    def empty(self) -> bool:
        """Whether nothing is promised."""
        targets = (self.first_response_hours, self.next_response_hours, self.resolution_hours)
        return all(hours is None for hours in targets)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Case:
    """One wait and what became of it: a response, from the turn's start, or the resolution, from the opening."""

    figure: Figure
    tier: str
    """Of the promise in force at the start, or ``NO_TARGET``."""
    agent: str | None
    started_at: dt.datetime
    ended_at: dt.datetime | None
    """When it was answered or resolved; null while it is open."""
    ended_by: str | None
    due_at: dt.datetime | None
    verdict: Verdict | None
    """Null: not judged."""
    hours: float | None
    business_hours: float | None
    off_hours: bool
    near_miss: bool


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ticket:
    """A conversation that a customer opened with support; a flag is null where it has no denominator."""

    account_id: str
    mail: Mail
    """The mail that opened it."""
    contact: str
    opened_at: dt.datetime
    responses: tuple[Case, ...]
    resolution: Case
    waiting_for: Literal["us", "them"]
    fcr: bool | None
    reopened: bool | None
    escalated: bool | None
    repeat_contact: bool = False

    @property
    def tier(self) -> str:
        """The group of the promise in force at the opening."""
        return self.resolution.tier

    @property
    def resolved_at(self) -> dt.datetime | None:
        """When it was resolved, as far as that is known."""
        return self.resolution.ended_at


def tickets(
    copies: Sequence[Message],
    rules: Rules,
    *,
    as_of: dt.datetime,
    promises: Mapping[str, Sequence[Promise]],
    tier_of: TiersOf,
    archive: Archive | None = None,
    resolve_after: dt.timedelta = 72 * HOUR,
) -> list[Ticket]:
    """The tickets as of one instant, in the order of the book, then of their opening."""
    archive = archive or Archive.of(copies, rules)
    ordered = touches(archive.mails(as_of), rules)
    desks = [
        Desk(
            account_id=account.account_id,
            touches=[touch for touch in ordered if touch.account == number],
            archive=archive,
            rules=rules,
            promises=promises,
            tier_of=tier_of.get(account.account_id),
            as_of=as_of,
            resolve_after=resolve_after,
        )
        for number, account in enumerate(rules.accounts)
    ]
    return [ticket for desk in desks for ticket in desk.tickets()]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Desk:
    """What is known of one account's tickets at an instant."""

    account_id: str
    touches: Sequence[Touch]
    archive: Archive
    rules: Rules
    promises: Mapping[str, Sequence[Promise]]
    tier_of: Tiers
    as_of: dt.datetime
    resolve_after: dt.timedelta

    def tickets(self) -> list[Ticket]:
        """The tickets, in the order of their opening."""
        cut = conversations(self.touches, self.archive.thread_of, self.rules)
        opened = [one for one in cut if not one[0].outbound and one[0].role == "support"]
        every = [self.ticket(one) for one in sorted(opened, key=lambda one: one[0].order)]
        return [dataclasses.replace(one, repeat_contact=repeats(one, every)) for one in every]

    def ticket(self, conversation: Sequence[Touch]) -> Ticket:
        """One ticket, without a look at the others."""
        opening, runs = conversation[0], turns(conversation)
        responses = self.responses(conversation)
        outbound = [touch for touch in conversation if touch.outbound]
        # Who has the last answer to give; where that is nobody's, whom the customer asked first.
        agent = responses[-1].agent or self.asked(opening.mail)
        resolution = self.resolution(conversation, agent=agent)
        resolved_at = resolution.ended_at
        return Ticket(
            account_id=self.account_id,
            mail=opening.mail,
            contact=opening.mail.sender,
            opened_at=opening.at,
            responses=responses,
            resolution=resolution,
            waiting_for="them" if conversation[-1].outbound else "us",
            fcr=None if resolved_at is None else [run.touches[0].outbound for run in runs] == [False, True],
            reopened=None if resolved_at is None else self.comes_back(opening, resolved_at),
            escalated=len({touch.mail.sender for touch in outbound}) >= 2 if outbound else None,
        )

    def comes_back(self, opening: Touch, resolved_at: dt.datetime) -> bool:
        """Whether the customer writes in the thread again after the ticket is known to be resolved."""
        thread_of = self.archive.thread_of
        return any(
            not touch.outbound
            and thread_of[touch.mail.number] == thread_of[opening.mail.number]
            and touch.at > resolved_at + self.resolve_after
            for touch in self.touches
        )

    def responses(self, conversation: Sequence[Touch]) -> tuple[Case, ...]:
        """The inbound turns, each with its answer."""
        runs, opened_at = turns(conversation), conversation[0].at
        found: list[Case] = []
        for turn, after in zip(runs, [*runs[1:], None], strict=True):
            if turn.touches[0].outbound:
                continue
            answer = after.touches[0] if after else None
            agent = answer.mail.sender if answer else self.asked(turn.touches[0].mail)
            figure: Figure = "first_response" if turn.opening else "next_response"
            found.append(self.case(figure, turn.at, opened_at=opened_at, end=answer, agent=agent))
        return tuple(found)

    def resolution(self, conversation: Sequence[Touch], *, agent: str | None) -> Case:
        """When the ticket was resolved; the agent is who has it while it is not."""
        inbound = [touch.at for touch in conversation if not touch.outbound]
        quiet = [
            touch
            for touch in conversation
            if touch.outbound and not any(touch.at < at <= touch.at + self.resolve_after for at in inbound)
        ]
        known = [touch for touch in quiet if touch.at + self.resolve_after <= self.as_of]
        end = known[0] if known else None
        return self.case(
            "resolution",
            conversation[0].at,
            opened_at=conversation[0].at,
            end=end,
            agent=end.mail.sender if end else agent,
            hopes=[touch.at for touch in quiet if touch not in known],
        )

    def case(
        self,
        figure: Figure,
        started_at: dt.datetime,
        *,
        opened_at: dt.datetime,
        end: Touch | None,
        agent: str | None,
        hopes: Sequence[dt.datetime] = (),
    ) -> Case:
        """A wait, judged by the promise in force at its start to the tier at the opening of its ticket.

        ``hopes`` may still turn out to have ended it.
        """
        tier = tier_at(self.tier_of, opened_at)
        promise = in_force(self.promises.get(tier or "", ()), started_at)
        target = promise.target(figure) if promise else None
        calendar = promise.calendar if promise else ()
        # A due time after the instant decides nothing, so looking that far is far enough.
        days = max(400, (self.as_of - started_at) / DAY)
        due_at = None if target is None else due(started_at, target, calendar, days=days)
        ended_at = end.at if end else None
        verdict = None if target is None else judged(ended_at, due_at, hopes=hopes, as_of=self.as_of)
        business = None if ended_at is None else open_time(started_at, ended_at, calendar)
        near = verdict == "met" and business is not None and target is not None and 5 * business > 4 * target
        return Case(
            figure=figure,
            tier=promise.tier if promise and not promise.empty else NO_TARGET,
            agent=agent,
            started_at=started_at,
            ended_at=ended_at,
            ended_by=end.mail.sender if end else None,
            due_at=due_at,
            verdict=verdict,
            hours=None if ended_at is None else (ended_at - started_at) / HOUR,
            business_hours=None if business is None else business / HOUR,
            off_hours=business == dt.timedelta(0),
            near_miss=near,
        )

    def asked(self, mail: Mail) -> str | None:
        """Who of us a mail is for: the first internal recipient of role support, else the first one, if any is."""
        places: dict[str, tuple[int, int]] = {}
        for copy in mail.copies:
            for field, addresses in enumerate((copy.to, copy.cc, copy.bcc)):
                for place, address in enumerate(addresses):
                    places[address] = min(places.get(address, (field, place)), (field, place))
        people = us(mail, self.rules) or ()
        support = [address for address in people if self.rules.role(address) == "support"]
        return min(support or people, key=lambda one: (places.get(one, (0, 0)), one), default=None)


def in_force(promises: Sequence[Promise], instant: dt.datetime) -> Promise | None:
    """The latest promise that was made at or before the instant."""
    made = [(one.since or dt.datetime.min.replace(tzinfo=dt.UTC), one) for one in promises]
    made = [(since, one) for since, one in made if since <= instant]
    return max(made, key=lambda pair: pair[0])[1] if made else None


def judged(
    ended_at: dt.datetime | None,
    due_at: dt.datetime | None,
    *,
    hopes: Sequence[dt.datetime],
    as_of: dt.datetime,
) -> Verdict:
    """The verdict on a wait with a target; no due time means one that is out of sight."""
    if ended_at is not None:
        return "met" if due_at is None or ended_at <= due_at else "breached"
    late = due_at is not None and due_at <= as_of and not any(hope <= due_at for hope in hopes)
    return "breached" if late else "pending"


def repeats(ticket: Ticket, every: Sequence[Ticket]) -> bool:
    """Whether the contact had another ticket of the account resolved in the 7 days before."""
    low, high = ticket.opened_at - 7 * DAY, ticket.opened_at
    return any(
        one is not ticket
        and one.contact == ticket.contact
        and one.resolved_at is not None
        and low < one.resolved_at <= high
        for one in every
    )
