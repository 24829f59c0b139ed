"""Verdict of a backtest in words: its reliability, and a comparison with simple rules."""

from collections.abc import Iterator

import numpy as np

from mailsignals.training.backtest import Backtest
from mailsignals.training.dataset import QUIET, Target
from mailsignals.training.judgement import Judgement
from models.bootstrap import Estimate
from models.card import SUSPICIOUS_AUC
from models.evaluate import LEAST_TEST_CHURNERS
from models.train import FROM_CHURNERS, ORDER_FROM

HAPPENED = {Target.CHURN: "churned", Target.SILENCE: "went quiet"}
"""Verbs for the event, by target: ``of these accounts 12 churned``."""
AHEAD = {Target.CHURN: "churned within 90 days", Target.SILENCE: "wrote nothing in the 90 days after"}

UNCHECKED = (
    "The list has not been checked against cancellations yet. Add churn dates (churned_on) to the account list, and "
    "the backtest checks it on churn, too."
)
SAYS_LITTLE = (
    "Silence predicts little here, because hardly any customer stops writing for 90 days. The order comes from "
    "changes against each customer's own past."
)
TOO_SHORT = "Nothing can be checked yet, because no snapshot of your mail is older than 90 days."


def verdict(backtest: Backtest) -> str:
    """Return the first paragraph of the report: the reliability of risk, and a comparison with simple rules."""
    return " ".join([*_on_silence(backtest), *_on_churn(backtest)])


def _on_silence(backtest: Backtest) -> Iterator[str]:
    found = backtest.silence
    if not backtest.asked_of_silence:
        return
    if found is None:
        yield SAYS_LITTLE if backtest.can_fall_silent else TOO_SHORT
        return
    if found.test.churners < LEAST_TEST_CHURNERS:
        yield (
            f"{SAYS_LITTLE if backtest.churn or found.base_rate < 0.02 else 'There are too few cases to judge.'} "
            f"{found.test.churners} of {found.accounts} accounts went quiet; at least {LEAST_TEST_CHURNERS} are needed "
            "to tell a ranking from chance."
        )
        return
    yield (
        "The list ranks accounts by their chance of going quiet, from how often each customer writes. It was checked "
        f"on your last {_quarters(found)}."
    )
    yield from _against_rules(found)
    error = found.verdicts[QUIET].figures["calibration_error"].value
    if np.isfinite(error):
        yield f"Chances of going quiet are off by {100 * error:.0f} percentage points on average."


def _quarters(found: Judgement) -> str:
    days = int(np.ptp(found.test.sample.day[found.test.sample.mature])) + 28
    quarters = max(1, round(days / 91))
    return "quarter" if quarters == 1 else f"{quarters} quarters"


def _against_rules(found: Judgement) -> Iterator[str]:
    """Yield the share of the riskiest tenth with the event, and a comparison with the best simple rule."""
    own, best = found.verdicts[found.chosen], best_rule(found)
    yield (
        f"Of the tenth with the highest risk, {_share(own.figures['lift_10'], found)} {AHEAD[found.target]} (all "
        f"accounts: {100 * found.base_rate:.0f}%)."
    )
    gains = {name: better["roc_auc"] for name, better in found.against.items()}
    gain = gains[best]
    beaten = [f"'{name}'" for name, one in gains.items() if one.low > 0]
    rule = f"'{best}' ({_share(found.verdicts[best].figures['lift_10'], found)} of its highest tenth)"
    if gain.low > 0:
        yield f"That is significantly better than the best simple rule, {rule}."
    elif gain.high < 0:
        yield f"A simple rule ranks better: {rule}. Use that rule for the order."
    else:
        if beaten:
            yield f"It ranks significantly better than {', '.join(beaten)}."
        yield (
            f"A simple rule ranks as well: {rule}. The list adds reasons and chances that can be checked, not a "
            "better order."
        )


def best_rule(found: Judgement) -> str:
    """Return the simple rule that ranks best."""
    return max(found.baselines, key=lambda name: np.nan_to_num(found.verdicts[name].figures["roc_auc"].value))


def _share(lift: Estimate, found: Judgement) -> str:
    return f"{100 * lift.value * found.base_rate:.0f}%" if np.isfinite(lift.value) else "an unknown share"


