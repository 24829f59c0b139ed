"""Course of conversations: replies, follow-ups and silence.

All conversations advance together, one email at a time. After an email, the other side may reply after a delay in its
own working time. Or the side that wrote last may follow up first. Otherwise the conversation is over.
"""

import dataclasses

import numpy as np

from mailsignals.demo.openings import OpeningKind, Threads
from mailsignals.demo.rhythm import Flags, Floats, Ints, reply_hours
from mailsignals.demo.world import HOURS, World

ROUNDS = 40
STRAGGLING_HOURS = 24.0 * 20

WE_ANSWER_FIRST = np.array([0.985, 0.97, 0.97, 0.97, 0.97, 0.98])
"""Share of opening emails that the company answers, by kind."""
WE_ANSWER = 0.95
"""Share of later emails that the company answers; some only express thanks."""
THEY_ANSWER_FIRST = np.array([0.55, 0.55, 0.62, 0.5, 0.03, 0.3])
THEY_ANSWER = 0.43
WE_NUDGE = np.array([0.03, 0.06, 0.3, 0.12, 0.0, 0.0])
"""Share of emails on which the company follows up, by kind."""
REOPENED = 0.04
"""Share of finished conversations that the customer takes up again."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Mails:
    """Emails between firms and the company, one row per email."""

    thread: Ints
    parent: Ints
    """Row of the preceding email; -1 for the first."""
    at: Floats
    by_us: Flags
    sender: Ints
    """Number of the sender; -1 for anyone behind the shared address."""
    recipient: Ints
    asked: Ints
    """Number of consecutive emails of this side so far, 1 for the first."""

    def take(self, rows: Ints | Flags) -> "Mails":
        """Return the chosen rows."""
        return Mails(**{field.name: getattr(self, field.name)[rows] for field in dataclasses.fields(self)})


def _together(parts: list[Mails]) -> Mails:
    return Mails(
        **{
            field.name: np.concatenate([getattr(part, field.name) for part in parts])
            for field in dataclasses.fields(Mails)
        }
    )


def _our_person(world: World, threads: Threads, thread: Ints, at: Floats, rng: np.random.Generator) -> Ints:
    """Return the author in the company: the one in charge, sometimes another agent, often as the shared address."""
    ours = np.where(threads.ours[thread] < 0, world.csm(threads.firm[thread], at), threads.ours[thread])
    ticket = threads.kind[thread] == OpeningKind.TICKET
    chance = rng.random((2, len(thread)))
    agent = rng.choice(np.array(world.staff.agents), len(thread))
    ours = np.where(ticket & (chance[0] < 0.12), agent, ours)
    # Every other agent prefers to reply from the shared address.
    as_team = ticket & (chance[1] < np.where(ours % 2 == 0, 0.8, 0.15))
    return np.where(as_team, world.staff.support, ours)


def _their_person(world: World, threads: Threads, thread: Ints, at: Floats, rng: np.random.Generator) -> Ints:
    """Return the contact who writes: the main one, sometimes the copied colleague."""
    seat, colleague = threads.seat[thread], threads.colleague[thread]
    seat = np.where((rng.random(len(thread)) < 0.2) & (colleague >= 0), colleague, seat)
    return world.seats.holder(threads.firm[thread], seat, at)


def _first_mails(world: World, threads: Threads) -> Mails:
    thread = np.arange(len(threads.firm))
    at = threads.opened
    contact = world.seats.holder(threads.firm, threads.seat, at)
    ours = np.where(threads.ours < 0, world.csm(threads.firm, at), threads.ours)
    addressed = np.where(threads.kind == OpeningKind.TICKET, world.staff.support, ours)
    return Mails(
        thread=thread,
        parent=np.full(len(thread), -1),
        at=at,
        by_us=threads.by_us,
        sender=np.where(threads.by_us, ours, contact),
        recipient=np.where(threads.by_us, contact, addressed),
        asked=np.ones(len(thread), dtype=np.int64),
    )


def _answers(world: World, threads: Threads, mails: Mails, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Return the author and the time of the reply to each email; infinite without a reply."""
    count, firm, kind = len(mails.at), threads.firm[mails.thread], threads.kind[mails.thread]
    week, we = world.week(mails.at), ~mails.by_us
    moods = world.moods
    person = np.where(
        we,
        _our_person(world, threads, mails.thread, mails.at, rng),
        _their_person(world, threads, mails.thread, mails.at, rng),
    )
    first = mails.parent < 0
    odds = np.where(first, THEY_ANSWER_FIRST[kind], THEY_ANSWER)
    odds = odds / (1 - odds) * moods.answering[firm, week]
    share = np.where(
        we, np.where(first | (mails.asked > 1), WE_ANSWER_FIRST[kind], WE_ANSWER), odds / (1 + odds)
    )
    delay = reply_hours(count, rng) * world.people.pace[person]
    delay *= np.where(we, moods.neglect[firm, week], moods.slowness[firm, week])
    at = world.rhythms.later(world.people.rhythm[person], mails.at, by=np.maximum(delay, 1 / 60))
    return _after_holidays(world, person, np.where(rng.random(count) < share, at, np.inf), we, rng)


