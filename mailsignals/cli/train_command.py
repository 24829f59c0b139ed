"""``mailsignals train``: fit, judge and register a model that learns from customers who left."""

import dataclasses
import datetime as dt
from typing import Annotated

import polars as pl
import typer
from rich.console import Group, RenderableType
from rich.text import Text

from mailsignals import clock
from mailsignals.cli.options import AsOf
from mailsignals.cli.output import table
from mailsignals.cli.run import Run
from mailsignals.errors import UserError
from mailsignals.store import Store
from mailsignals.training.backtest import Backtest, replayed
from mailsignals.training.dataset import Dataset, Target, build_dataset
from mailsignals.training.fit import least_departures, trained
from mailsignals.training.verdict import verdict
from mailsignals.workspace import Workspace
from models.artifact import Artifact
from models.bootstrap import UNKNOWN
from models.card import FIGURES, card
from models.train import Kind

SHOWN = ("pr_auc", "roc_auc", "brier_skill", "recall_at_budget", "lead_days_median")

TargetOption = Annotated[
    Target,
    typer.Option("--target", help="What to predict: customers who leave, or, as a stand-in, silence."),
]


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Trained:
    """What a training came to."""

    artifact: Artifact
    judgement: Backtest | None


def train_command(context: typer.Context, *, as_of: AsOf = None, target: TargetOption = Target.CHURN) -> None:
    """Learn from customers who left, and use what beats the scorecard."""
    run: Run = context.obj
    workspace = run.workspace()
    now = clock.now()
    moment = workspace.instant(as_of, now=now)
    with workspace.reading() as store:
        found = train(workspace, store, moment, target, now=now, whole=False)
        current = store.models.in_use(now) == found.artifact.id
    run.output.result(figures(found.judgement), _shown(found, target), to=None)
    use = "is in use from now on" if current else "is in use for instants before a later model's"
    run.output.say(f"{found.artifact.id} {use}; `mailsignals model --roll-back` takes that back.")


def train(
    workspace: Workspace, store: Store, as_of: dt.datetime, target: Target, *, now: dt.datetime, whole: bool
) -> Trained:
    """Train a model on what was known at an instant, judge it by all of history or enough of it, and put it into use.

    Raises:
        UserError: too little has happened to learn from, or the model cannot be written.
    """
    known = material_at(workspace, store, as_of, target)
    least_departures(known, timezone=workspace.settings.company.timezone)
    judgement = replayed(known, workspace.settings, whole=whole)
    artifact = trained(known, judgement, workspace.settings)
    store.models.add(artifact, card(artifact))
    store.models.promote(artifact.id, at=now, over_later=False)
    return Trained(artifact=artifact, judgement=judgement)


def material_at(workspace: Workspace, store: Store, as_of: dt.datetime, target: Target) -> Dataset:
    """What models can learn from at an instant.

    Raises:
        UserError: the mail does not reach far enough back.
    """
    ((tables, _),) = workspace.derived_by_instant(store, [as_of])
    facts = workspace.facts(tables)
    book = workspace.accounts(store, as_of=as_of)
    found = build_dataset(facts, book, workspace.settings, as_of=as_of, target=target)
    if found is None or not len(found.sample):
        raise UserError(
            f"At {workspace.day(as_of)} the mail in the store gives no snapshot to learn from: accounts need four "
            "months of mail before one. Import or sync older mail, or name a later --as-of."
        )
    return found


def figures(judgement: Backtest | None) -> pl.DataFrame:
    """One row a contender and figure: ``contender, figure, value, low, high``."""
    rows = [
        {"contender": verdict.name, "figure": name, **figure.to_json()}
        for verdict in (judgement.verdicts.values() if judgement else ())
        for name, figure in verdict.figures.items()
    ]
    numbers = dict.fromkeys(("value", "low", "high"), pl.Float64)
    return pl.DataFrame(rows, schema={"contender": pl.String, "figure": pl.String, **numbers})


def _shown(found: Trained, target: Target) -> RenderableType:
    text = verdict(found.judgement, target)
    if found.judgement is None:
        return Text(text)
    return Group(Text(text), Text(), contenders(found.judgement), *_kept(found))


def _kept(found: Trained) -> list[RenderableType]:
    if found.artifact.fitted.candidate.kind is not Kind.SCORECARD:
        return []
    return [Text(), Text("The scorecard's ranking stays; the model adds probabilities to it.")]


def contenders(judgement: Backtest) -> RenderableType:
    """The figures that say most, a row a contender."""
    headings = [FIGURES[name] for name in SHOWN]
    rows = [
        (verdict.name, *(str(verdict.figures.get(name, UNKNOWN)) for name in SHOWN))
        for verdict in judgement.verdicts.values()
    ]
    return table(["", *headings], rows, right=headings)
