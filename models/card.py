"""A model's card: what it is, what it was trained on, how far to believe it, and what not to use it for.

Every figure comes from the artifact; nothing is computed here.
"""

from collections.abc import Mapping
from typing import Any

from models.alarms import LOOK_AHEAD_DAYS
from models.artifact import Artifact
from models.bootstrap import Estimate
from models.evaluate import LEAST_TEST_CHURNERS

EVENT = "churns"
"""What the probability is of."""

FIGURES = {
    "pr_auc": "PR-AUC",
    "roc_auc": "ROC-AUC",
    "roc_auc_31_90": "ROC-AUC, 31 to 90 days ahead",
    "lift_10": "lift in the top tenth",
    "brier_skill": "Brier skill",
    "calibration_error": "calibration error (ECE)",
    "precision_at_capacity": "precision at capacity",
    "recall_at_capacity": "recall at capacity",
    "lift_at_capacity": "lift at capacity",
    "recall_at_budget": "recall at the alarm budget",
    "alarm_precision": "precision of alarms",
    "false_alarms_per_csm_month": "false alarms per CSM and month",
    "lead_days_median": "median lead, in days",
    "judged_alarms": "alarms judged",
}

MEANINGS = {
    "pr_auc": "How well it puts those who leave above those who stay, most of all at the top of the list. 1 is "
    "perfect; chance is the share that leaves.",
    "roc_auc": "How often an account that leaves is ranked above one that stays. 1 is always, 0.5 is chance.",
    "brier_skill": "How much nearer its probabilities are to what came than the average said of everybody. 1 is "
    "perfect, 0 is no nearer.",
    "recall_at_budget": "Of those who left, the share that an alarm warned of, at as many false alarms as the "
    "configuration permits.",
    "alarm_precision": f"Of the alarms, the share whose account left within {LOOK_AHEAD_DAYS} days.",
    "false_alarms_per_csm_month": "How many alarms were of accounts that stayed.",
    "lead_days_median": "How many days before an account left its alarm opened; half opened earlier.",
}
"""What the figures that say most are, in the order in which they are read."""

SUSPICIOUS_AUC = 0.85


def model_card(artifact: Artifact) -> str:
    """The card as Markdown."""
    manifest = artifact.manifest
    return "\n".join(
        [
            f"# {artifact.id}",
            "",
            "A logistic model whose prior is the scorecard: few departures move it little, many move it far.",
            f"It gives the probability that an account {EVENT} within 90 days, {_use(artifact)}.",
            "",
            "## Trained on",
            "",
            _span(manifest),
            f"- {manifest['rows']:,} rows of {manifest['accounts']:,} accounts.",
            f"- {manifest['events']:,} of these accounts churned.",
            f"- {_inputs(artifact)}.",
            f"- {', '.join(f'{name} {version}' for name, version in manifest['versions'].items())}.",
            "",
            *[line for sentence in manifest.get("refused", []) for line in (sentence, "")],
            *_figures(artifact),
            "## Strongest inputs",
            "",
            *_importance(manifest["importance"]),
            "",
            "## Do not use it for",
            "",
            "- judging people, on either side: it looks at accounts.",
            "- accounts that can be saved: those at the highest risk need not be those whom a call helps.",
            "- accounts whose mail is not in sight, or that have not written for 90 days.",
            "- another company: it was fitted to this one.",
            "",
        ]
    )


def _use(artifact: Artifact) -> str:
    if artifact.sets_order:
        return "and orders the accounts"
    return "as one of the two causes of risk, beside the chance to go quiet"


def _inputs(artifact: Artifact) -> str:
    mail = "Mail, the two numbers of the chance to go quiet"
    return (
        f"{mail}, and facts of the contract"
        if artifact.fitted.candidate.contract
        else f"{mail}, nothing else"
    )


def _span(manifest: Mapping[str, Any]) -> str:
    first, last = manifest["first_snapshot"][:10], manifest["last_snapshot"][:10]
    return f"- Snapshots from {first} to {last}, as known on {manifest['as_of'][:10]}."


def _figures(artifact: Artifact) -> list[str]:
    test = artifact.manifest["test"]
    heading = ["## Test on history", ""]
    if not test:
        return [
            *heading,
            "It could not be tested: the history is too short. Its quality is unknown.",
            "",
        ]
    verdicts = {verdict["name"]: verdict["figures"] for verdict in test["verdicts"]}
    rules = [name for name in test["baselines"] if name in verdicts]
    shown = [artifact.fitted.candidate.name, *rules]
    rows = [
        f"| {words} | {' | '.join(_cell(verdicts[column], name) for column in shown)} |"
        for name, words in FIGURES.items()
        if name in verdicts[shown[0]]
    ]
    return [
        *heading,
        f"Tested on {test['rows']:,} later snapshots of accounts that the tested models had not seen.",
        f"{test['events']:,} of these accounts churned. Intervals hold 90% of draws of accounts.",
        "",
        f"| figure | this model | {' | '.join(rules)} |",
        f"|{'---|' * (len(shown) + 1)}",
        *rows,
        "",
        *_warnings(test, verdicts[shown[0]]),
    ]


def _cell(figures: Mapping[str, Any], name: str) -> str:
    return str(Estimate.from_json(figures[name])) if name in figures else "-"


def _warnings(test: Mapping[str, Any], own: Mapping[str, Any]) -> list[str]:
    found = []
    if test["events"] < LEAST_TEST_CHURNERS:
        found.append(
            f"Fewer than {LEAST_TEST_CHURNERS} departures in the test: models were not ranked, and no figure above is "
            "to be leaned on."
        )
    if (own["roc_auc"]["value"] or 0) > SUSPICIOUS_AUC:
        found.append(
            f"A ROC-AUC above {SUSPICIOUS_AUC} is rare. Make sure that nothing in the account list is written down "
            "only once a customer has left, such as a renewal date that is taken out."
        )
    return [*found, ""] if found else []


def _importance(importance: Mapping[str, float]) -> list[str]:
    """The ten inputs that move accounts apart most."""
    most = max(importance.values(), default=0.0)
    return [
        f"- {name}: {spread / most:.0%} of the strongest"
        for name, spread in list(importance.items())[:10]
        if most > 0 and spread > 0
    ]
