"""What a replay of history came to, in words that a sceptical head of customer success would accept."""

from collections.abc import Mapping

import numpy as np

from mailsignals.training.backtest import Backtest
from mailsignals.training.dataset import Target
from models.bootstrap import Estimate
from models.card import SUSPICIOUS_AUC
from models.evaluate import LEAST_TEST_CHURNERS
from models.train import CONTRACT, CandidateKind

LEFT = {Target.CHURN: "left", Target.SILENCE: "went silent for 90 days"}

NO_HISTORY = (
    "Nothing can be said yet: history is too short, or too few accounts {left}, for a model to be fitted at one time "
    "and asked about another."
)


def verdict(judgement: Backtest | None, target: Target) -> str:
    """Return the first paragraph of the report: whether the model is worth using for this company."""
    if judgement is None:
        return NO_HISTORY.format(left=LEFT[target])
    asked = judgement.test.churners
    if asked < LEAST_TEST_CHURNERS:
        return (
            f"Not to be judged yet. Of the accounts that could be asked about, {asked} {LEFT[target]}, and under "
            f"{LEAST_TEST_CHURNERS} nothing can be told from chance. Rank by the scorecard, and take probabilities as "
            "orders of magnitude."
        )
    figures = judgement.verdicts[judgement.chosen].figures
    sentences = [
        _worth(figures, judgement.random),
        *_alarms(judgement, target),
        _holder(judgement),
        f"Its probabilities are off by {100 * figures['calibration_error'].value:.1f} points on average.",
    ]
    if figures["roc_auc"].value > SUSPICIOUS_AUC:
        sentences.append(
            f"A ROC-AUC of {figures['roc_auc'].value:.2f} is suspiciously good: make sure that nothing in the account "
            "book is entered only once a customer has left."
        )
    return " ".join(sentences)


def _worth(figures: Mapping[str, Estimate], random: Mapping[str, Estimate]) -> str:
    """One judgement of three: by the alarms, by the ranking alone, or none."""
    catches = figures["recall_at_budget"].low > random["recall_at_budget"].value
    if catches and figures["brier_skill"].low > 0:
        return "Worth using: its alarms catch more than chance would, and its probabilities say more than an average."
    if figures["roc_auc"].low > 0.5:
        return "Worth using for its ranking alone: it beats chance, but its alarms or probabilities do not surely."
    return "Not worth using: its ranking cannot be told from chance."


def _alarms(judgement: Backtest, target: Target) -> list[str]:
    figures, budget = judgement.verdicts[judgement.chosen].figures, judgement.test.false_alarms
    recall, by_chance = figures["recall_at_budget"], judgement.random["recall_at_budget"]
    if not figures["judged_alarms"].value > 0:
        return [f"No alarm is affordable at {alarms_a_month(budget)}."]
    caught = (
        f"At {alarms_a_month(budget)} it would have warned of {_percent(recall)} of those who "
        f"{LEFT[target]}; as many random alarms would have caught {100 * by_chance.value:.0f} %."
    )
    found = [caught]
    lead = figures["lead_days_median"]
    if lead.value > 0 and target is Target.CHURN:  # silence is complete after 90 days, whoever warns
        found.append(
            f"The median warning came {lead.value:.0f} days ahead ({lead.low:.0f} to {lead.high:.0f}; random alarms: "
            f"{judgement.random['lead_days_median'].value:.0f})."
        )
    precision = figures["alarm_precision"]
    found.append(f"Of its alarms, {_percent(precision)} were right.")
    return found


def _holder(judgement: Backtest) -> str:
    if judgement.chosen == CandidateKind.SCORECARD.value:
        tried = [step.challenger for step in judgement.steps]
        why = f"nothing that was tried ({', '.join(tried)}) beat it beyond chance"
        return f"It is the scorecard, with probabilities: {why if tried else 'too few have left for anything else'}."
    step = next(step for step in reversed(judgement.steps) if step.wins)
    pr_auc, roc_auc = step.better["pr_auc"], step.better["roc_auc"]
    apart = (
        " Models that see mail alone did not beat the scorecard: the gain comes from the account book."
        if not any(one.wins and not one.challenger.endswith(CONTRACT) for one in judgement.steps)
        else ""
    )
    return (
        f"It is the model '{judgement.chosen}', which ranks better than '{step.holder}': PR-AUC by {_gain(pr_auc)}, "
        f"ROC-AUC by {_gain(roc_auc)}.{apart}"
    )


def _gain(gain: Estimate) -> str:
    return f"{gain.value:.3f} ({gain.low:+.3f} to {gain.high:+.3f})"


def beforehand(judgement: Backtest) -> str:
    """Return a sentence on the second half of the weeks at thresholds from the first half alone, with a space after it.

    Empty if nothing could be judged.
    """
    cost = judgement.beforehand.get("false_alarms_per_csm_month")
    if cost is None or not np.isfinite(cost.value):
        return ""
    recall = judgement.beforehand["recall_at_budget"]
    caught = f" and warned of {_percent(recall)}" if np.isfinite(recall.value) else ""
    return (
        f"Set on the first half of the weeks, they would have cost {cost.value:.2f} false alarms per CSM and month in "
        f"the second{caught}. "
    )


def alarms_a_month(budget: float) -> str:
    """``1 false alarm per CSM and month``."""
    return f"{budget:g} false alarm{'' if budget == 1 else 's'} per CSM and month"


def _percent(figure: Estimate) -> str:
    return f"{100 * figure.value:.0f} % ({100 * figure.low:.0f} to {100 * figure.high:.0f})"
