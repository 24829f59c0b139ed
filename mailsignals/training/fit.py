"""Training of the model in use: the candidate chosen by the backtest, fitted to all known snapshots."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.training.backtest import Backtest
from mailsignals.training.dataset import Dataset
from mailsignals.training.leaks import Leak
from mailsignals.training.model_inputs import RAW
from mailsignals.training.verdict import verdict
from models.artifact import Artifact
from models.drift import Reference
from models.explain import importance
from models.index import Index, matrix, value
from models.sample import Floats, Sample
from models.train import FROM_CHURNERS, Candidate, Fitted, thinned
from models.trained_leaving import WIDTH


def least_departures(material: Dataset, *, timezone: str) -> None:
    """Check that enough accounts churned to estimate a probability; dates are those of the time zone.

    Raises:
        UserError: fewer than ``FROM_CHURNERS`` accounts churned.
    """
    found = material.churn.sample.take(material.churn.sample.mature).churners()
    if found < FROM_CHURNERS:
        day = f"{material.as_of.astimezone(ZoneInfo(timezone)):%Y-%m-%d}"
        raise UserError(
            f"Training needs at least {FROM_CHURNERS} churned accounts with mail in the 90 days before a snapshot "
            f"that is 90 days old; found {found} as of {day}. Add churn dates (churned_on) to the account list. "
            "Until then risk uses the chance of going quiet and churn signals, which need no training."
        )


def fit_model(
    material: Dataset, backtest: Backtest | None, settings: Settings, *, leaks: Sequence[Leak] = ()
) -> Artifact:
    """Return the chosen candidate, fitted to all known snapshots.

    Args:
        material: the labelled snapshots.
        backtest: the replay that chose the candidate; None where nothing was replayed.
        settings: weights, time zone.
        leaks: fields that reveal churn; their sentences are stored with the model.
    """
    candidate, width = (backtest.candidate, backtest.width) if backtest else (Candidate(), WIDTH)
    fitted = material.recipe.fit(candidate, material.churn.sample, width=width)
    mature = material.churn.sample.take(material.churn.sample.mature)
    return Artifact(
        fitted=fitted,
        weights=settings.risk.weights.model_dump(),
        reference=Reference.of(
            drift_columns(fitted, material.newest), event_share=float(mature.event.mean())
        ),
        manifest={
            "as_of": material.as_of.astimezone(ZoneInfo(settings.company.timezone)).isoformat(),
            "sets_order": backtest is not None and backtest.sets_order,
            **_manifest(mature, fitted, backtest),
            "refused": [leak.sentence for leak in leaks],
            "verdict": verdict(backtest) if backtest else "",
        },
    )


def drift_columns(fitted: Fitted, newest: pl.DataFrame) -> dict[str, Floats]:
    """Return the columns that can drift, one row per account: the index and the raw inputs from mail.

    The inputs are those before standardisation, because standardised inputs have median 0 and spread 1 on any day.
    """
    raw = newest.select(pl.selectors.starts_with(RAW))
    columns = {
        name.removeprefix(RAW): values.fill_null(np.nan).to_numpy()
        for name, values in zip(raw.columns, raw.get_columns(), strict=True)
    }
    index: Index = fitted.index
    return {**columns, "index": value(index, matrix(index, newest))}


def _manifest(mature: Sample, fitted: Fitted, backtest: Backtest | None) -> dict[str, Any]:
    steps = [*backtest.steps, *([backtest.order] if backtest.order else [])] if backtest else []
    names = tuple(term.name for term in fitted.index)
    days = [str(np.datetime64(int(day), "D")) for day in (mature.day.min(), mature.day.max())]
    return {
        "first_snapshot": days[0],
        "last_snapshot": days[1],
        "rows": len(mature),
        "accounts": len(np.unique(mature.account)),
        "events": mature.churners(),
        "prior_width": fitted.width,
        "versions": {name: version(name) for name in ("mailsignals", "polars", "numpy")},
        "importance": dict(importance(fitted.index, thinned(mature).only(names).inputs)),
        "test": backtest.churn.to_json() if backtest and backtest.churn else None,
        "steps": [step.to_json() for step in steps],
    }
