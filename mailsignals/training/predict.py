"""The model in use, asked about the accounts of a day; its alarms are replayed over the weeks before."""

import datetime as dt

import numpy as np
import polars as pl

from mailsignals.config import Settings
from mailsignals.risk.predicted import Predicted
from mailsignals.signals.facts import Facts
from mailsignals.training.dataset import seen_inputs
from mailsignals.training.snapshots import WEEK, KnownAccounts, mondays, snapshots
from models.alarms import replay
from models.artifact import Artifact
from models.explain import explanation_parts
from models.index import matrix, value
from models.inputs import BY_NAME
from models.sample import Floats

WEEKS_BEFORE = 26
"""Alarms are replayed over so many Mondays: today's follow from the weeks before, whenever somebody ran the program."""


def predict_risk(
    artifact: Artifact,
    facts: Facts,
    book: pl.DataFrame,
    settings: Settings,
    *,
    as_of: dt.datetime,
    known: KnownAccounts | None = None,
) -> Predicted:
    """Return a model's predictions for the accounts that are scored at a time.

    Args:
        artifact: the model.
        facts: of all accounts.
        book: the account book's rows.
        settings: states, time zone.
        as_of: the instant.
        known: the account book as it was known at instants; None: as it is.
    """
    before = [week for week in mondays(as_of - WEEKS_BEFORE * WEEK, as_of) if week < as_of]
    judged = snapshots(facts, book, settings, [*before, as_of], known=known).filter(
        pl.col("state") == "scored"
    )
    # A tier that is no more is nobody's.
    rows = seen_inputs(judged, artifact.weights, artifact.tiers)
    probability = artifact.fitted.calibration.probabilities(
        value(artifact.fitted.index, matrix(artifact.fitted.index, rows))
    )
    standing = _standing(artifact, rows, probability[:, -1])
    days = artifact.fitted.calibration.days
    columns = {f"risk_{day}": probability[:, place] for place, day in enumerate(days[:-1])}
    said = rows.select("account", "as_of", "tenure_days", "renewal_days").with_columns(
        pl.Series("risk", probability[:, -1]),
        *(pl.Series(name, values) for name, values in columns.items()),
        *(
            pl.lit(None, dtype=pl.Float64).alias(name)
            for name in ("risk_30", "risk_60")
            if name not in columns
        ),
        pl.Series("alarm", standing),
        pl.Series("near", probability[:, -1] >= artifact.thresholds.stays),
    )
    today = pl.col("as_of") == as_of
    return Predicted(
        source=artifact.id,
        rows=said.filter(today).drop("as_of"),
        parts=explanation_parts(artifact.fitted.index, rows.filter(today)),
        drivers=tuple(BY_NAME[term.name] for term in artifact.fitted.index if term.name in BY_NAME),
        alarms=bool(np.isfinite(artifact.thresholds.opens)),
    )


def _standing(artifact: Artifact, rows: pl.DataFrame, probability: Floats) -> Floats:
    """Whether an alarm stands in each row."""
    account, row = np.unique(rows["account"].to_numpy(), return_inverse=True)
    moments, column = np.unique(rows["as_of"].to_physical().to_numpy(), return_inverse=True)
    grid = np.full((len(account), len(moments)), np.nan)
    grid[row, column] = probability
    _, standing = replay(grid, moments / 8.64e10, artifact.thresholds)
    return np.asarray(standing[row, column])
