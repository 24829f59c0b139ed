"""Train a model of churn on churned accounts, and use or roll back models."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

import polars as pl

from mailsignals.errors import UserError
from mailsignals.signals.facts import facts_of_marked
from mailsignals.training.backtest import Backtest, replay_history
from mailsignals.training.dataset import Dataset, build_dataset
from mailsignals.training.fit import fit_model, least_departures
from mailsignals.training.leaks import Leak, leaks
from mailsignals.training.model_inputs import inputs_of_field
from mailsignals.training.snapshots import CONTRACT_FIELDS
from mailsignals.workspace import Snapshot, Workspace
from models.artifact import Artifact
from models.card import model_card


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Training:
    """A trained model with its backtest."""

    artifact: Artifact
    backtest: Backtest
    leaks: Sequence[Leak]
    """Fields of the account list that reveal churn."""
    in_use: bool
    """Whether it is in use now; else only for dates before a later model's."""


def train(workspace: Workspace, as_of: dt.datetime, *, now: dt.datetime, whole: bool) -> Training:
    """Train a model of churn on the data known at a date, test it, and put it into use.

    Args:
        workspace: the company.
        as_of: later data is not used.
        now: the time from which the model is in use.
        whole: whether to replay all of history, or only enough to test the model.

    Raises:
        UserError: there are too few churned accounts, or the model can't be written.
    """
    with workspace.at(as_of) as snapshot:
        known, refused = dataset(snapshot)
        least_departures(known, timezone=workspace.timezone)
        backtest = replay_history(known, whole=whole, silence=False)
        artifact = fit_model(known, backtest, workspace.settings, leaks=refused)
        models = snapshot.store.models
        models.add(artifact, model_card(artifact))
        models.promote(artifact.id, at=now, over_later=False)
        return Training(
            artifact=artifact, backtest=backtest, leaks=refused, in_use=models.in_use(now) == artifact.id
        )


def dataset(snapshot: Snapshot) -> tuple[Dataset, list[Leak]]:
    """Return the training data as of a date, and the fields of the account list that reveal churn.

    Dismissals are ignored, since people made them later.

    Args:
        snapshot: the company at the date.

    Raises:
        UserError: the mail doesn't go back far enough.
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
        snapshot.accounts_with_departures,
        workspace.settings,
        as_of=snapshot.as_of,
        known=snapshot.known_accounts,
        silences=snapshot.silences,
    )
    if found is None:
        raise UserError(
            f"Training needs accounts with at least four months of mail; found none as of {snapshot.today}. "
            "Import or sync older mail, or use a later --as-of."
        )
    given_away = revealing_fields(snapshot)
    names = [name for leak in given_away if leak.refused for name in inputs_of_field(leak.field, found.tiers)]
    return found.without(names), given_away


def revealing_fields(snapshot: Snapshot) -> list[Leak]:
    """Return the fields of the account list that reveal churn by values that were entered afterwards."""
    left = snapshot.departures.filter(pl.col("churned_on") <= snapshot.today)
    return leaks(snapshot.account_facts, left, fields=CONTRACT_FIELDS, timezone=snapshot.timezone)


def backtest_figures(backtest: Backtest) -> pl.DataFrame:
    """Return one row per target, contender and figure: ``target, contender, figure, value, low, high``."""
    judged = [one for one in (backtest.silence, backtest.churn) if one is not None]
    rows = [
        {"target": one.target.value, "contender": verdict.name, "figure": name, **figure.to_json()}
        for one in judged
        for verdict in one.verdicts.values()
        for name, figure in verdict.figures.items()
    ]
    texts = dict.fromkeys(("target", "contender", "figure"), pl.String)
    return pl.DataFrame(rows, schema={**texts, **dict.fromkeys(("value", "low", "high"), pl.Float64)})


def put_into_use(workspace: Workspace, model_id: str, *, at: dt.datetime) -> None:
    """Use a model, or ``scorecard`` for none, from a time on.

    Raises:
        UserError: the model does not exist, or it can't be read.
    """
    with workspace.reading() as store:
        store.models.promote(model_id, at=at)


def roll_back_model(workspace: Workspace) -> str:
    """Use the previous model again, and return its id.

    Raises:
        UserError: no previous model exists.
    """
    with workspace.reading() as store:
        return store.models.roll_back()
