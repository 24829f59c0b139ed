"""Whether a model in use still fits: the spread of its inputs now, and how many have left since."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from mailsignals.config import Settings
from mailsignals.signals.facts import Facts
from mailsignals.training.dataset import seen_inputs, with_raw
from mailsignals.training.fit import drift_columns
from mailsignals.training.snapshots import WEEK, KnownAccounts, mondays, snapshots
from models.artifact import Artifact
from models.drift import Shift, drift_shifts
from models.labels import HORIZON_DAYS

TICK = dt.timedelta(microseconds=1)
CHANCE = 0.01
"""Departures as few or as many as this seldom are said to differ."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fit:
    """The changes since training: of inputs, of the index and of departures."""

    shifts: Sequence[Shift]
    """Of inputs and index, one row an account: the last Monday against the newest snapshot of the training."""
    departures: str
    """How many left in the last 90 days, against how many the model learnt to expect, in words."""
    more_or_fewer_left: bool
    """Whether these are more, or fewer, than chance explains."""

    @property
    def moved(self) -> list[Shift]:
        """The columns that moved by more than chance explains."""
        return [shift for shift in self.shifts if shift.drifted]

    @property
    def doubts(self) -> list[str]:
        """The reasons why the model may no longer fit, in sentences; empty where it fits."""
        names = ", ".join(
            f"{shift.name} ({shift.index:.2f}, chance explains {shift.critical:.2f})" for shift in self.moved
        )
        found = [f"Moved by more than chance since training: {names}. Train anew."] if names else []
        return [*found, *([self.departures] if self.more_or_fewer_left else [])]


def fit_of(
    artifact: Artifact,
    facts: Facts,
    book: pl.DataFrame,
    settings: Settings,
    *,
    as_of: dt.datetime,
    known: KnownAccounts | None = None,
) -> Fit:
    """Compare an instant with what the model was trained on.

    Args:
        artifact: the model.
        facts: of all accounts.
        book: the account book's rows.
        settings: states, time zone.
        as_of: the instant; the last Monday up to it is looked at.
        known: the account book as it was known at instants; None: as it is.
    """
    # A Monday, as in training: after a weekend everybody has been silent for longer.
    (monday,) = mondays(as_of - WEEK + TICK, as_of)
    earlier = monday - dt.timedelta(days=HORIZON_DAYS)
    judged = snapshots(facts, book, settings, [earlier, monday], known=known).filter(
        pl.col("state") == "scored"
    )
    both = with_raw(seen_inputs(judged, artifact.weights, artifact.tiers), judged)
    columns = drift_columns(artifact.fitted.index, both.filter(pl.col("as_of") == monday))
    departures, differs = _departures(both.filter(pl.col("as_of") == earlier), artifact, settings, monday)
    return Fit(
        shifts=drift_shifts(artifact.reference, columns), departures=departures, more_or_fewer_left=differs
    )


def _departures(
    then: pl.DataFrame, artifact: Artifact, settings: Settings, as_of: dt.datetime
) -> tuple[str, bool]:
    """Of the accounts scored a horizon ago, how many have left since, beside the share in training; if they differ."""
    if artifact.target != "churn" or then.is_empty():
        return "Departures cannot be compared yet.", False
    # scipy.stats says the same, for 20 MB and half a second more.
    from scipy.special import bdtr, bdtrc  # noqa: PLC0415  # half a second that only who looks for drift should pay

    today = pl.lit(as_of).dt.convert_time_zone(settings.company.timezone).dt.date()
    left = then.select((pl.col("churned_on") <= today).sum()).item()
    share = artifact.reference.event_share
    expected = share * then.height
    so_few, so_many = bdtr(left, then.height, share), bdtrc(left - 1, then.height, share)
    seldom = bool(min(so_few, so_many) < CHANCE / 2)
    differs = "which is more than chance explains: train anew" if seldom else "which chance explains"
    return (
        f"Of {then.height} accounts judged {HORIZON_DAYS} days before, {left} have left; the share in training leads "
        f"one to expect {np.round(expected, 1):g}, {differs}."
    ), seldom
