"""Paces of firms: daily, weekly, monthly or quarterly mail, with bursts and pauses."""

import dataclasses
import enum

import numpy as np
import numpy.typing as npt

from mailsignals.demo.rhythm import Flags, Floats, Ints


class Pace(enum.IntEnum):
    """Usual pace of a firm's mail."""

    DAILY = 0
    WEEKLY = 1
    MONTHLY = 2
    QUARTERLY = 3


SHARES = ((0.48, 0.34, 0.18, 0.0), (0.10, 0.34, 0.37, 0.19), (0.02, 0.17, 0.43, 0.38))
"""Shares of paces among the firms of each tier; in total, more than half write less than one email per week."""
MAILS_A_WEEK = np.array([7.5, 2.2, 0.36, 0.08])
"""Weekly inbound emails of an average firm of each pace, without its replies to check-ins."""
USUAL_MAILS = np.array([7.5, 3.3, 1.4])
"""Weekly inbound emails of an average firm of each tier at the rates of ``openings``."""
ANSWERS = np.log(np.array([1.0, 1.0, 0.6, 0.4]))
"""Logarithm of the factor on the odds that a firm replies to the team, by pace."""
FADES_OVER = np.array([1.0, 1.0, 1.6, 2.0])
"""Factor on the time that a change takes to show, by pace."""

PROJECT_SHARE = np.array([1.0, 0.8, 0.4, 0.3])
"""Share of weeks within a project, in which mail comes in bursts, by pace."""
PROJECT_WEEKS = 5.0
"""Mean length of a project."""
BETWEEN_PROJECTS = 0.12
"""Mail outside projects, as a share of the mail within."""

CLOSED_A_YEAR, CLOSED_WEEKS = 0.5, (2, 4)
"""Number of company holidays per year, and their length in weeks."""
BREAKS_A_YEAR = np.array([0.05, 0.15, 0.3, 0.3])
BREAK_WEEKS = (6, 22)
"""Breaks between projects without any mail: number per year by pace, and length in weeks."""
SILENT = -6.0
"""Logarithm of the factor on a firm's mail while it is silent."""
UNANSWERED = -4.0
"""Logarithm of the factor on the odds that a firm replies while it is silent."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Paces:
    """Pace of each firm, and its variation from week to week."""

    pace: Ints
    """A ``Pace`` for each firm."""
    rate: Floats
    """Amount of mail of each firm, relative to the average of its tier."""
    bursts: Floats
    """Logarithm of the relative amount of mail, firms x weeks; the amounts average 1."""
    silent: Flags
    """Weeks of holidays and breaks, firms x weeks."""


def paces(tier: Ints, lively: Flags, weeks: int, rng: np.random.Generator) -> Paces:
    """Return the pace of each firm.

    Args:
        tier: the tier of each firm.
        lively: firms whose story little mail would not show; these write at the faster paces of their tier.
        weeks: the number of weeks.
        rng: the source of randomness.
    """
    pace = _dealt(tier, lively, rng)
    spread = np.where(pace >= Pace.MONTHLY, 0.35, 0.0)
    rate = MAILS_A_WEEK[pace] / USUAL_MAILS[tier] * np.exp(rng.normal(0.0, 1.0, len(tier)) * spread)
    silent = silences(pace, weeks, rng)
    return Paces(pace=pace, rate=rate, bursts=bursts(pace, weeks, rng), silent=silent)


def _dealt(tier: Ints, lively: Flags, rng: np.random.Generator) -> Ints:
    """Return paces in the configured shares of each tier, as exactly as numbers allow."""
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
    """Return the logarithm of the relative amount of mail, firms x weeks; the amounts average 1."""
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
    """Return weeks within spells with that yearly frequency, firms x weeks; some spells begin before the first week."""
    before = length[1]
    begins = rng.random((len(yearly), before + weeks)) < yearly[:, None] / 52
    lasts = rng.integers(length[0], length[1] + 1, begins.shape)
    week = np.arange(before + weeks)
    ends = np.maximum.accumulate(np.where(begins, week + lasts, 0), axis=1)
    return np.asarray((week < ends)[:, before:])
