"""Alarms: who is put on a CSM's list, when, and at what price.

An alarm opens when the probability reaches ``opens``, and stands until it falls under ``stays``, so that an account on
the edge does not flicker. If it reaches ``opens`` again within the cool-down after it opened, that is the same alarm,
which stands again and is not counted twice; one that outlasts the cool-down is counted anew, because somebody has to
look again. An alarm is false if the account does not churn within the look-ahead after it; it is judged once that is
known.
"""

import dataclasses

import numpy as np

from models.sample import Flags, Floats, Ints

COOL_DOWN_DAYS = 60
LOOK_AHEAD_DAYS = 120
HYSTERESIS = 0.75
"""An open alarm stays down to this share of the probability that opens one."""
MONTH_DAYS = 30.4375
THRESHOLDS = 200
"""How many candidates a search looks at, all quantiles of the scores."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Thresholds:
    """From where on an alarm opens, and down to where it stays."""

    opens: float
    stays: float


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class AlarmGrid:
    """Scores on a grid, accounts by snapshots in order of time; nan where an account was not judged."""

    account: Ints
    """Of the rows of the grid."""
    day: Ints
    """Of its columns."""
    score: Floats
    days_to_event: Floats
    """From each snapshot to what the alarm warns of; infinite where none is known."""
    known_until: int
    """The day up to which one knows who churned."""
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
    """On a grid of scores, accounts by days: where an alarm opens, and where one is open."""
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
    """The cost and benefit of alarms, as counts per account so that accounts can be weighed."""

    alarms: Floats
    """Judged alarms of each account."""
    false_alarms: Floats
    churned: Flags
    """Accounts that churned while they were judged, and could have been warned of."""
    caught: Flags
    """Of these, those with an alarm within the look-ahead before."""
    lead_days: Floats
    """From the first such alarm to the churn; nan without one."""
    csm_months: float


def cost_of_alarms(board: AlarmGrid, opened: Flags) -> AlarmCost:
    """Judge the alarms whose look-ahead is known."""
    near = board.days_to_event <= LOOK_AHEAD_DAYS
    warned = opened & near
    # A late alarm may be known to be right, but not to be false: to count it would flatter.
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
    """False alarms per CSM and month; nan if none could be judged yet."""
    return float(found.false_alarms.sum() / found.csm_months) if found.csm_months > 0 else float("nan")


def thresholds_at(opens: float, *, hysteresis: float = HYSTERESIS) -> Thresholds:
    """The pair of thresholds of a probability at which alarms open."""
    return Thresholds(opens=opens, stays=opens * hysteresis)


def within_budget(board: AlarmGrid, *, false_alarms: float, hysteresis: float = HYSTERESIS) -> Thresholds:
    """The lowest thresholds that cost at most so many false alarms per CSM and month.

    If none can be judged, or none is cheap enough, nothing opens an alarm.
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
    """Random alarms, as many as asked for as far as the cool-down permits: scores drawn anew for each cell."""
    drawn = np.where(np.isfinite(board.score), rng.random(board.score.shape), np.nan)
    low, high = 0.0, 1.0
    opened = np.zeros(drawn.shape, dtype=bool)
    for _ in range(12):
        middle = (low + high) / 2
        opened, _ = replay(drawn, board.day, thresholds_at(middle, hysteresis=1.0))
        low, high = (middle, high) if cost_of_alarms(board, opened).alarms.sum() > alarms else (low, middle)
    return opened
