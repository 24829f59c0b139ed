"""Invents the customers' firms: names, domains, tiers and sizes."""

import dataclasses

import numpy as np

from mailsignals.demo.names import FIRM_TRADES, FIRM_WORDS
from mailsignals.demo.places import PLACES

TIERS = ("enterprise", "mid-market", "small")
TIER_SHARES = (0.18, 0.35, 0.47)
SEATS_BY_TIER = ((5, 12), (3, 6), (1, 3))
ARR_BY_TIER = ((120_000, 0.5), (36_000, 0.45), (9_000, 0.5))
"""Median and spread (standard deviation of the logarithm) of yearly revenue, in euros."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Firm:
    """A customer or a prospect."""

    name: str
    domains: tuple[str, ...]
    """Empty where everybody writes from free mail."""
    free_mail: bool
    owner_on_free_mail: bool
    """Whether one contact writes from a private address."""
    tier: int
    place: int
    seats: int
    """How many contacts it has at a time."""
    style: int
    """How it forms addresses."""
    arr: float


def _names(count: int, rng: np.random.Generator) -> list[str]:
    """Different names; a number is added where the words run out."""
    words, trades = FIRM_WORDS.split(), FIRM_TRADES.split()
    pairs = [f"{one} & {two}" for one in words for two in words if one < two]
    plain = [f"{word} {trade}" for word in words for trade in trades]
    pool = pairs + plain
    order = rng.permutation(len(pool))
    rounds = range(count // len(pool) + 1)
    return [pool[n] if not turn else f"{pool[n]} {turn + 1}" for turn in rounds for n in order][:count]


def _domain(name: str, ending: str) -> str:
    return name.replace(" & ", "").replace(" ", "-").lower() + ending


def firms(count: int, rng: np.random.Generator) -> list[Firm]:
    """Return a number of firms; the second is a branch of the first, at a sub-domain."""
    endings = rng.choice([".example", ".test"], count, p=[0.7, 0.3])
    shares = np.array([place.share for place in PLACES])
    place = rng.choice(len(PLACES), count, p=shares / shares.sum())
    tier = rng.choice(len(TIERS), count, p=TIER_SHARES)
    tier[:1] = 0
    chance = rng.random((count, 3))
    made = []
    for n, name in enumerate(_names(count, rng)):
        low, high = SEATS_BY_TIER[tier[n]]
        median, spread = ARR_BY_TIER[tier[n]]
        free_mail = bool(tier[n] == 2 and chance[n, 0] < 0.12)
        domains = [_domain(name, str(endings[n]))]
        if chance[n, 1] < 0.08:
            domains.append(_domain(f"{name} group", str(endings[n])))
        made.append(
            Firm(
                name=name,
                domains=() if free_mail else tuple(domains),
                free_mail=free_mail,
                owner_on_free_mail=bool(chance[n, 2] < 0.06),
                tier=int(tier[n]),
                place=int(place[n]),
                seats=int(rng.integers(low, high + 1)),
                style=int(rng.integers(3)),
                arr=float(np.round(median * rng.lognormal(0.0, spread), -2)),
            )
        )
    if count > 1:
        parent = made[0]
        made[1] = dataclasses.replace(
            made[1],
            name=f"{parent.name} Nordics",
            domains=(f"nordics.{parent.domains[0]}",),
            free_mail=False,
            tier=1,
        )
    return made
