"""The invented people: staff and customers' contacts, with addresses, holidays and jobs."""

import dataclasses
import math
import unicodedata
from collections.abc import Iterator

import numpy as np

from mailsignals.demo.firms import Firm
from mailsignals.demo.names import FIRST_NAMES, FREE_MAIL, LAST_NAMES
from mailsignals.demo.places import PLACES
from mailsignals.demo.rhythm import Flags, Floats, Ints

COMPANY = "Larkspur Software"
DOMAIN = "larkspur.example"
SUPPORT = f"support@{DOMAIN}"

SEATS = 12
HOLDERS = 3
HOLIDAYS_PER_PERSON = 6
YEARLY_TURNOVER = 0.11
HOURS_A_YEAR = 8766.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Staff:
    """The numbers of staff members by role, the first numbers of ``People``."""

    csms: range
    former_csm: int
    """CSM who resigned within the two years; a colleague took over all of their accounts."""
    agents: range
    others: range
    """Engineers, finance, sales."""
    support: int
    """The shared address."""

    @property
    def count(self) -> int:
        """The number of staff members, with the shared address."""
        return self.support + 1

    @classmethod
    def of(cls, accounts: int) -> "Staff":
        """Return the staff that a number of accounts needs; never fewer than six CSMs."""
        csms, agents = max(6, math.ceil(accounts / 40)), max(7, math.ceil(accounts / 30))
        others = max(8, math.ceil(accounts / 40))
        first_agent = csms + 1
        return cls(
            csms=range(csms),
            former_csm=csms,
            agents=range(first_agent, first_agent + agents),
            others=range(first_agent + agents, first_agent + agents + others),
            support=first_agent + agents + others,
        )


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class People:
    """Everybody with an address, by number: staff first, then contacts."""

    addresses: list[str]
    names: list[str]
    """The name of each, ``Ana Beck``."""
    rhythm: Ints
    """Their row in ``Rhythms``."""
    pace: Floats
    """Factor on the usual time to reply."""
    away_from: Floats
    away_until: Floats

    def away(self, person: Ints, at: Floats) -> Flags:
        """Return whether each person is on holiday at a time, in hours since the origin."""
        covered: Flags = np.any(self._covers(person, at), axis=1)
        return covered

    def back(self, person: Ints, at: Floats) -> Floats:
        """Return the time at which each person is back at work: the given time, or the end of their holiday."""
        ends = np.where(self._covers(person, at), self.away_until[person], -np.inf)
        back: Floats = np.maximum(at, np.max(ends, axis=1))
        return back

    def _covers(self, person: Ints, at: Floats) -> Flags:
        """Return true for the holidays of each person that include the time."""
        return (self.away_from[person] <= at[:, None]) & (at[:, None] < self.away_until[person])


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Seats:
    """The contacts' jobs at each firm, and their holders over time."""

    count: Ints
    cumulated: Floats
    """Share of the mail of the seats up to each one, firms x seats; the first is the champion's."""
    holders: Ints
    """Person by firm, seat and order."""
    changes: Floats
    """Times at which the next holder takes over, firms x seats x (holders - 1)."""

    def pick(self, firm: Ints, rng: np.random.Generator) -> Ints:
        """Return a seat of each firm, busy ones more often."""
        seat: Ints = np.sum(rng.random(len(firm))[:, None] >= self.cumulated[firm, :-1], axis=1)
        return seat

    def another(self, firm: Ints, seat: Ints, rng: np.random.Generator) -> Ints:
        """Return a seat other than the one given; -1 at a firm with a single one."""
        step = 1 + np.floor(rng.random(len(firm)) * (self.count[firm] - 1)).astype(np.int64)
        return np.where(self.count[firm] > 1, (seat + step) % self.count[firm], -1)

    def holder(self, firm: Ints, seat: Ints, at: Floats) -> Ints:
        """Return the number of the person who holds a firm's seat at a time; -1 for no seat."""
        order = np.sum(at[:, None] >= self.changes[firm, seat], axis=1)
        return np.where(seat < 0, -1, self.holders[firm, seat, order])


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in folded if letter.isalnum())


@dataclasses.dataclass(frozen=True)
class Identity:
    """The address and the name of one person."""

    address: str
    name: str


