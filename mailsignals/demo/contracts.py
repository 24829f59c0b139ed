"""Contracts: how each customer's price and tier change while it is one, and when its contract renews."""

import dataclasses
import datetime as dt
from collections.abc import Iterator

import numpy as np

from mailsignals.demo.rhythm import Floats, Ints

RENEWALS = 4
"""Upper limit of renewals within the two years."""
UPGRADED = 0.12
"""Share of the firms above the lowest tier that were one tier lower at first."""
UPGRADE_UPLIFT = 1.5
UPLIFTS, UPLIFT_SHARES = (0.85, 1.0, 1.03, 1.08, 1.25), (0.08, 0.37, 0.3, 0.15, 0.1)
"""Factors on the price at a renewal, and their frequencies."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Contracts:
    """Changes of contracts, one row per firm."""

    upgraded: Floats
    """Day since the origin on which the firm moved up to its tier; infinite where it always had it."""
    uplift: Floats
    """Factor on the yearly revenue at each renewal, the latest one last, firms x renewals."""


def contracts(tier: Ints, days: int, rng: np.random.Generator) -> Contracts:
    """Return the changes of each firm's contract within that many days."""
    moved = (tier < tier.max(initial=0)) & (rng.random(len(tier)) < UPGRADED)
    return Contracts(
        upgraded=np.where(moved, np.floor(rng.uniform(0.15, 0.9, len(tier)) * days), np.inf),
        uplift=rng.choice(np.array(UPLIFTS), (len(tier), RENEWALS), p=UPLIFT_SHARES),
    )


def _anniversary(day: dt.date, year: int) -> dt.date:
    return dt.date(year, day.month, min(day.day, 28) if day.month == 2 else day.day)


def renewals(started: dt.date, since: dt.date, until: dt.date) -> Iterator[dt.date]:
    """Yield the anniversaries of a start after one day and before another."""
    for year in range(since.year, until.year + 1):
        day = _anniversary(started, year)
        if max(since, started) < day < until:
            yield day


def next_renewal(started: dt.date, after: dt.date) -> dt.date:
    """Return the first anniversary of a start that is not before a day."""
    this_year = _anniversary(started, after.year)
    return this_year if this_year >= after else _anniversary(started, after.year + 1)
