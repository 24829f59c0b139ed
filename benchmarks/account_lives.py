"""Habits, weekly courses and churn dates of simulated accounts, which their mail follows from."""

import dataclasses
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[tuple[Any, ...], np.dtype[Any]]

WEEKS = 110
DAYS = 7 * WEEKS
YEAR_DAYS = 365
YEARLY_SHARE = 0.6
LEAVE_A_YEAR = 0.12
LATE_SHARE = 0.3
"""Share of churn dates that are entered up to five weeks late."""

FADING = {
    "activity": -0.9,
    "pace": 0.6,
    "reply": -0.9,
    "breadth": -0.4,
    "urgent": 0.5,
    "copied": 0.4,
    "support": 0.3,
    "chasing": 0.3,
    "attention": -0.3,
}
"""Change of each course as interest fades, at strength 1: logarithms, or log odds for chances."""
ANGRY = {
    "activity": 0.35,
    "pace": 0.3,
    "reply": -0.8,
    "breadth": 0.2,
    "urgent": 1.1,
    "copied": 0.8,
    "support": 0.6,
    "chasing": 1.0,
    "attention": 0.1,
}
"""Change of each course if trouble precedes churn: more and louder mail, and fewer replies to the team."""
WANDERS = {
    "activity": 0.28,
    "pace": 0.3,
    "reply": 0.35,
    "breadth": 0.2,
    "urgent": 0.4,
    "copied": 0.3,
    "support": 0.3,
    "chasing": 0.4,
    "attention": 0.3,
}
"""Standard deviation of the slow random variation of each course."""
MEMORY = 0.93
"""Correlation of this variation between neighbouring weeks."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Leaving:
    """Signs of churn in the mail of accounts."""

    strength: float
    """Size of the change of habits before churn; 0 for none."""
    angry: float
    """Share of accounts with signs that get loud; the others fade."""
    silent: float = 0.22
    """Share of accounts that churn without any sign."""
    signs: frozenset[str] = frozenset(WANDERS)
    """Habits that change before churn."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Habits:
    """Usual behaviour of accounts, one value per account."""

    starts: Array
    """Day of its first contract; before day 0 for most."""
    openings: Array
    """Conversations that it opens in a week."""
    checkins: Array
    """Conversations that its CSM opens in a week."""
    people: Array
    turnover_days: Array
    """Mean number of days that a person stays in a job."""
    reply_hours: Array
    our_hours: Array
    reply: Array
    """Log odds of a reply from the account."""
    urgent: Array
    copied: Array
    support: Array
    """Log odds that a conversation goes to support."""
    outages: Array
    """Share of outages that the account notices, relative to an account that writes daily."""
    revenue: Array
    size_class: Array
    """Third of accounts by amount of mail: 0, 1 or 2."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Ends:
    """Ends of accounts in days, one value per account; infinite for accounts that stay."""

    recorded: Array
    """Churn date in the account list."""
    gone: Array
    """Day from which the account hardly writes."""
    yearly: Array
    """Whether the contract is yearly."""
    renewal: Array
    """One of the days on which a yearly contract ends."""


def habits_of(rng: np.random.Generator, count: int) -> Habits:
    """Return random habits of accounts with 6 to 50 emails per month."""
    monthly = np.exp(rng.normal(np.log(17), 0.55, count)).clip(6, 50)
    new = rng.random(count) < 0.2
    return Habits(
        starts=np.where(new, rng.uniform(0, 420, count), -rng.exponential(900, count) - 30).astype(np.int64),
        openings=monthly * 0.14,
        checkins=rng.uniform(0.25, 0.6, count),
        people=2 + rng.poisson(np.sqrt(monthly) * 0.6).clip(0, 6),
        turnover_days=rng.uniform(250, 1500, count),
        reply_hours=np.exp(rng.normal(np.log(7), 0.6, count)),
        our_hours=np.exp(rng.normal(np.log(3.5), 0.4, count)),
        reply=rng.normal(0.9, 0.5, count),
        urgent=rng.beta(1.5, 30, count),
        copied=rng.gamma(2.0, 0.3, count),
        support=rng.normal(-0.2, 0.7, count),
        outages=np.ones(count),
        revenue=np.round(np.exp(rng.normal(np.log(900), 0.7, count)) * monthly, -2),
        size_class=np.argsort(np.argsort(monthly)) * 3 // max(count, 1),
    )


def ends_of(rng: np.random.Generator, habits: Habits) -> Ends:
    """Return random churn dates: at a renewal for yearly contracts, else at any time; some are entered late."""
    count = len(habits.starts)
    yearly = rng.random(count) < YEARLY_SHARE
    renewal = rng.integers(0, YEAR_DAYS, count)
    runs_out = renewal[:, None] + YEAR_DAYS * np.arange(3)
    may = runs_out > habits.starts[:, None] + 180
    leaves = may & (rng.random((count, 3)) < LEAVE_A_YEAR)
    at_renewal = np.where(leaves.any(axis=1), runs_out[np.arange(count), leaves.argmax(axis=1)], np.inf)
    any_time = habits.starts.clip(0) + 90 + rng.exponential(YEAR_DAYS / LEAVE_A_YEAR, count)
    any_time -= np.where(habits.starts < 0, 90, 0)
    due = np.where(yearly, at_renewal, any_time)
    late = np.where(rng.random(count) < LATE_SHARE, rng.uniform(3, 35, count), 0)
    early = np.where(yearly & (rng.random(count) < 0.2), rng.uniform(0, 14, count), 0)
    return Ends(recorded=np.floor(due + late), gone=due - early, yearly=yearly, renewal=renewal + YEAR_DAYS)


def courses(rng: np.random.Generator, habits: Habits, ends: Ends, shown: Leaving) -> dict[str, Array]:
    """Return the weekly deviation of each habit by name, as logarithms, accounts x weeks.

    Args:
        rng: the source of randomness.
        habits: the habits of the accounts.
        ends: the churn dates of the accounts.
        shown: the signs before churn.
    """
    count = len(habits.starts)
    found = {name: sd * _wandering(rng, count) for name, sd in WANDERS.items()}
    # Holidays, projects and incidents also change mail, but are unrelated to churn.
    quiet, away = _spells(rng, count, 0.55, (4, 13)), _spells(rng, count, 1.5, (1, 3))
    busy, trouble = _spells(rng, count, 0.5, (4, 12)), _spells(rng, count, 0.45, (3, 8))
    found["activity"] += -0.8 * quiet - 1.0 * away + 0.6 * busy + 0.4 * trouble + _season()
    found["pace"] += 0.4 * quiet + 0.8 * away + 0.1 * busy + _season() * -0.4
    found["reply"] += -0.5 * quiet - 0.5 * away
    found["breadth"] += -0.3 * quiet + 0.3 * busy
    for name in ("urgent", "copied", "support", "chasing"):
        found[name] += 0.9 * trouble + (0.3 * busy if name == "copied" else 0.0)

    leaving = _progress(rng, ends) * shown.strength * np.exp(rng.normal(0, 0.4, count))[:, None]
    leaving[rng.random(count) < shown.silent] = 0.0
    loud = (rng.random(count) < shown.angry)[:, None]
    for name in [name for name in WANDERS if name in shown.signs]:
        found[name] += leaving * np.where(loud, ANGRY[name], FADING[name])
    return found


def _progress(rng: np.random.Generator, ends: Ends) -> Array:
    """Return progress from 0 to 1 in the months before the end."""
    lasts = np.exp(rng.normal(np.log(150), 0.35, len(ends.gone))).clip(60, 320)
    middle = np.arange(WEEKS) * 7 + 3.5
    left = np.where(np.isfinite(ends.gone), ends.gone, 10 * DAYS)[:, None] - middle
    return np.asarray(((lasts[:, None] - left) / (0.7 * lasts[:, None])).clip(0, 1))


def _wandering(rng: np.random.Generator, count: int) -> Array:
    """Return slow noise of unit variance."""
    steps = rng.normal(size=(count, WEEKS))
    found = np.empty_like(steps)
    found[:, 0] = steps[:, 0]
    for week in range(1, WEEKS):
        found[:, week] = MEMORY * found[:, week - 1] + np.sqrt(1 - MEMORY**2) * steps[:, week]
    return found


def _spells(rng: np.random.Generator, count: int, a_year: float, weeks: tuple[int, int]) -> Array:
    """Return the depth of temporary episodes of each account, 0 to 1.3."""
    account, first = np.nonzero(rng.random((count, WEEKS)) < a_year / 52)
    lasts = rng.integers(weeks[0], weeks[1] + 1, len(first))
    depth = rng.uniform(0.5, 1.3, len(first))
    found = np.zeros((count, WEEKS))
    for week in range(weeks[1]):
        on = (week < lasts) & (first + week < WEEKS)
        np.maximum.at(found, (account[on], first[on] + week), depth[on])
    return found


def _season() -> Array:
    """Return the season of all accounts, which is quiet in August and around Christmas."""
    week = np.arange(WEEKS) % 52
    return np.asarray(
        -0.3 * np.exp(-(((week - 32) / 2.5) ** 2))
        - 0.9 * (week >= 51)
        - 0.7 * (week == 0)
        - 0.25 * (week == 14)
    )
