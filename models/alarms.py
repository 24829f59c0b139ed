"""Alarms: the accounts put on a CSM's list, with dates and costs.

An alarm opens when the probability reaches ``opens``, and stays open until it falls below ``stays``, so that an account
at the threshold does not flicker. If the probability reaches ``opens`` again within the cool-down, the same alarm
reopens and is not counted twice. An alarm that outlasts the cool-down is counted again, because a CSM has to check it
again. An alarm is false if the account does not churn within the look-ahead after it. It is evaluated once that is
known.
"""

import dataclasses

import numpy as np

from models.sample import Flags, Floats, Ints

COOL_DOWN_DAYS = 60
LOOK_AHEAD_DAYS = 120
HYSTERESIS = 0.75
"""Share of the opening probability down to which an alarm stays open."""
MONTH_DAYS = 30.4375
THRESHOLDS = 200
"""Number of candidates in a search, which are quantiles of the scores."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Probabilities at which an alarm opens, and down to which it stays open."""

    opens: float
    stays: float


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class AlarmGrid:
    """Scores on a grid, accounts by snapshots in order of time; nan where an account was not assessed."""

    account: Ints
    """Accounts of the rows of the grid."""
    day: Ints
    """Days of the columns of the grid."""
    score: Floats
    days_to_event: Floats
    """Days from each snapshot to the event that an alarm predicts; infinite where none is known."""
    known_until: int
    """The last day up to which churn dates are known."""
    csms: int

    @classmethod
    def of(
        cls, account: Ints, day: Ints, score: Floats, days_to_event: Floats, *, known_until: int, csms: int
    ) -> "AlarmGrid":
        """Return the grid of rows that give account, day, score and days to the event."""
        accounts, row = np.unique(account, return_inverse=True)
        days, column = np.unique(day, return_inverse=True)
        grid = np.full((len(accounts), len(days)), np.nan)
        grid[row, column] = score
        ahead = np.full(grid.shape, np.inf)
        ahead[row, column] = days_to_event
        return cls(
            account=accounts,
            day=days,
            score=grid,
            days_to_event=ahead,
            known_until=known_until,
            csms=max(csms, 1),
        )


def replay(scores: Floats, days: Ints | Floats, thresholds: Thresholds) -> tuple[Flags, Flags]:
    """Return two grids, accounts by days: true where an alarm opens, and true where one is open."""
    opened = np.zeros(scores.shape, dtype=bool)
    standing = np.zeros(scores.shape, dtype=bool)
    is_open = np.zeros(len(scores), dtype=bool)
    last = np.full(len(scores), -np.inf)
    for column, day in enumerate(days):
        score = np.nan_to_num(scores[:, column], nan=-np.inf)
        is_open &= score >= thresholds.stays
        is_open |= score >= thresholds.opens
        new = is_open & (day - last >= COOL_DOWN_DAYS)
        last[new] = day
        opened[:, column], standing[:, column] = new, is_open
    return opened, standing


@dataclasses.dataclass(frozen=True, kw_only=True)
class AlarmCost:
    """Cost and benefit of alarms, as counts per account, so that accounts can be weighted."""

    alarms: Floats
    """Number of evaluated alarms of each account."""
    false_alarms: Floats
    churned: Flags
    """True for each account that churned after a snapshot that could have raised an alarm."""
    caught: Flags
    """True for each of these accounts with an alarm within the look-ahead before the churn."""
    lead_days: Floats
    """Days from the first such alarm to the churn; nan without one."""
    csm_months: float


def cost_of_alarms(board: AlarmGrid, opened: Flags) -> AlarmCost:
    """Return the cost of the alarms whose look-ahead is known."""
    near = board.days_to_event <= LOOK_AHEAD_DAYS
    warned = opened & near
    # Late alarms are left out: they could only be right so far, which would flatter.
    judged = opened & (board.day[None, :] + LOOK_AHEAD_DAYS <= board.known_until)
    churned = (np.isfinite(board.score) & near).any(axis=1)
    lead = np.where(warned, board.days_to_event, -np.inf).max(axis=1, initial=-np.inf)
    judged_days = board.day[board.day + LOOK_AHEAD_DAYS <= board.known_until]
    step = float(np.median(np.diff(board.day))) if len(board.day) > 1 else MONTH_DAYS
    return AlarmCost(
        alarms=judged.sum(axis=1).astype(np.float64),
        false_alarms=(judged & ~warned).sum(axis=1).astype(np.float64),
        churned=np.asarray(churned),
        caught=np.asarray(churned & warned.any(axis=1)),
        lead_days=np.where(np.isfinite(lead), lead, np.nan),
        csm_months=board.csms * len(judged_days) * step / MONTH_DAYS,
    )


def false_alarm_rate(found: AlarmCost) -> float:
    """Return the false alarms per CSM and month; nan if no alarm could be evaluated yet."""
    return float(found.false_alarms.sum() / found.csm_months) if found.csm_months > 0 else float("nan")


def thresholds_at(opens: float, *, hysteresis: float = HYSTERESIS) -> Thresholds:
    """Return both thresholds for a probability at which alarms open."""
    return Thresholds(opens=opens, stays=opens * hysteresis)


def within_budget(board: AlarmGrid, *, false_alarms: float, hysteresis: float = HYSTERESIS) -> Thresholds:
    """Return the lowest thresholds with at most so many false alarms per CSM and month.

    If no alarm can be evaluated, or no threshold meets the budget, the thresholds open no alarm.
    """
    known = board.score[np.isfinite(board.score)]
    never = thresholds_at(np.inf, hysteresis=hysteresis)
    if not len(known):
        return never
    candidates = np.unique(np.quantile(known, 1 - np.geomspace(1 / len(known), 1, THRESHOLDS)))[::-1]
    best = never
    for opens in candidates:
        tried = thresholds_at(float(opens), hysteresis=hysteresis)
        rate = false_alarm_rate(cost_of_alarms(board, replay(board.score, board.day, tried)[0]))
        if not rate <= false_alarms:
            break
        best = tried
    return best


def at_rate_of(board: AlarmGrid, alarms: float, rng: np.random.Generator) -> Flags:
    """Return random scores that raise about the given number of alarms, as far as the cool-down permits."""
    drawn = np.where(np.isfinite(board.score), rng.random(board.score.shape), np.nan)
    low, high = 0.0, 1.0
    opened = np.zeros(drawn.shape, dtype=bool)
    for _ in range(12):
        middle = (low + high) / 2
        opened, _ = replay(drawn, board.day, thresholds_at(middle, hysteresis=1.0))
        low, high = (middle, high) if cost_of_alarms(board, opened).alarms.sum() > alarms else (low, middle)
    return opened
