"""Portfolios of daily, weekly, monthly and quarterly writers: the simulated customers at different paces.

Paces, bursts, holidays and breaks come from the demo (``mailsignals.demo.paces``). Some accounts write nothing for
months without churn. Paces don't depend on churn dates.
"""

import dataclasses

import numpy as np

from benchmarks.account_lives import DAYS, WEEKS, Array, Habits
from mailsignals.demo.paces import SILENT, UNANSWERED, Pace, bursts, silences

MAILS = 1 / 0.14
"""Monthly inbound emails that follow from one conversation per week."""
MONTHLY_MAILS, SPREAD = np.array([17.0, 7.0, 1.3, 0.25]), np.array([0.0, 0.35, 0.35, 0.35])
"""Monthly inbound emails by pace: median, and standard deviation of the logarithm; daily writers keep theirs."""
CHECKINS = np.array([1.0, 0.6, 0.15, 0.05])
"""Factor on the check-ins of a CSM, by pace."""
OUTAGES = np.array([1.0, 0.7, 0.2, 0.05])
"""Share of outages that an account notices by pace, relative to a daily writer."""
LAPSES = 0.08
"""Share of accounts that write nothing for months at some time, and stay."""
LAPSE_DAYS, LAPSE_SPREAD = 200, 0.5
"""Length of such a silence in days: median, and standard deviation of the logarithm."""


@dataclasses.dataclass(frozen=True)
class Portfolio:
    """Shares of the accounts by pace."""

    daily: float
    weekly: float
    monthly: float
    quarterly: float

    def paces(self, rng: np.random.Generator, count: int) -> Array:
        """Return a ``Pace`` for each account, in these shares as exactly as numbers allow."""
        place = (rng.permutation(count) + rng.random(count)) / max(count, 1)
        edges = np.cumsum([self.daily, self.weekly, self.monthly])
        return np.asarray(np.searchsorted(edges, place, side="right"))


def slowed(rng: np.random.Generator, habits: Habits, pace: Array) -> Habits:
    """Return the habits with mail, check-ins and people adapted to the pace."""
    usual = habits.openings * MAILS
    wanted = MONTHLY_MAILS[pace] * np.exp(rng.normal(0.0, 1.0, len(pace)) * SPREAD[pace])
    mails = np.where(pace == Pace.DAILY, usual, wanted)
    few = pace >= Pace.MONTHLY
    return dataclasses.replace(
        habits,
        openings=mails / MAILS,
        checkins=habits.checkins * CHECKINS[pace],
        people=np.where(few, np.minimum(habits.people, 1 + rng.integers(0, 3, len(pace))), habits.people),
        outages=OUTAGES[pace],
        size_class=np.argsort(np.argsort(mails)) * 3 // max(len(pace), 1),
    )


def paused(rng: np.random.Generator, course: dict[str, Array], pace: Array) -> dict[str, Array]:
    """Return the courses with bursts, holidays, breaks and long silences."""
    silent = silences(pace, WEEKS, rng) | _lapses(rng, len(pace))
    return {
        **course,
        "activity": course["activity"] + bursts(pace, WEEKS, rng) + SILENT * silent,
        "reply": course["reply"] + UNANSWERED * silent,
    }


def _lapses(rng: np.random.Generator, count: int) -> Array:
    """Return the weeks of each account's long silence."""
    begins = np.where(rng.random(count) < LAPSES, rng.uniform(0, DAYS, count), np.inf)[:, None]
    lasts = np.exp(rng.normal(np.log(LAPSE_DAYS), LAPSE_SPREAD, count))[:, None]
    middle = np.arange(WEEKS) * 7 + 3.5
    return np.asarray((middle >= begins) & (middle < begins + lasts))
