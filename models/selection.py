"""Decisions of a backtest: the use of facts of the contract, and the use of a model for the order of risk."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from models.bootstrap import Estimate
from models.evaluate import LEAST_TEST_CHURNERS, Test, paired_difference
from models.sample import Floats
from models.train import ORDER_FROM


@dataclasses.dataclass(frozen=True, kw_only=True)
class SelectionStep:
    """One comparison of two models."""

    challenger: str
    holder: str
    better: Mapping[str, Estimate]
    """Gains of the challenger in ranking, by figure; positive is better."""
    wins: bool

    def to_json(self) -> dict[str, Any]:
        """Return the step as values for JSON."""
        return {
            "challenger": self.challenger,
            "holder": self.holder,
            "better": {name: figure.to_json() for name, figure in self.better.items()},
            "wins": self.wins,
        }


def select_model(
    scores: Mapping[str, Floats], order: list[str], test: Test
) -> tuple[str, list[SelectionStep]]:
    """Return the name of the candidate to use, and the comparisons behind the choice.

    Candidates are compared from the simplest on. A candidate replaces the current one if its gain in PR-AUC or
    ROC-AUC is significant, and the other gain is positive. PR-AUC weighs the top of the list; ROC-AUC depends less on
    a few accounts. With too few churned accounts in the test, candidates are not compared.

    Args:
        scores: the scores of the test's rows, by candidate.
        order: the candidates, the simplest first.
        test: the snapshots of the test.
    """
    holder = order[0]
    steps: list[SelectionStep] = []
    if test.churners < LEAST_TEST_CHURNERS:
        return holder, steps
    for challenger in order[1:]:
        better = paired_difference(scores[challenger], scores[holder], test)
        step = SelectionStep(challenger=challenger, holder=holder, better=better, wins=_wins(better))
        steps.append(step)
        holder = challenger if step.wins else holder
    return holder, steps


def _wins(better: Mapping[str, Estimate]) -> bool:
    gains = [better["pr_auc"], better["roc_auc"]]
    return any(gain.low > 0 for gain in gains) and all(gain.value > 0 for gain in gains)


def confirm_order(
    scores: Mapping[str, Floats], *, leaving: str, untrained: str, combined: str, churners: int, test: Test
) -> SelectionStep | None:
    """Return the comparison that decides if the trained chance of churn sets the order; None with too few churn dates.

    It sets the order if its PR-AUC on churn is significantly better than that of risk without churn dates, paired by
    account, and not significantly worse than that of risk with the trained chance. The test needs at least
    ``LEAST_TEST_CHURNERS`` churned accounts, as for any comparison.

    Args:
        scores: the scores of the test's rows, by contender.
        leaving: the name of the trained chance of churn.
        untrained: the name of risk without churn dates.
        combined: the name of risk with the trained chance of churn as one of its causes.
        churners: the number of known churned accounts.
        test: the snapshots of the test.
    """
    if churners < ORDER_FROM or test.churners < LEAST_TEST_CHURNERS:
        return None
    better = paired_difference(scores[leaving], scores[untrained], test)
    apart = paired_difference(scores[leaving], scores[combined], test)
    wins = better["pr_auc"].low > 0 and apart["pr_auc"].high >= 0
    return SelectionStep(challenger=leaving, holder=untrained, better=better, wins=wins)
