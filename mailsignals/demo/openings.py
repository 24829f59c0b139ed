"""Starts of conversations, with their participants and times."""

import dataclasses
import enum

import numpy as np

from mailsignals.demo.rhythm import WORKED_HOURS_A_WEEK, Flags, Floats, Ints
from mailsignals.demo.stories import LEAVING, WEEKS
from mailsignals.demo.world import AT_HOME, HOURS, World


class OpeningKind(enum.IntEnum):
    """Kinds of conversations, by initiator and purpose."""

    TICKET = 0
    """A customer asks the support desk."""
    QUESTION = 1
    """A customer writes to their CSM."""
    CHECKIN = 2
    """A CSM asks how things are."""
    NOTE = 3
    """A CSM, finance or an engineer writes about a project or an invoice."""
    ANNOUNCEMENT = 4
    """A CSM tells all customers the same."""
    FAREWELL = 5
    """A customer gives notice."""


WEEKLY_TICKETS = (2.2, 0.85, 0.3)
WEEKLY_QUESTIONS = (1.2, 0.48, 0.18)
WEEKLY_NOTES = (0.9, 0.35, 0.12)
"""Conversations of an average firm, by tier."""
CHECKIN_EVERY_WEEKS = (2.0, 3.5, 6.0)
CHECKIN_BY_PACE = (2.0, 3.5, 9.0, 16.0)
"""Weeks between check-ins by pace; the tier's interval applies if it is longer."""
BURSTINESS = np.array([4.0, 4.0, 1.5, 1.5])
"""Shape of the gamma distribution of weekly mail, by pace; smaller values are burstier."""
ANNOUNCEMENTS = 7
TOPICS = 60


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Threads:
    """Starts of conversations, one row per conversation."""

    firm: Ints
    kind: Ints
    opened: Floats
    by_us: Flags
    seat: Ints
    """Seat of the contact."""
    colleague: Ints
    """Another seat that is copied; -1 for none."""
    second: Ints
    """A second copied seat; -1 for none."""
    ours: Ints
    """Staff member in charge; -1 for the CSM at that time."""
    onlooker: Ints
    """Staff member who is copied; -1 for none."""
    urgent: Flags
    straggler: Flags
    """Whether the conversation continues for a while after the churn."""
    topic: Ints
    """Conversations of a firm and kind with the same number share a subject."""


