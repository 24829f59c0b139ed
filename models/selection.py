"""The decisions of a replay: whether facts of the contract are used, and whether a model sets the order of risk."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from models.bootstrap import Estimate
from models.evaluate import LEAST_TEST_CHURNERS, Test, paired_difference
from models.sample import Floats
from models.train import ORDER_FROM


@dataclasses.dataclass(frozen=True, kw_only=True)
class SelectionStep:
    """One comparison on the way."""

    challenger: str
    holder: str
    better: Mapping[str, Estimate]
    """By how much the challenger ranks better."""
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
    """The candidate to use, and the comparisons that led to it.

    From the simplest on, a candidate takes over if the whole interval of its gain over the holder lies above zero, in
    PR-AUC or in ROC-AUC, and the other of the two gains as well: PR-AUC says most of those who are called, ROC-AUC is
    less at the mercy of a few. With too few departures in the test nothing is compared.

    Args:
        scores: of the test's rows, by candidate.
        order: the candidates, the simplest first.
        test: what they were asked.
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
    """Return whether the trained chance of leaving should set the order; None while too few have left to ask.

    It does if it ranks those who left better than risk without churn dates, by PR-AUC beyond its interval, paired by
    account, and not surely worse than risk with the trained chance inside. The same number must have left in the test
    as for any judgement of it: nothing can be told from fewer.

    Args:
        scores: of the test's rows, by contender.
        leaving: the trained chance of leaving.
        untrained: risk without churn dates.
        combined: risk with the trained chance of leaving as one of its causes.
        churners: how many are known to have left.
        test: the rows that were asked about.
    """
    if churners < ORDER_FROM or test.churners < LEAST_TEST_CHURNERS:
        return None
    better = paired_difference(scores[leaving], scores[untrained], test)
    apart = paired_difference(scores[leaving], scores[combined], test)
    wins = better["pr_auc"].low > 0 and apart["pr_auc"].high >= 0
    return SelectionStep(challenger=leaving, holder=untrained, better=better, wins=wins)