def _after_holidays(
    world: World, person: Ints, at: Floats, ours: Flags, rng: np.random.Generator
) -> tuple[Ints, Floats]:
    """Return the replies as a stand-in in the company gives them, or the person after a holiday."""
    away = world.people.away(person, at)
    stand_in = rng.choice(np.array(world.staff.csms), len(person))
    covered = away & ours & (rng.random(len(person)) < 0.6) & ~world.people.away(stand_in, at)
    person = np.where(covered, stand_in, person)
    wait = rng.exponential(4.0, len(person))
    back = world.rhythms.later(world.people.rhythm[person], world.people.back(person, at), by=wait)
    return person, np.where(away & ~covered, back, at)


def _asked_again(world: World, threads: Threads, mails: Mails, rng: np.random.Generator) -> Floats:
    """Return the time of the follow-up to each email; infinite without one."""
    count, firm, kind = len(mails.at), threads.firm[mails.thread], threads.kind[mails.thread]
    heat = world.moods.heat[firm, world.week(mails.at)]
    patience = rng.lognormal(np.log(np.where(mails.by_us, 40.0, 12.0 / np.sqrt(heat))), 0.7)
    share = np.where(mails.by_us, WE_NUDGE[kind], np.minimum(0.85, 0.28 * heat**0.8))
    afterthought = rng.random(count) < 0.04
    patience = np.where(afterthought, rng.exponential(0.2, count) + 0.02, patience)
    again = afterthought | ((rng.random(count) < share) & (mails.asked < 4))
    again &= kind != OpeningKind.ANNOUNCEMENT
    at = world.rhythms.later(world.people.rhythm[mails.sender], mails.at, by=patience)
    return np.where(again & ~world.people.away(mails.sender, at), at, np.inf)


def _next_mails(world: World, threads: Threads, mails: Mails, rows: Ints, rng: np.random.Generator) -> Mails:
    """Return the next email of each conversation, if any.

    Args:
        world: The company with its people and rhythms.
        threads: The conversations.
        mails: The last email of each conversation that continues.
        rows: Their rows among all emails.
        rng: The source of randomness.
    """
    person, answered_at = _answers(world, threads, mails, rng)
    again_at = _asked_again(world, threads, mails, rng)
    answer = answered_at <= again_at
    at = np.minimum(answered_at, again_at)

    reopened = ~np.isfinite(at) & (rng.random(len(at)) < REOPENED)
    contact = _their_person(world, threads, mails.thread, mails.at, rng)
    later = world.rhythms.later(world.people.rhythm[contact], mails.at, by=rng.uniform(15.0, 160.0, len(at)))
    at = np.where(reopened, later, at)
    theirs_again = reopened & ~mails.by_us
    addressee = np.where(mails.by_us, mails.sender, mails.recipient)

    sender = np.where(reopened, contact, np.where(answer, person, mails.sender))
    following = Mails(
        thread=mails.thread,
        parent=rows,
        at=at,
        by_us=~reopened & (mails.by_us ^ answer),
        sender=sender,
        recipient=np.where(reopened, addressee, np.where(answer, mails.sender, mails.recipient)),
        asked=np.where(answer & ~theirs_again, 1, mails.asked + 1),
    )
    firm = threads.firm[mails.thread]
    left = world.plan.leaves[firm] * 24 + np.where(threads.straggler[mails.thread], STRAGGLING_HOURS, 0.0)
    return following.take(at < np.minimum(left, HOURS))


def converse(world: World, threads: Threads, rng: np.random.Generator) -> Mails:
    """Return all emails between firms and the company; each stands before its replies."""
    last = _first_mails(world, threads)
    parts, total = [last], len(last.at)
    for _ in range(ROUNDS):
        rows = np.arange(total - len(last.at), total)
        last = _next_mails(world, threads, last, rows, rng)
        if not len(last.at):
            break
        parts.append(last)
        total += len(last.at)
    return _together(parts)