def _on_churn(backtest: Backtest) -> Iterator[str]:
    found = backtest.churn
    if found is None:
        yield _unchecked(backtest)
        return
    if found.test.churners < LEAST_TEST_CHURNERS:
        yield (
            f"On churn it can't be evaluated yet: {found.test.churners} accounts of the test churned, and at least "
            f"{LEAST_TEST_CHURNERS} are needed to tell a ranking from chance. Treat chances of churn as rough."
        )
        return
    figures = found.verdicts[found.chosen].figures
    if not figures["roc_auc"].low > 0.5:
        yield "On churn, its ranking is not significantly better than chance."
    yield from _alarms(found)
    yield from _against_rules(found)
    yield _order(backtest)
    if figures["roc_auc"].value > SUSPICIOUS_AUC:
        yield (
            f"A ROC-AUC of {figures['roc_auc'].value:.2f} is suspiciously good. Check that no field of the account "
            "list is filled in only after a customer has churned."
        )


def _unchecked(backtest: Backtest) -> str:
    known = backtest.churn_dates
    if not known:
        return UNCHECKED
    dates = "1 churn date is" if known == 1 else f"{known} churn dates are"
    if backtest.churners < FROM_CHURNERS:
        return (
            f"{dates} known; {backtest.churners} can be used, because the account wrote shortly before. A model of "
            f"churn is trained from {FROM_CHURNERS} on, and can set the order from {ORDER_FROM} on. Until then the "
            "list is not checked against cancellations."
        )
    return (
        f"{dates} known, but they were entered too late for a backtest. The list has not been checked against "
        "cancellations yet."
    )


def _alarms(found: Judgement) -> Iterator[str]:
    figures, budget = found.verdicts[found.chosen].figures, found.test.false_alarms
    recall, by_chance = figures["recall_at_budget"], found.random["recall_at_budget"]
    if not figures["judged_alarms"].value > 0:
        yield f"On churn, no alarm fits within {alarms_a_month(budget)}."
        return
    yield (
        f"On churn, it would have warned of {_percent(recall)} of the customers who {HAPPENED[found.target]}, at "
        f"{alarms_a_month(budget)}. As many random alarms would have found {100 * by_chance.value:.0f}%."
    )
    lead = figures["lead_days_median"]
    if lead.value > 0:
        yield f"The median warning came {lead.value:.0f} days before."
    yield f"Of its alarms, {_percent(figures['alarm_precision'])} were right."


def _order(backtest: Backtest) -> str:
    name = backtest.candidate.name
    if backtest.order is None:
        known = backtest.churners
        return f"The model '{name}' can set the order once {ORDER_FROM} churned accounts are known; {known} are known."
    gain = backtest.order.better["pr_auc"]
    than = f"risk without churn dates (PR-AUC {gain.value:+.3f}, {gain.low:+.3f} to {gain.high:+.3f})"
    if backtest.sets_order:
        return f"The model '{name}' sets the order, because it ranks significantly better than {than}."
    return (
        f"The model '{name}' does not set the order, because it does not rank significantly better than {than}. It "
        "is one of the two causes of risk."
    )


def beforehand(found: Judgement) -> str:
    """Return a sentence on the alarms of the second half at thresholds set on the first half, followed by a space.

    The text is empty if no alarm could be evaluated.
    """
    cost = found.beforehand.get("false_alarms_per_csm_month")
    if cost is None or not np.isfinite(cost.value):
        return ""
    recall = found.beforehand["recall_at_budget"]
    caught = f" and warned of {_percent(recall)}" if np.isfinite(recall.value) else ""
    return (
        f"With thresholds from the first half, the second half would have cost {cost.value:.2f} false alarms per CSM "
        f"and month{caught}. "
    )


def alarms_a_month(budget: float) -> str:
    """Return an alarm budget in words: ``1 false alarm per CSM and month``."""
    return f"{budget:g} false alarm{'' if budget == 1 else 's'} per CSM and month"


def _percent(figure: Estimate) -> str:
    return f"{100 * figure.value:.0f}% ({100 * figure.low:.0f} to {100 * figure.high:.0f})"
