"""The company, its customers and their plans, before the first email."""

import dataclasses
import datetime as dt

import numpy as np

from mailsignals.demo import contracts as _contracts
from mailsignals.demo import firms as _firms
from mailsignals.demo import paces as _paces
from mailsignals.demo import people as _people
from mailsignals.demo import stories as _stories
from mailsignals.demo.contracts import Contracts
from mailsignals.demo.firms import Firm
from mailsignals.demo.paces import Paces
from mailsignals.demo.people import People, Seats, Staff
from mailsignals.demo.places import HOME, PLACES
from mailsignals.demo.rhythm import DESK, OFFICE, Floats, Ints, Rhythms
from mailsignals.demo.stories import DAYS, LifePlan, Moods

HOURS = 24.0 * DAYS
SLACK_HOURS = 24.0 * 120
"""Hours that the rhythms extend past the end, for replies after it."""

AT_HOME, AT_THE_DESK = 0, len(PLACES)
"""Rows of the rhythms: the company's office (the first place) and its support desk."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class World:
    """The company, its customers and their future."""

    origin: dt.datetime
    accounts: int
    """Number of firms that are customers; the rest are prospects."""
    firms: list[Firm]
    place: Ints
    """The rhythm of each firm."""
    staff: Staff
    people: People
    seats: Seats
    plan: LifePlan
    paces: Paces
    moods: Moods
    rhythms: Rhythms
    contracts: Contracts
    csms: Ints
    """The CSM of each firm before and after its handover, firms x 2."""
    handover: Floats
    """Time at which a firm's CSM changes; infinite if it does not."""

    def csm(self, firm: Ints, at: Floats) -> Ints:
        """Return the number of each firm's CSM at a time."""
        return self.csms[firm, (at >= self.handover[firm]).astype(np.int64)]

    def week(self, at: Floats) -> Ints:
        """Return the week of each time, for ``Moods``."""
        return np.minimum(at // 168, _stories.WEEKS - 1).astype(np.int64)

    def starts(self) -> Floats:
        """Return the time at which each firm begins to write, in hours since the origin."""
        return np.maximum(self.plan.started * 24, 0.0)

    def ends(self) -> Floats:
        """Return the time at which each firm stops writing, in hours since the origin.

        It is at most the end of the history.
        """
        return np.minimum(self.plan.leaves * 24, HOURS)


def _csms(staff: Staff, accounts: int, count: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Return CSMs with equally many customers; one CSM succeeds another, and a few accounts change hands alone."""
    dealt = rng.permutation(np.arange(count) % len(staff.csms))
    dealt[accounts:] = rng.choice(np.array(staff.others[-2:]), count - accounts)
    successor = 1
    taken_over = dealt == successor
    before = np.where(taken_over, staff.former_csm, dealt)
    handover = np.where(taken_over, HOURS * rng.uniform(0.35, 0.6), np.inf)
    alone = (rng.random(count) < 0.08) & ~taken_over & (np.arange(count) < accounts)
    before = np.where(alone, (dealt + 2) % len(staff.csms), before)
    handover = np.where(alone, rng.uniform(0.1, 0.95, count) * HOURS, handover)
    return np.stack([before, dealt], axis=1), handover


def world(accounts: int, origin: dt.datetime, rng: np.random.Generator) -> World:
    """Return a company with a number of customers, and a sixth as many prospects."""
    count = accounts + accounts // 6
    cast, told, chances, pulse, papers = rng.spawn(5)
    plan = _stories.life_plan(accounts, count - accounts, told)
    firms = _firms.firms(count, cast)
    tier = np.array([firm.tier for firm in firms], dtype=np.int64)
    lively = np.isin(plan.story, [story.value for story in _stories.LIVELY])
    paces = _paces.paces(tier, lively, _stories.WEEKS, pulse)
    plan = plan.slowed(_paces.FADES_OVER[paces.pace])
    staff = Staff.of(accounts)
    champion_leaves = np.where(plan.tells(_stories.Story.LOSES_CHAMPION), plan.turning * 24, np.nan)
    seats, contacts = _people.seats(firms, champion_leaves, staff, cast)
    place = np.array([firm.place for firm in firms], dtype=np.int64)
    at_work = np.full(staff.count, AT_HOME)
    at_work[[*staff.agents, staff.support]] = AT_THE_DESK
    rhythm = np.concatenate([at_work, np.repeat(place, seats.count * _people.HOLDERS)])
    everybody = [*_people.staff_people(staff, cast), *contacts]
    csms, handover = _csms(staff, accounts, count, chances)
    return World(
        origin=origin,
        accounts=accounts,
        firms=firms,
        place=place,
        staff=staff,
        people=_people.company_people(
            everybody, rhythm, shared=staff.support, hours=HOURS + SLACK_HOURS, rng=chances
        ),
        seats=seats,
        plan=plan,
        paces=paces,
        moods=_stories.moods(plan, paces, told),
        rhythms=Rhythms.of(
            [*((place, OFFICE) for place in PLACES), (HOME, DESK)], origin, hours=HOURS + SLACK_HOURS
        ),
        contracts=_contracts.contracts(tier, DAYS, papers),
        csms=csms,
        handover=handover,
    )
