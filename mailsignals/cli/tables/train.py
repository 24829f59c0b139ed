"""The option and tables that ``mailsignals train`` and ``backtest`` share."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from mailsignals.cli.output import table
from mailsignals.errors import UserError
from mailsignals.training.backtest import Backtest
from mailsignals.training.judgement import Judgement
from mailsignals.training.leaks import Leak
from mailsignals.training.report import TITLES
from mailsignals.training.verdict import verdict
from models.bootstrap import UNKNOWN
from models.card import FIGURES

TargetOption = Annotated[
    str | None,
    typer.Option("--target", hidden=True, help="A former option: both targets are always tested."),
]

SHOWN = ("pr_auc", "roc_auc", "lift_10", "recall_at_budget", "lead_days_median")
TARGETS = ("churn", "silence")


def refuse_target(target: str | None, *, command: str) -> None:
    """Raise UserError for a target that was removed.

    Args:
        target: as given, or None.
        command: ``train`` or ``backtest``.
    """
    if target is None or (target == "churn" and command == "train"):
        return
    if target not in TARGETS:
        raise UserError(f"--target {target}: no such target. Leave --target out.")
    if command == "train":
        raise UserError(
            "--target silence: the chance of going quiet needs no training; it is calibrated on your own mail every "
            "day. Leave --target out to train the chance of churn."
        )
    raise UserError(f"--target {target}: backtest tests silence and churn in one report. Leave --target out.")


def findings_table(backtest: Backtest, leaks: Sequence[Leak]) -> RenderableType:
    """Return the verdict, the refused fields, and each contender's figures by target."""
    parts: list[RenderableType] = [Text(verdict(backtest))]
    for leak in leaks:
        parts += [Text(), Text(leak.sentence)]
    for judgement in (backtest.silence, backtest.churn):
        if judgement is not None:
            parts += [Text(), contenders_table(judgement)]
    return Group(*parts)


def contenders_table(judgement: Judgement) -> RenderableType:
    """Return the main figures as a table with a row per contender, random alarms last."""
    shown = [name for name in SHOWN if judgement.tells(name)]
    headings = [FIGURES[name] for name in shown]
    rows = [
        (name, *(str(figures.get(figure, UNKNOWN)) for figure in shown))
        for name, figures in (
            *((verdict.name, verdict.figures) for verdict in judgement.verdicts.values()),
            ("random alarms", judgement.random),
        )
    ]
    return table(["", *headings], rows, right=headings, title=TITLES[judgement.target])
