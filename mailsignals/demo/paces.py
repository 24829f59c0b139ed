"""How often each firm writes: daily, weekly, monthly or quarterly, in bursts and with pauses."""

import dataclasses
import enum

import numpy as np
import numpy.typing as npt

from mailsignals.demo.rhythm import Flags, Floats, Ints


class Pace(enum.IntEnum):
    """The usual pace of a firm's mail."""

    DAILY = 0
    WEEKLY = 1
    MONTHLY = 2
    QUARTERLY = 3


SHARES = ((0.48, 0.34, 0.18, 0.0), (0.10, 0.34, 0.37, 0.19), (0.02, 0.17, 0.43, 0.38))
"""Of the firms of each tier; together, more than half write less than one mail a week."""
MAILS_A_WEEK = np.array([7.5, 2.2, 0.36, 0.08])
"""Inbound emails of an average firm of each pace, apart from its answers to check-ins."""
USUAL_MAILS = np.array([7.5, 3.3, 1.4])
"""Inbound emails a week of an average firm of each tier at the weekly rates of ``openings``."""
ANSWERS = np.log(np.array([1.0, 1.0, 0.6, 0.4]))
"""Logarithm of the factor on the odds that a mail of ours is answered, by pace."""
FADES_OVER = np.array([1.0, 1.0, 1.6, 2.0])
"""How many times longer a change takes to show, by pace."""

PROJECT_SHARE = np.array([1.0, 0.8, 0.4, 0.3])
"""Of the weeks, those within a project, by pace: mail comes in bursts."""
PROJECT_WEEKS = 5.0
"""Mean length of a project."""
BETWEEN_PROJECTS = 0.12
"""How much is written outside projects, as a share of what is written within."""

CLOSED_A_YEAR, CLOSED_WEEKS = 0.5, (2, 4)
"""Holidays of a whole firm."""
BREAKS_A_YEAR = np.array([0.05, 0.15, 0.3, 0.3])
BREAK_WEEKS = (6, 22)
"""Breaks between projects, in which nothing is written for weeks or months, by pace."""
SILENT = -6.0
"""Logarithm of the factor on what a firm writes while it is silent."""
UNANSWERED = -4.0
"""The same for the odds that it answers."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Paces:
    """The pace of each firm, and how it varies from week to week."""

    pace: Ints
    """A ``Pace`` for each firm."""
    rate: Floats
    """How much each firm writes, 1 being usual for its tier."""
    bursts: Floats
    """Logarithm of how much is written in each week, firms x weeks; on average, 1 is written."""
    silent: Flags
    """Weeks of holidays and breaks, firms x weeks."""


def paces(tier: Ints, lively: Flags, weeks: int, rng: np.random.Generator) -> Paces:
    """Return the pace of each firm.

    Args:
        tier: of each firm.
        lively: firms whose story would not be seen in little mail: these write at the faster paces of their tier.
        weeks: how many.
        rng: where chance comes from.
    """
    pace = _dealt(tier, lively, rng)
    spread = np.where(pace >= Pace.MONTHLY, 0.35, 0.0)
    rate = MAILS_A_WEEK[pace] / USUAL_MAILS[tier] * np.exp(rng.normal(0.0, 1.0, len(tier)) * spread)
    silent = silences(pace, weeks, rng)
    return Paces(pace=pace, rate=rate, bursts=bursts(pace, weeks, rng), silent=silent)


def _dealt(tier: Ints, lively: Flags, rng: np.random.Generator) -> Ints:
    """Paces in the agreed shares of each tier, as evenly as numbers allow."""
    pace = np.zeros(len(tier), dtype=np.int64)
    for number, shares in enumerate(SHARES):
        for among in (np.flatnonzero((tier == number) & ~lively), np.flatnonzero((tier == number) & lively)):
            place = (rng.permutation(len(among)) + rng.random(len(among))) / max(len(among), 1)
            place = np.where(lively[among], place * sum(shares[: Pace.MONTHLY]), place)
            pace[among] = np.searchsorted(np.cumsum(shares)[:-1], place, side="right")
    return pace


def silences(pace: Ints, weeks: int, rng: np.random.Generator) -> Flags:
    """Return the weeks of holidays and breaks, firms x weeks, of firms of these paces."""
    breaks = _spells(rng, BREAKS_A_YEAR[pace], BREAK_WEEKS, weeks)
    return np.asarray(breaks | _spells(rng, np.full(len(pace), CLOSED_A_YEAR), CLOSED_WEEKS, weeks))


def bursts(pace: Ints, weeks: int, rng: np.random.Generator) -> Floats:
    """Return the logarithm of how much is written in each week, firms x weeks; 1 on average."""
    share = PROJECT_SHARE[pace]
    chance, within = rng.random((weeks, len(pace))), np.empty((weeks, len(pace)), dtype=np.bool_)
    within[0] = chance[0] < share
    starts = np.minimum(share / np.maximum(1 - share, 1e-9) / PROJECT_WEEKS, 1.0)
    for week in range(1, weeks):
        within[week] = chance[week] < np.where(within[week - 1], 1 - (share < 1) / PROJECT_WEEKS, starts)
    mean = share + (1 - share) * BETWEEN_PROJECTS
    return np.log(np.where(within, 1.0, BETWEEN_PROJECTS) / mean).T


def _spells(
    rng: np.random.Generator, yearly: Floats, length: tuple[int, int], weeks: int
) -> npt.NDArray[np.bool_]:
    """Weeks within spells that begin that often a year, firms x weeks; some began before the first week."""
    before = length[1]
    begins = rng.random((len(yearly), before + weeks)) < yearly[:, None] / 52
    lasts = rng.integers(length[0], length[1] + 1, begins.shape)
    week = np.arange(before + weeks)
    ends = np.maximum.accumulate(np.where(begins, week + lasts, 0), axis=1)
    return np.asarray((week < ends)[:, before:])