def _weekly(world: World, rate: Floats, row: Ints, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Return firms and times of conversations, bursty by week and spread over each week by working time.

    Args:
        world: The company with its rhythms and stories.
        rate: Conversations in a plain week, firms x weeks.
        row: The rhythm that each firm's conversations follow.
        rng: The source of randomness.
    """
    edges = np.broadcast_to(np.minimum(np.arange(WEEKS + 1) * 168.0, HOURS), (len(row), WEEKS + 1))
    worked = world.rhythms.worked_at(np.repeat(row, WEEKS + 1), edges.ravel()).reshape(edges.shape)
    a_week = np.diff(worked, axis=1)
    shape = BURSTINESS[world.paces.pace][:, None]
    mean = rate * a_week / WORKED_HOURS_A_WEEK * rng.gamma(shape, 1 / shape, rate.shape)
    number = rng.poisson(mean)
    firm, week = (np.repeat(index, number.ravel()) for index in np.indices(number.shape).reshape(2, -1))
    moment = worked[firm, week] + rng.random(len(firm)) * a_week[firm, week]
    return firm, world.rhythms.instant_of(row[firm], moment)


def _checkins(world: World, weeks: Floats, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Return firms and times of check-ins, which are fairly regular."""
    most = int(np.ceil(3 * HOURS / 168 / weeks.min())) + 5
    gaps = rng.gamma(3.0, WORKED_HOURS_A_WEEK * weeks[:, None] / 3.0, (len(weeks), most))
    worked = np.cumsum(gaps, axis=1) - gaps[:, :1] * rng.random((len(weeks), 1))
    firm = np.repeat(np.arange(len(weeks)), most)
    return firm, world.rhythms.instant_of(np.full(len(firm), AT_HOME), worked.ravel())


def _announcements(world: World, rng: np.random.Generator) -> tuple[Ints, Floats, Ints]:
    """Return firms, times and numbers of announcements, which CSMs send to each customer separately on one morning."""
    day = np.floor(
        (np.arange(ANNOUNCEMENTS) + rng.uniform(0.3, 0.7, ANNOUNCEMENTS)) * HOURS / 24 / ANNOUNCEMENTS
    )
    weekday = (day.astype(np.int64) + world.origin.weekday()) % 7
    day += np.array([0, 0, 0, 0, 0, 2, 1])[weekday]
    firm = np.tile(np.arange(world.accounts), ANNOUNCEMENTS)
    number = np.repeat(np.arange(ANNOUNCEMENTS), world.accounts)
    return firm, day[number] * 24.0 - world.origin.hour + 8.0 + rng.uniform(0.0, 1.5, len(firm)), number


def _farewells(world: World, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Return firms and times of written notice, which half of the churned customers give some days before."""
    leaving = np.flatnonzero(np.isin(world.plan.story, [story.value for story in LEAVING]))
    firm = leaving[rng.random(len(leaving)) < 0.5]
    about = np.maximum(0.0, world.plan.leaves[firm] - rng.uniform(5.0, 40.0, len(firm))) * 24
    return firm, world.rhythms.later(world.place[firm], about, by=rng.exponential(4.0, len(firm)))


def openings(world: World, rng: np.random.Generator) -> Threads:
    """Return all conversations of the two years, as they begin."""
    tier = np.array([firm.tier for firm in world.firms], dtype=np.int64)
    size = rng.lognormal(0.0, 0.55, len(tier))
    customer = (np.arange(len(tier)) < world.accounts)[:, None]
    pace = np.where(customer[:, 0], world.paces.rate, 1.0)
    activity = world.moods.activity * (size * pace)[:, None]
    home = np.full(len(tier), AT_HOME)

    def rate(by_tier: tuple[float, ...], level: Floats) -> Floats:
        return np.asarray(by_tier)[tier][:, None] * level

    tickets = _weekly(world, rate(WEEKLY_TICKETS, activity * customer), world.place, rng)
    questions = _weekly(world, rate(WEEKLY_QUESTIONS, activity), world.place, rng)
    notes = _weekly(world, rate(WEEKLY_NOTES, np.sqrt(activity)), home, rng)
    diligence = rng.lognormal(0.0, 0.2, len(world.people.addresses))[world.csms[: world.accounts, 1]]
    by_tier, by_pace = np.asarray(CHECKIN_EVERY_WEEKS)[tier], np.asarray(CHECKIN_BY_PACE)[world.paces.pace]
    interval = np.maximum(by_tier, by_pace)[: world.accounts] * diligence
    checkins = _checkins(world, interval, rng)
    *news, number = _announcements(world, rng)
    farewells = _farewells(world, rng)

    parts = [tickets, questions, checkins, notes, news, farewells]
    firm = np.concatenate([part[0] for part in parts])
    opened = np.concatenate([part[1] for part in parts])
    kind = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts])
    topic = rng.integers(0, TOPICS, len(firm))
    topic[kind == OpeningKind.ANNOUNCEMENT] = number
    seen = (opened >= world.starts()[firm]) & (opened < world.ends()[firm])
    return _peopled(world, firm[seen], kind[seen], opened[seen], topic[seen], rng)


def _peopled(
    world: World, firm: Ints, kind: Ints, opened: Floats, topic: Ints, rng: np.random.Generator
) -> Threads:
    """Return the conversations with their participants and their heat."""
    count = len(firm)
    staff = world.staff
    by_us = np.isin(kind, [OpeningKind.CHECKIN, OpeningKind.NOTE, OpeningKind.ANNOUNCEMENT])
    heat = world.moods.heat[firm, world.week(opened)]
    chance = rng.random((5, count))
    quiet = kind == OpeningKind.ANNOUNCEMENT
    seat = world.seats.pick(firm, rng)
    colleague = np.where(
        (chance[0] < np.minimum(0.8, 0.25 * heat**0.7)) & ~quiet, world.seats.another(firm, seat, rng), -1
    )
    second = np.where((chance[1] < 0.3) & (colleague >= 0), world.seats.another(firm, colleague, rng), -1)
    agents = np.array(staff.agents)
    workload = 1.0 / (1.0 + np.arange(len(agents))) ** 0.4
    agent = rng.choice(agents, count, p=workload / workload.sum())
    other = rng.choice(np.array(staff.others), count)
    ours = np.select(
        [kind == OpeningKind.TICKET, (kind == OpeningKind.NOTE) & (chance[2] < 0.5)],
        [agent, other],
        default=-1,
    )
    looks_on = (chance[3] < np.minimum(0.6, 0.18 * heat)) & ~quiet
    onlooker = np.where(kind == OpeningKind.TICKET, world.csm(firm, opened), other)
    return Threads(
        firm=firm,
        kind=kind,
        opened=opened,
        by_us=by_us,
        seat=seat,
        colleague=colleague,
        second=np.where(second == seat, -1, second),
        ours=ours,
        onlooker=np.where(looks_on, onlooker, -1),
        urgent=~quiet & (chance[4] < np.where(by_us, 0.004, np.minimum(0.5, 0.02 * heat**1.3))),
        straggler=rng.random(count) < 0.01,
        topic=topic,
    )
