"""Evaluation of models: figures of predictions for snapshots outside the training data, compared with controls."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, SupportsFloat

import numpy as np

from models.alarms import (
    AlarmCost,
    AlarmGrid,
    Thresholds,
    at_rate_of,
    cost_of_alarms,
    false_alarm_rate,
    replay,
    within_budget,
)
from models.bootstrap import Estimate, estimate, estimates
from models.metrics import Ranked, bins_of, brier_skill, calibration_error, reliability
from models.sample import Flags, Floats, Ints, Sample

LEAST_TEST_CHURNERS = 20
"""Number of churned accounts below which models are not compared, because intervals exceed any difference."""
RANDOM_ROUNDS = 20
SOON_DAYS = 30
"""Days before the churn date that are too late to act; churn 31 to 90 days ahead is also evaluated separately."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Test:
    """Snapshots of a test, with the data that figures need."""

    sample: Sample
    csm: Ints
    """Number of each row's CSM."""
    csms: int
    accounts_per_csm: int
    """Number of accounts that a CSM can act on at a time."""
    false_alarms: float
    """Budget of false alarms per CSM and month."""
    known_until: int
    """The last day up to which events are known."""

    @property
    def churners(self) -> int:
        """Return the number of accounts with the event within the horizon of a complete snapshot."""
        return self.sample.take(self.sample.mature).churners()

    def board(self, score: Floats) -> AlarmGrid:
        """Return the grid on which alarms are replayed."""
        return AlarmGrid.of(
            self.sample.account,
            self.sample.day,
            score,
            self.sample.days_to_event,
            known_until=self.known_until,
            csms=self.csms,
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Verdict:
    """Figures of one contender."""

    name: str
    figures: Mapping[str, Estimate]
    reliability: list[tuple[float, float, float]]
    """Mean probability, share of events and number of rows by tenth; empty for contenders without probabilities."""
    thresholds: Thresholds

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as values for JSON."""
        finite = np.isfinite(self.thresholds.opens)
        return {
            "name": self.name,
            "figures": {name: figure.to_json() for name, figure in self.figures.items()},
            "reliability": [list(one) for one in self.reliability],
            "alarm_opens_at": self.thresholds.opens if finite else None,
        }


def judge_test(name: str, score: Floats, test: Test, *, probability: bool) -> Verdict:
    """Return all figures of a contender, without those of calibration if it gives no probability.

    Figures by row use complete snapshots; figures of alarms use alarms whose look-ahead is known.
    """
    mature = test.sample.mature
    rows = test.sample.take(mature)
    shown = score[mature]
    figures = estimates(_by_row(shown, rows, test, mature, probability=probability), rows.account)
    board = test.board(score)
    limits = within_budget(board, false_alarms=test.false_alarms)
    figures |= _of_alarms(cost_of_alarms(board, replay(board.score, board.day, limits)[0]))
    weights = np.ones(len(rows))
    return Verdict(
        name=name,
        figures=figures,
        reliability=reliability(shown, rows.event, weights, bins_of(shown)) if probability else [],
        thresholds=limits,
    )


def _by_row(
    score: Floats, rows: Sample, test: Test, mature: Flags, *, probability: bool
) -> dict[str, Callable[[Floats], float]]:
    event = rows.event
    ranked = Ranked(score, event)
    later = ~(rows.days_to_event <= SOON_DAYS)
    ahead = Ranked(score[later], event[later])
    capacity = within_capacity(score, rows.day, test.csm[mature], most=test.accounts_per_csm)
    found: dict[str, Callable[[Floats], float]] = {
        "pr_auc": ranked.pr_auc,
        "roc_auc": ranked.roc_auc,
        "roc_auc_31_90": lambda weights: ahead.roc_auc(weights[later]),
        "lift_10": ranked.lift,
        "precision_at_capacity": lambda weights: _ratio(weights @ (capacity & event), weights @ capacity),
        "recall_at_capacity": lambda weights: _ratio(weights @ (capacity & event), weights @ event),
        "lift_at_capacity": lambda weights: _ratio(
            _ratio(weights @ (capacity & event), weights @ capacity), _ratio(weights @ event, weights.sum())
        ),
    }
    if probability:
        place = bins_of(score)
        found |= {
            "brier_skill": lambda weights: brier_skill(score, event, weights),
            "calibration_error": lambda weights: calibration_error(score, event, weights, place),
        }
    return found


def within_capacity(score: Floats, day: Ints, csm: Ints, *, most: int) -> Flags:
    """Return true for the riskiest rows of each CSM and day, up to the capacity."""
    order = np.lexsort((-score, csm, day))
    begins = np.append(True, (np.diff(day[order]) != 0) | (np.diff(csm[order]) != 0))
    first = np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))
    found = np.zeros(len(score), dtype=bool)
    found[order] = np.arange(len(order)) - first < most
    return found


def _of_alarms(found: AlarmCost) -> dict[str, Estimate]:
    """Return the alarm figures at the budget, with weighted accounts."""
    alarms, false, churned, caught = (
        array.astype(np.float64) for array in (found.alarms, found.false_alarms, found.churned, found.caught)
    )

    def lead(weights: Floats) -> float:
        known = np.isfinite(found.lead_days) & (weights > 0)
        return (
            float(np.median(np.repeat(found.lead_days[known], weights[known].astype(int))))
            if known.any()
            else float("nan")
        )

    figures: dict[str, Callable[[Floats], float]] = {
        "recall_at_budget": lambda weights: _ratio(weights @ caught, weights @ churned),
        "alarm_precision": lambda weights: _ratio(weights @ (alarms - false), weights @ alarms),
        "false_alarms_per_csm_month": lambda weights: _ratio(weights @ false, found.csm_months),
        "lead_days_median": lead,
        "judged_alarms": lambda weights: float(weights @ alarms),
    }
    return estimates(figures, np.arange(len(alarms)))


def random_alarms(test: Test, *, alarms: float, seed: int = 0) -> dict[str, Estimate]:
    """Return the figures of equally many random alarms: means of twenty rounds, with their 90% range."""
    board = test.board(np.zeros(len(test.sample)))
    rng = np.random.default_rng(seed)
    rounds = [cost_of_alarms(board, at_rate_of(board, alarms, rng)) for _ in range(RANDOM_ROUNDS)]
    drawn = {
        "recall_at_budget": [_ratio(one.caught.sum(), one.churned.sum()) for one in rounds],
        "alarm_precision": [
            _ratio((one.alarms - one.false_alarms).sum(), one.alarms.sum()) for one in rounds
        ],
        "false_alarms_per_csm_month": [false_alarm_rate(one) for one in rounds],
        "lead_days_median": [
            float(np.median(known))
            if len(known := one.lead_days[np.isfinite(one.lead_days)])
            else float("nan")
            for one in rounds
        ],
    }
    return {name: estimate(_mean(np.array(values)), np.array(values)) for name, values in drawn.items()}


def set_beforehand(score: Floats, test: Test) -> dict[str, Estimate]:
    """Return the alarm figures of the second half of the weeks, at thresholds set on the first half.

    The thresholds use only events known by the middle. Empty if no alarm could be evaluated by then.
    """
    days = np.unique(test.sample.day)
    middle = int(days[len(days) // 2]) if len(days) else 0
    earlier = dataclasses.replace(test, sample=test.sample.known_on(middle), known_until=middle)
    limits = within_budget(earlier.board(score[test.sample.day <= middle]), false_alarms=test.false_alarms)
    if not np.isfinite(limits.opens):
        return {}
    later = test.sample.day > middle
    board = dataclasses.replace(test, sample=test.sample.take(later)).board(score[later])
    return _of_alarms(cost_of_alarms(board, replay(board.score, board.day, limits)[0]))


def paired_difference(one: Floats, other: Floats, test: Test) -> dict[str, Estimate]:
    """Return the gains of ``one`` over ``other`` in ranking, on the same draws of accounts; positive is better."""
    rows = test.sample.take(test.sample.mature)
    first, second = (Ranked(score[test.sample.mature], rows.event) for score in (one, other))
    return estimates(
        {
            "pr_auc": lambda weights: first.pr_auc(weights) - second.pr_auc(weights),
            "roc_auc": lambda weights: first.roc_auc(weights) - second.roc_auc(weights),
        },
        rows.account,
    )


def budget_curve(score: Floats, test: Test, budgets: tuple[float, ...]) -> list[tuple[float, float, float]]:
    """Return budget, recall and median lead time in days for each budget."""
    board = test.board(score)
    found = []
    for budget in budgets:
        limits = within_budget(board, false_alarms=budget)
        one = cost_of_alarms(board, replay(board.score, board.day, limits)[0])
        lead = one.lead_days[np.isfinite(one.lead_days)]
        found.append(
            (
                budget,
                _ratio(one.caught.sum(), one.churned.sum()),
                float(np.median(lead)) if len(lead) else np.nan,
            )
        )
    return found


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _ratio(part: SupportsFloat, whole: SupportsFloat) -> float:
    return float(part) / float(whole) if float(whole) > 0 else float("nan")
