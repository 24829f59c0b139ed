"""Fits the model to be used: the candidate that the replay of history chose, on everything that is known."""

from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.training.backtest import Backtest
from mailsignals.training.dataset import RAW, Dataset
from mailsignals.training.verdict import verdict
from models.alarms import Thresholds, thresholds_at
from models.artifact import Artifact
from models.drift import Reference
from models.explain import importance
from models.index import Index, matrix, value
from models.sample import Floats, Sample
from models.train import FROM_CHURNERS, Candidate, CandidateKind, Fitted, thinned

NEVER = Thresholds(opens=float("inf"), stays=float("inf"))


def least_departures(material: Dataset, *, timezone: str) -> None:
    """Raise UserError if too few have left for any probability to be more than a guess; days are of a time zone."""
    found, needed = (
        material.sample.take(material.sample.mature).churners(),
        FROM_CHURNERS[CandidateKind.SCORECARD],
    )
    if found < needed:
        day = f"{material.as_of.astimezone(ZoneInfo(timezone)):%Y-%m-%d}"
        raise UserError(
            f"At {day}, {found} accounts are known to have left within the horizon of a snapshot, "
            f"and {needed} are needed. The scorecard stays in use. Enter churned_on in the account book, or train "
            "the stand-in: mailsignals train --target silence."
        )


def fit_model(material: Dataset, judgement: Backtest | None, settings: Settings) -> Artifact:
    """The chosen candidate, fitted to everything that is known; the scorecard where nothing could be judged."""
    chosen = Candidate(kind=CandidateKind.SCORECARD)
    if judgement is not None:
        chosen = next(one for one in judgement.candidates if one.name == judgement.chosen)
    fitted = material.recipe.fit(chosen, material.sample)
    mature = material.sample.take(material.sample.mature)
    return Artifact(
        target=material.target.value,
        fitted=fitted,
        weights=settings.risk.weights.model_dump(),
        thresholds=_thresholds(fitted, material, judgement) if judgement else NEVER,
        reference=Reference.of(
            drift_columns(fitted.index, material.newest), event_share=float(mature.event.mean())
        ),
        manifest={
            "as_of": material.as_of.astimezone(ZoneInfo(settings.company.timezone)).isoformat(),
            **_manifest(mature, fitted, judgement),
            "verdict": verdict(judgement, material.target),
        },
    )


def _thresholds(fitted: Fitted, material: Dataset, judgement: Backtest) -> Thresholds:
    """Those of the replay, as the same share of the same snapshots.

    Each fit has a calibration of its own, so that a probability of one would cost another number of alarms of another.
    """
    opens = judgement.verdicts[judgement.chosen].thresholds.opens
    if not np.isfinite(opens):
        return NEVER
    share = float(np.mean(judgement.score(judgement.chosen) >= opens))
    now = fitted.probabilities(material.sample.take(judgement.answers.rows))[:, -1]
    return thresholds_at(float(np.quantile(now, 1 - share)))


def drift_columns(index: Index, newest: pl.DataFrame) -> dict[str, Floats]:
    """Return the columns that can drift, one row per account: the index and the raw inputs from mail.

    The inputs are those before they are set against the day.

    Against the day nothing drifts: each input is 0 in the middle and spread by 1, whatever happens to all.
    """
    raw = newest.select(pl.selectors.starts_with(RAW))
    columns = {
        name.removeprefix(RAW): values.fill_null(np.nan).to_numpy()
        for name, values in zip(raw.columns, raw.get_columns(), strict=True)
    }
    return {**columns, "index": value(index, matrix(index, newest))}


def _manifest(mature: Sample, fitted: Fitted, judgement: Backtest | None) -> dict[str, Any]:
    names = tuple(term.name for term in fitted.index)
    days = [str(np.datetime64(int(day), "D")) for day in (mature.day.min(), mature.day.max())]
    return {
        "first_snapshot": days[0],
        "last_snapshot": days[1],
        "rows": len(mature),
        "accounts": len(np.unique(mature.account)),
        "events": mature.churners(),
        "versions": {name: version(name) for name in ("mailsignals", "polars", "scikit-learn")},
        "importance": dict(importance(fitted.index, thinned(mature).only(names).inputs)),
        "test": judgement.to_json() if judgement else None,
    }