def _local_parts(pool: str, style: int, rng: np.random.Generator) -> Iterator[tuple[str, str]]:
    """Yield names of invented people and local parts of their addresses, without end."""
    first, last = FIRST_NAMES[pool].split(), LAST_NAMES[pool].split()
    while True:
        names = first[int(rng.integers(len(first)))], last[int(rng.integers(len(last)))]
        given, family = map(_plain, names)
        yield (f"{given}.{family}", f"{given[0]}.{family}", f"{given}{family[0]}")[style], " ".join(names)


def _identity(parts: Iterator[tuple[str, str]], domain: str, taken: set[str]) -> Identity:
    """Return a person with a new address in a domain; a number is added to the address if names run out."""
    address = name = ""
    for attempt, (part, name) in enumerate(parts):  # noqa: B007  # the name of the last attempt is used
        address = f"{part}@{domain}" if attempt < 20 else f"{part}{attempt}@{domain}"
        if address not in taken:
            break
    taken.add(address)
    return Identity(address, name)


def _domain_of(firm: Firm, seat: int) -> str:
    if firm.free_mail or (firm.owner_on_free_mail and seat == firm.seats - 1):
        return FREE_MAIL[seat % len(FREE_MAIL)]
    return firm.domains[seat % len(firm.domains)]


def staff_people(staff: Staff, rng: np.random.Generator) -> list[Identity]:
    """Return the company's own people, the shared address last."""
    pools = ("german", "english", "german", "polish", "spanish", "indian", "nordic", "french")
    taken: set[str] = set()
    company_people = [
        _identity(_local_parts(pools[number % len(pools)], 0, rng), DOMAIN, taken)
        for number in range(staff.support)
    ]
    return [*company_people, Identity(SUPPORT, "Support")]


def seats(
    firms: list[Firm], turning: Floats, staff: Staff, rng: np.random.Generator
) -> tuple[Seats, list[Identity]]:
    """Return the seats of all firms and their holders, who are numbered from the end of the staff on.

    Args:
        firms: All firms.
        turning: Time at which a firm's champion resigns; nan for a random time.
        staff: The staff, whose numbers come first.
        rng: The source of randomness.
    """
    count = np.array([firm.seats for firm in firms], dtype=np.int64)
    exists = np.arange(SEATS) < count[:, None]
    weight = np.where(exists, rng.lognormal(0.0, 0.4, exists.shape) / (1.0 + np.arange(SEATS)) ** 0.9, 0.0)
    changes = np.cumsum(rng.exponential(HOURS_A_YEAR / YEARLY_TURNOVER, (*exists.shape, HOLDERS - 1)), axis=2)
    changes[:, 0, 0] = np.where(np.isnan(turning), changes[:, 0, 0], turning)
    changes[:, 0, 1:] = np.maximum(changes[:, 0, 1:], changes[:, 0, :1] + HOURS_A_YEAR / 4)
    taken: set[str] = set()
    contacts: list[Identity] = []
    for firm in firms:
        parts = _local_parts(PLACES[firm.place].names, firm.style, rng)
        contacts += [
            _identity(parts, _domain_of(firm, n // HOLDERS), taken) for n in range(firm.seats * HOLDERS)
        ]
    holders = np.full((*exists.shape, HOLDERS), -1, dtype=np.int64)
    holders[exists] = staff.count + np.arange(len(contacts)).reshape(-1, HOLDERS)
    cumulated = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True)
    cumulated = np.where(np.arange(SEATS) >= count[:, None] - 1, 1.0, cumulated)
    return Seats(count=count, cumulated=cumulated, holders=holders, changes=changes), contacts


def company_people(
    everybody: list[Identity], rhythm: Ints, *, shared: int, hours: float, rng: np.random.Generator
) -> People:
    """Return everybody, with a pace of their own and about three holidays a year; the shared address has none."""
    shape = (len(everybody), HOLIDAYS_PER_PERSON)
    start = rng.uniform(0.0, hours, shape)
    length = 24.0 * rng.integers(4, 16, shape)
    length[shared] = 0.0
    return People(
        addresses=[each.address for each in everybody],
        names=[each.name for each in everybody],
        rhythm=rhythm,
        pace=rng.lognormal(0.0, 0.25, len(everybody)),
        away_from=start,
        away_until=start + length,
    )
