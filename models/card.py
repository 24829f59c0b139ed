"""Model card: purpose, training data, quality and limits.

Every figure comes from the artifact.
"""

from collections.abc import Mapping
from typing import Any

from models.alarms import LOOK_AHEAD_DAYS
from models.artifact import Artifact
from models.bootstrap import Estimate
from models.evaluate import LEAST_TEST_CHURNERS

EVENT = "churns"
"""The event that the probability predicts."""

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
    "judged_alarms": "alarms evaluated",
}

MEANINGS = {
    "pr_auc": "Average precision of the order, which weighs the top of the list most. 1 is perfect; the share that "
    "churns is chance.",
    "roc_auc": "Share of pairs in which an account that churns ranks above one that stays. 1 is perfect, 0.5 is "
    "chance.",
    "brier_skill": "Accuracy of the chances against giving everybody the average. 1 is perfect, 0 is no better.",
    "recall_at_budget": "Share of churned accounts with an alarm before, at the configured number of false alarms.",
    "alarm_precision": f"Share of alarms whose account churned within {LOOK_AHEAD_DAYS} days.",
    "false_alarms_per_csm_month": "Alarms for accounts that stayed, per CSM and month.",
    "lead_days_median": "Median number of days between an alarm and the churn date.",
}
"""Definitions of the main figures, in reading order."""

SUSPICIOUS_AUC = 0.85


def model_card(artifact: Artifact) -> str:
    """Return the card as Markdown."""
    manifest = artifact.manifest
    return "\n".join(
        [
            f"# {artifact.id}",
            "",
            "A logistic model with the scorecard as its prior: the more churned accounts, the more it differs from it.",
            f"It predicts the chance that an account {EVENT} within 90 days, {_use(artifact)}.",
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
            "- Evaluating people on either side: it predicts for accounts.",
            "- Predicting the effect of a call: a call may not help the accounts at the highest risk.",
            "- Accounts without enough visible mail, or without an email for 90 days.",
            "- Another company: it was trained on this one.",
            "",
        ]
    )


def _use(artifact: Artifact) -> str:
    if artifact.sets_order:
        return "and sets the order of accounts"
    return "as one of the two causes of risk, beside the chance of going quiet"


def _inputs(artifact: Artifact) -> str:
    mail = "Inputs: mail, the two numbers of the chance of going quiet"
    return (
        f"{mail}, and the contract fields of the account list"
        if artifact.fitted.candidate.contract
        else f"{mail}; nothing else"
    )


def _span(manifest: Mapping[str, Any]) -> str:
    first, last = manifest["first_snapshot"][:10], manifest["last_snapshot"][:10]
    return f"- Snapshots from {first} to {last}, as known on {manifest['as_of'][:10]}."


def _figures(artifact: Artifact) -> list[str]:
    test = artifact.manifest["test"]
    heading = ["## Backtest", ""]
    if not test:
        return [
            *heading,
            "The history is too short for a backtest, so the quality of the model is unknown.",
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
        f"{test['events']:,} of these accounts churned. Intervals are 90% bootstrap intervals over accounts.",
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
            f"Fewer than {LEAST_TEST_CHURNERS} churned accounts in the test: models were not ranked, and the figures "
            "above are unreliable."
        )
    if (own["roc_auc"]["value"] or 0) > SUSPICIOUS_AUC:
        found.append(
            f"A ROC-AUC above {SUSPICIOUS_AUC} is rare. Check that no field of the account list is changed only after "
            "a customer churned, such as a renewal date that is removed."
        )
    return [*found, ""] if found else []


def _importance(importance: Mapping[str, float]) -> list[str]:
    """Return the ten inputs with the largest spread over accounts, as lines of a list."""
    most = max(importance.values(), default=0.0)
    return [
        f"- {name}: {spread / most:.0%} of the strongest"
        for name, spread in list(importance.items())[:10]
        if most > 0 and spread > 0
    ]
