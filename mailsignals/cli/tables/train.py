"""The option and tables that ``mailsignals train`` and ``backtest`` share."""

from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from mailsignals.cli.output import table
from mailsignals.training.backtest import Backtest
from mailsignals.training.dataset import Target
from mailsignals.training.verdict import verdict
from mailsignals.usecases.train import Training
from models.bootstrap import UNKNOWN
from models.card import FIGURES
from models.train import CandidateKind

TargetOption = Annotated[
    Target,
    typer.Option("--target", help="What to predict: customers who leave, or, as a stand-in, silence."),
]

SHOWN = ("pr_auc", "roc_auc", "brier_skill", "recall_at_budget", "lead_days_median")


def training(found: Training, target: Target) -> RenderableType:
    """Return what a training came to: the verdict, and each contender's figures."""
    text = verdict(found.backtest, target)
    if found.backtest is None:
        return Text(text)
    return Group(Text(text), Text(), contenders_table(found.backtest), *_kept(found))


def _kept(found: Training) -> list[RenderableType]:
    if found.artifact.fitted.candidate.kind is not CandidateKind.SCORECARD:
        return []
    return [Text(), Text("The scorecard's ranking stays; the model adds probabilities to it.")]


def contenders_table(backtest: Backtest) -> RenderableType:
    """The figures that say most, a row a contender."""
    headings = [FIGURES[name] for name in SHOWN]
    rows = [
        (verdict.name, *(str(verdict.figures.get(name, UNKNOWN)) for name in SHOWN))
        for verdict in backtest.verdicts.values()
    ]
    return table(["", *headings], rows, right=headings)
