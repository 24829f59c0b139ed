"""The outcome of a replay of history, in words that a sceptical head of customer success would accept."""

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
"""What accounts did, by target: ``of these accounts 12 churned``."""
AHEAD = {Target.CHURN: "churned within 90 days", Target.SILENCE: "wrote nothing in the 90 days after"}

UNCHECKED = (
    "It has not been checked against cancellations: enter the dates of customers who left (churned_on), and it will "
    "be."
)
SAYS_LITTLE = (
    "Silence says little here: hardly any customer stops writing for 90 days. The order comes from changes against "
    "each customer's own past."
)
TOO_SHORT = "Nothing can be checked yet: no 90 days after a snapshot of your mail are over."


def verdict(backtest: Backtest) -> str:
    """Return the first paragraph of the report: what to believe, and whether a simple rule is as good."""
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
            f"{SAYS_LITTLE if backtest.churn or found.base_rate < 0.02 else 'Too few to judge.'} "
            f"{found.test.churners} of {found.accounts} accounts went quiet, and under {LEAST_TEST_CHURNERS} nothing "
            "can be told from chance."
        )
        return
    yield (
        "The list says who is likely to go quiet, judged from how often each customer writes and checked on your own "
        f"last {_quarters(found)}."
    )
    yield from _against_rules(found)
    error = found.verdicts[QUIET].figures["calibration_error"].value
    if np.isfinite(error):
        yield f"The chances to go quiet are off by {100 * error:.0f} points on average."


def _quarters(found: Judgement) -> str:
    days = int(np.ptp(found.test.sample.day[found.test.sample.mature])) + 28
    quarters = max(1, round(days / 91))
    return "quarter" if quarters == 1 else f"{quarters} quarters"


def _against_rules(found: Judgement) -> Iterator[str]:
    """How many of the riskiest tenth it happened to, and whether the best simple rule does as well."""
    own, best = found.verdicts[found.chosen], best_rule(found)
    yield (
        f"Of the tenth that stood highest, {_share(own.figures['lift_10'], found)} {AHEAD[found.target]}; of all "
        f"accounts, {100 * found.base_rate:.0f}%."
    )
    gains = {name: better["roc_auc"] for name, better in found.against.items()}
    gain = gains[best]
    beaten = [f"'{name}'" for name, one in gains.items() if one.low > 0]
    rule = f"'{best}' ({_share(found.verdicts[best].figures['lift_10'], found)} of its highest tenth)"
    if gain.low > 0:
        yield f"That is better than the best simple rule, {rule}, beyond chance."
    elif gain.high < 0:
        yield f"A simple rule is better: {rule}. Order by that rule."
    else:
        if beaten:
            yield f"It ranks better than {', '.join(beaten)} beyond chance."
        yield (
            f"A simple rule is as good: {rule}. What the list adds is reasons and chances that can be checked, not a "
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
            f"On churn it is not to be judged yet: of the accounts that could be asked about, {found.test.churners} "
            f"churned, and under {LEAST_TEST_CHURNERS} nothing can be told from chance. Take chances of churn as "
            "orders of magnitude."
        )
        return
    figures = found.verdicts[found.chosen].figures
    yield "On churn:"
    if not figures["roc_auc"].low > 0.5:
        yield "its ranking cannot be told from chance."
    yield from _alarms(found)
    yield from _against_rules(found)
    yield _order(backtest)
    if figures["roc_auc"].value > SUSPICIOUS_AUC:
        yield (
            f"A ROC-AUC of {figures['roc_auc'].value:.2f} is suspiciously good: make sure that nothing in the account "
            "list is entered only once a customer has left."
        )


def _unchecked(backtest: Backtest) -> str:
    known = backtest.churn_dates
    if not known:
        return UNCHECKED
    dates = "1 churn date is" if known == 1 else f"{known} churn dates are"
    if backtest.churners < FROM_CHURNERS:
        return (
            f"{dates} known, {backtest.churners} of accounts that still wrote within 90 days before a snapshot whose "
            f"90 days are over; from {FROM_CHURNERS} on a model of leaving is trained, from {ORDER_FROM} on it may set "
            "the order. Until then it has not been checked against cancellations."
        )
    return (
        f"{dates} known, but too late to be asked about at an earlier time: it has not been checked against "
        "cancellations."
    )


def _alarms(found: Judgement) -> Iterator[str]:
    figures, budget = found.verdicts[found.chosen].figures, found.test.false_alarms
    recall, by_chance = figures["recall_at_budget"], found.random["recall_at_budget"]
    if not figures["judged_alarms"].value > 0:
        yield f"no alarm is affordable at {alarms_a_month(budget)}."
        return
    yield (
        f"at {alarms_a_month(budget)} it would have warned of {_percent(recall)} of those who "
        f"{HAPPENED[found.target]}; as many random alarms would have caught {100 * by_chance.value:.0f}%."
    )
    lead = figures["lead_days_median"]
    if lead.value > 0:
        yield f"The median warning came {lead.value:.0f} days ahead."
    yield f"Of its alarms, {_percent(figures['alarm_precision'])} were right."


def _order(backtest: Backtest) -> str:
    name = backtest.candidate.name
    if backtest.order is None:
        known = backtest.churners
        return (
            f"From {ORDER_FROM} known churners on, the model '{name}' may set the order; {known} are known."
        )
    gain = backtest.order.better["pr_auc"]
    than = f"risk without churn dates: PR-AUC by {gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})"
    if backtest.sets_order:
        return f"The model '{name}' sets the order, because it ranks better than {than}."
    return (
        f"The model '{name}' does not set the order, because it doesn't surely rank better than {than}; it is one of "
        "the two causes of risk."
    )


def beforehand(found: Judgement) -> str:
    """Return a sentence on the second half of the weeks at thresholds from the first half alone, with a space after it.

    Empty if nothing could be judged.
    """
    cost = found.beforehand.get("false_alarms_per_csm_month")
    if cost is None or not np.isfinite(cost.value):
        return ""
    recall = found.beforehand["recall_at_budget"]
    caught = f" and warned of {_percent(recall)}" if np.isfinite(recall.value) else ""
    return (
        f"Set on the first half of the weeks, they would have cost {cost.value:.2f} false alarms per CSM and month in "
        f"the second{caught}. "
    )


def alarms_a_month(budget: float) -> str:
    """``1 false alarm per CSM and month``."""
    return f"{budget:g} false alarm{'' if budget == 1 else 's'} per CSM and month"


def _percent(figure: Estimate) -> str:
    return f"{100 * figure.value:.0f}% ({100 * figure.low:.0f} to {100 * figure.high:.0f})"
