"""Drift of a model in use: changes of its inputs and of the churn rate since training."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from mailsignals.config import Settings
from mailsignals.risk.silences import HORIZON, snapshot_instants
from mailsignals.risk.state import JUDGED
from mailsignals.training.fit import drift_columns
from mailsignals.training.model_inputs import seen_inputs, with_quiet_inputs, with_raw
from mailsignals.training.predict import DayInputs
from mailsignals.training.snapshots import snapshots
from models.artifact import Artifact
from models.drift import Shift, drift_shifts
from models.labels import HORIZON_DAYS, churn_labels

LOOK_BACK = dt.timedelta(weeks=20)
"""Period that contains a snapshot one horizon before the last one."""
CHANCE = 0.01
"""Probability under which a churn rate counts as different from the one in training."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fit:
    """Changes since training: of inputs, of the index and of the churn rate."""

    shifts: Sequence[Shift]
    """Changes of inputs and index, one row per account: the last snapshot against the newest one of the training."""
    departures: str
    """A sentence that compares the accounts that churned within 90 days with the share in training."""
    more_or_fewer_left: bool
    """Whether chance does not explain the difference in churned accounts."""

    @property
    def moved(self) -> list[Shift]:
        """Return the columns that moved by more than chance explains."""
        return [shift for shift in self.shifts if shift.drifted]

    @property
    def doubts(self) -> list[str]:
        """Return sentences with reasons why the model may no longer fit; empty where it fits."""
        names = ", ".join(
            f"{shift.name} ({shift.index:.2f}, limit {shift.critical:.2f})" for shift in self.moved
        )
        found = [f"Inputs have drifted since training: {names}. Run `mailsignals train`."] if names else []
        return [*found, *([self.departures] if self.more_or_fewer_left else [])]


def fit_of(artifact: Artifact, given: DayInputs, *, silences: pl.DataFrame) -> Fit:
    """Return the differences between a day and the training data of a model.

    Args:
        artifact: the model.
        given: the data of the day, of which the last snapshot up to it is compared.
        silences: the result of ``risk.silences.quiet_history`` for the day.
    """
    settings = given.settings
    # Snapshots lie on the weekday of training, because silences vary by weekday.
    months = snapshot_instants(given.as_of - LOOK_BACK, given.as_of)
    newest = months[-1]
    earlier = max(month for month in months if month <= newest - HORIZON)
    heard = with_quiet_inputs(silences)
    rows = snapshots(given.facts, given.book, settings, [earlier, newest], heard=heard, known=given.known)
    judged = rows.filter(pl.col("wrote") & pl.col("state").is_in(JUDGED))
    both = with_raw(seen_inputs(judged, settings, artifact.tiers), judged)
    columns = drift_columns(artifact.fitted, both.filter(pl.col("as_of") == newest))
    words, differs = _departures(both.filter(pl.col("as_of") == earlier), artifact, settings, newest)
    return Fit(shifts=drift_shifts(artifact.reference, columns), departures=words, more_or_fewer_left=differs)


def _departures(
    then: pl.DataFrame, artifact: Artifact, settings: Settings, as_of: dt.datetime
) -> tuple[str, bool]:
    """Return how many accounts churned within the horizon, beside the share in training; and if they differ."""
    if then.is_empty():
        return "The churn rate cannot be compared yet.", False
    # scipy.stats gives the same result, but needs 20 MB and half a second more.
    from scipy.special import bdtr, bdtrc  # noqa: PLC0415  # half a second that only who looks for drift should pay

    labelled = churn_labels(then, as_of=as_of, timezone=settings.company.timezone)
    left = labelled.select((pl.col("days_to_event") <= HORIZON_DAYS).sum()).item()
    share = artifact.reference.event_share
    expected = share * then.height
    so_few, so_many = bdtr(left, then.height, share), bdtrc(left - 1, then.height, share)
    seldom = bool(min(so_few, so_many) < CHANCE / 2)
    differs = "a significant difference. Run `mailsignals train`." if seldom else "no significant difference."
    return (
        f"Of {then.height} accounts assessed at least {HORIZON_DAYS} days ago, {left} churned within {HORIZON_DAYS} "
        f"days. The share in training predicts {np.round(expected, 1):g}: {differs}"
    ), seldom
