"""A model's card: what it is, what it was trained on, how far to believe it, and what not to use it for.

Every figure comes from the artifact; nothing is computed here.
"""

from collections.abc import Mapping
from typing import Any

from models.alarms import LOOK_AHEAD_DAYS
from models.artifact import Artifact
from models.bootstrap import Estimate
from models.evaluate import LEAST_TEST_CHURNERS
from models.train import CandidateKind

EVENT = {"churn": "leaves", "silence": "goes silent for 90 days"}
"""What the probability is of, by target."""

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

_KINDS = {
    CandidateKind.SCORECARD: "The scorecard, whose weights are fixed, with probabilities fitted to it.",
    CandidateKind.LINEAR: "A logistic model, shrunk towards the scorecard as far as the data cannot tell them apart.",
    CandidateKind.ADDITIVE: "Additive gradient boosting: a step function for each input, which can only push one way.",
    CandidateKind.PAIRWISE: "Gradient boosting by pairs: what two inputs mean together counts too, half of it to each.",
}
SUSPICIOUS_AUC = 0.85


def model_card(artifact: Artifact) -> str:
    """The card as Markdown."""
    manifest = artifact.manifest
    return "\n".join(
        [
            f"# {artifact.id}",
            "",
            _KINDS[artifact.fitted.candidate.kind],
            f"It gives the probability that an account {EVENT[artifact.target]} within 90 days.",
            *_stand_in(artifact),
            "",
            "## Trained on",
            "",
            _span(manifest),
            f"- {manifest['rows']:,} rows of {manifest['accounts']:,} accounts.",
            f"- {manifest['events']:,} of these accounts {_did(artifact)}.",
            f"- {'Mail and facts of the contract' if artifact.fitted.candidate.contract else 'Mail alone'}.",
            f"- {', '.join(f'{name} {version}' for name, version in manifest['versions'].items())}.",
            "",
            *_figures(artifact),
            "## What moves it",
            "",
            *_importance(manifest["importance"]),
            "",
            "## Do not use it for",
            "",
            "- judging people, on either side: it looks at accounts.",
            "- who can be saved: those at the highest risk need not be those whom a call helps.",
            "- accounts whose mail is not in sight, or that have just begun.",
            "- another company: it was fitted to this one.",
            "",
        ]
    )


def _span(manifest: Mapping[str, Any]) -> str:
    first, last = manifest["first_snapshot"][:10], manifest["last_snapshot"][:10]
    return f"- Snapshots from {first} to {last}, as known on {manifest['as_of'][:10]}."


def _did(artifact: Artifact) -> str:
    return "left" if artifact.target == "churn" else "went silent"


def _stand_in(artifact: Artifact) -> list[str]:
    if artifact.target == "churn":
        return []
    return [
        "Silence stands in for leaving, because too few customers are known to have left; it is not the same."
    ]


def _figures(artifact: Artifact) -> list[str]:
    test = artifact.manifest["test"]
    heading = ["## How far to believe it", ""]
    if not test:
        return [
            *heading,
            "It could not be tested: the history is too short. Nothing is known of how good it is.",
            "",
        ]
    verdicts = {verdict["name"]: verdict for verdict in test["verdicts"]}
    own = verdicts[artifact.fitted.candidate.name]["figures"]
    plain = verdicts[CandidateKind.SCORECARD.value]["figures"]
    rows = [
        f"| {words} | {Estimate.from_json(own[name])} | {Estimate.from_json(plain[name])} |"
        for name, words in FIGURES.items()
        if name in own and name in plain
    ]
    return [
        *heading,
        f"Tested on {test['rows']:,} later snapshots of accounts that the tested models had not seen.",
        f"{test['events']:,} of these accounts {_did(artifact)}. Intervals hold 90 % of draws of accounts.",
        "",
        "| figure | this model | scorecard |",
        "|---|---|---|",
        *rows,
        "",
        *_warnings(test, own),
    ]


def _warnings(test: Mapping[str, Any], own: Mapping[str, Any]) -> list[str]:
    found = []
    if test["events"] < LEAST_TEST_CHURNERS:
        found.append(
            f"Fewer than {LEAST_TEST_CHURNERS} departures in the test: models were not ranked, and no figure above is "
            "to be leaned on."
        )
    if (own["roc_auc"]["value"] or 0) > SUSPICIOUS_AUC:
        found.append(
            f"A ROC-AUC above {SUSPICIOUS_AUC} is rare. Make sure that nothing in the account book is written down "
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
