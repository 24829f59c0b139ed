"""Train a model on customers who left, and replay history."""

import dataclasses
import datetime as dt

import polars as pl

from mailsignals.errors import UserError
from mailsignals.signals.facts import facts_of_marked
from mailsignals.training.backtest import Backtest, replay_history
from mailsignals.training.dataset import Dataset, Target, build_dataset
from mailsignals.training.fit import fit_model, least_departures
from mailsignals.workspace import Snapshot, Workspace
from models.artifact import Artifact
from models.card import model_card


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Training:
    """A model that was trained and put into use, and how it was judged."""

    artifact: Artifact
    backtest: Backtest | None
    """None where there is no history to judge it by."""
    in_use: bool
    """Whether it is in use now; else for dates before a later model's."""


def train(
    workspace: Workspace, as_of: dt.datetime, target: Target, *, now: dt.datetime, whole: bool
) -> Training:
    """Train a model on what was known at an instant, judge it, and put it into use.

    Args:
        workspace: the company.
        as_of: nothing later is learnt from.
        target: what is predicted.
        now: the instant from which it is in use.
        whole: whether all of history is replayed, or enough to judge the model.

    Raises:
        UserError: too little has happened to learn from, or the model cannot be written.
    """
    with workspace.at(as_of) as snapshot:
        known, models = dataset(snapshot, target), snapshot.store.models
        least_departures(known, timezone=workspace.timezone)
        backtest = replay_history(known, workspace.settings, whole=whole)
        artifact = fit_model(known, backtest, workspace.settings)
        models.add(artifact, model_card(artifact))
        models.promote(artifact.id, at=now, over_later=False)
        return Training(artifact=artifact, backtest=backtest, in_use=models.in_use(now) == artifact.id)


def dataset(snapshot: Snapshot, target: Target) -> Dataset:
    """Return what models can learn from at the instant; dismissals, which people gave later, are left out.

    Raises:
        UserError: the mail does not reach far enough back.
    """
    workspace = snapshot.workspace
    facts = facts_of_marked(
        snapshot.marked,
        snapshot.links,
        snapshot.programs,
        accounts=snapshot.account_numbers,
        promises=snapshot.promises,
    )
    found = build_dataset(
        facts,
        snapshot.accounts,
        workspace.settings,
        as_of=snapshot.as_of,
        target=target,
        known=snapshot.known_accounts,
    )
    if found is None or not len(found.sample):
        raise UserError(
            f"At {snapshot.today} the mail in the store gives no snapshot to learn from: accounts need four "
            "months of mail before one. Import or sync older mail, or name a later --as-of."
        )
    return found


def backtest_figures(backtest: Backtest | None) -> pl.DataFrame:
    """Return one row per contender and figure: ``contender, figure, value, low, high``."""
    rows = [
        {"contender": verdict.name, "figure": name, **figure.to_json()}
        for verdict in (backtest.verdicts.values() if backtest else ())
        for name, figure in verdict.figures.items()
    ]
    numbers = dict.fromkeys(("value", "low", "high"), pl.Float64)
    return pl.DataFrame(rows, schema={"contender": pl.String, "figure": pl.String, **numbers})


def put_into_use(workspace: Workspace, model_id: str, *, at: dt.datetime) -> None:
    """Use a model, or ``scorecard`` for none, from an instant on.

    Raises:
        UserError: there is no such model, or it cannot be read.
    """
    with workspace.reading() as store:
        store.models.promote(model_id, at=at)


def roll_back_model(workspace: Workspace) -> str:
    """Go back to what was in use before, and return its id.

    Raises:
        UserError: there is nothing to go back to.
    """
    with workspace.reading() as store:
        return store.models.roll_back()
