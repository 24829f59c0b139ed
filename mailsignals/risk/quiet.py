"""The chance that each account goes quiet, calibrated by the archive's own silences.

Everything here is a pure function of what was known at an instant; the formulas are in ``models.pace`` and
``models.quiet``.
"""

import dataclasses
import datetime as dt
import itertools

import numpy as np
import polars as pl

from mailsignals.risk.silences import (
    HORIZON,
    MONTH,
    floats,
    known_then,
    paces_at,
    prior_of,
    quiet_history,
    snapshot_instants,
)
from models.pace import DEFAULT_PRIOR, Prior, expected_days, log_odds, usual_log_odds
from models.quiet import DEFAULT_CALIBRATION, Calibration, calibrate, chance, quiet_logit, terms

SNAPSHOT_WEIGHT = 0.33
"""Three snapshots a quarter look at nearly the same 90 days."""
YEAR_DAYS = 365.25
"""A snapshot one year older counts half."""

RECORD = dt.timedelta(days=730)
"""Chances of two years are compared with what happened."""

BAND_EDGES = (0.0, 0.05, 0.15, 0.30, 0.50, 1.0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Band:
    """Chances between two bounds, as they were given in the past, and what happened then."""

    low: float
    high: float
    rows: int
    """Accounts at snapshots."""
    predicted: float
    """The mean chance."""
    happened: float
    """The share that wrote nothing for 90 days."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class QuietModel:
    """All that turns the pace of an account into a chance, and what it was learnt from."""

    rung: str
    """``calibrated`` by the archive's own silences, or ``default`` while no silence is over."""
    prior: Prior
    """Of the day, from all accounts that wrote within 90 days."""
    calibration: Calibration
    snapshots: int
    rows: int
    """Accounts at these snapshots."""
    silences: int
    accounts: int
    quarters: int
    """About how many quarters the snapshots cover."""
    bands: tuple[Band, ...]
    """Of chances as they would have been given then, once a quarter over two years; empty without any."""


def learn_quiet(days: pl.DataFrame, left: pl.DataFrame, *, as_of: dt.datetime, timezone: str) -> QuietModel:
    """Return the model of a day, from the active days known then.

    Args:
        days: ``ACTIVE_DAY_SCHEMA``.
        left: ``account`` and ``churned_on`` of accounts that churned, as known at ``as_of``.
        as_of: nothing later matters.
        timezone: of local days.
    """
    history = quiet_history(days, left, as_of=as_of, timezone=timezone)
    return learn_from_history(history, prior=prior_of(days, as_of=as_of, timezone=timezone), as_of=as_of)


def quiet_of(days: pl.DataFrame, model: QuietModel, *, as_of: dt.datetime, timezone: str) -> pl.DataFrame:
    """Return the chance to go quiet of every account that ever wrote, with all that it is made of.

    Args:
        days: ``ACTIVE_DAY_SCHEMA``.
        model: of that day, or of an earlier one.
        as_of: nothing later matters.
        timezone: of local days.

    Returns:
        One row an account: ``account``, ``as_of``, the columns of ``models.pace.paces``, ``log_odds`` (l),
        ``quiet_logit`` and its terms ``quiet_pace`` and ``quiet_days_since`` (the intercept of the model is the rest),
        ``quiet`` (null if nothing came for 90 days), ``usual_quiet`` (the chance at the usual pace of the account;
        that of the prior while it has none), and ``quarter_days``, the active days to expect in 90 days.
    """
    found = paces_at(days, as_of, timezone)
    active, exposure = floats(found, "active"), floats(found, "exposure")
    since = floats(found, "days_since")
    odds = log_odds(active, exposure, model.prior)
    pace, recency = terms(odds, since, model.calibration)
    logit = quiet_logit(odds, since, model.calibration)
    usual, pause = usual_log_odds(floats(found, "usual_active"), floats(found, "usual_exposure"), model.prior)
    return found.with_columns(
        pl.Series("log_odds", odds),
        pl.Series("quiet_logit", logit),
        pl.Series("quiet_pace", pace),
        pl.Series("quiet_days_since", recency),
        pl.when("wrote").then(pl.Series(chance(logit))).alias("quiet"),
        pl.Series("usual_quiet", chance(quiet_logit(usual, pause, model.calibration))),
        pl.Series("quarter_days", expected_days(active, exposure, model.prior)),
    )


def learn_from_history(history: pl.DataFrame, *, prior: Prior, as_of: dt.datetime) -> QuietModel:
    """Return the model of a day from ``quiet_history`` of that day or a later one: later snapshots are left out.

    Args:
        history: what ``quiet_history`` returned.
        prior: of the day.
        as_of: snapshots whose 90 days were not over then do not count.
    """
    over = known_then(history, as_of)
    silences = int(over["silent"].sum())
    snapshots = over["as_of"].n_unique()
    return QuietModel(
        rung="calibrated" if silences else "default",
        prior=prior,
        calibration=calibration_of(over, as_of),
        snapshots=snapshots,
        rows=over.height,
        silences=silences,
        accounts=over["account"].n_unique(),
        quarters=max(1, round(snapshots * MONTH / HORIZON)) if snapshots else 0,
        bands=bands_of(
            with_chances(history, since=as_of - HORIZON - RECORD, until=as_of - HORIZON, every=3), as_of
        ),
    )


def calibration_of(over: pl.DataFrame, as_of: dt.datetime) -> Calibration:
    """Return the calibration after the rows of ``known_then``; the default where nobody fell silent."""
    silent = over["silent"].to_numpy().astype(np.bool_)
    if not silent.any():
        return DEFAULT_CALIBRATION
    age = (as_of - over["as_of"]).dt.total_microseconds().to_numpy() / 8.64e10
    weight = SNAPSHOT_WEIGHT * np.exp2(-age / YEAR_DAYS)
    return calibrate(floats(over, "log_odds"), floats(over, "days_since"), silent, weight)


def with_chances(
    history: pl.DataFrame, *, since: dt.datetime, until: dt.datetime, every: int = 1
) -> pl.DataFrame:
    """Return the rows of some snapshots with ``quiet_logit``, ``quiet`` and ``usual_quiet`` as given then.

    Args:
        history: what ``quiet_history`` returned.
        since: of the first snapshot.
        until: of the last snapshot.
        every: 3 leaves two of three snapshots out, counted from the last: each account once a quarter.
    """
    parts = [
        _given(history.filter(pl.col("as_of") == moment), calibration_of(known_then(history, moment), moment))
        for moment in snapshot_instants(since, until)[::-every][::-1]
    ]
    return pl.concat([_given(history.clear(), DEFAULT_CALIBRATION), *parts])


def bands_of(rows: pl.DataFrame, as_of: dt.datetime) -> tuple[Band, ...]:
    """Return what was predicted and what happened by band of ``quiet``, over rows whose 90 days are over.

    Args:
        rows: what ``with_chances`` returned.
        as_of: when it must be known what happened.
    """
    over = known_then(rows, as_of)
    inner = list(BAND_EDGES[1:-1])
    place = np.searchsorted(np.array(inner), over["quiet"].to_numpy(), side="right")
    found = []
    for number, (low, high) in enumerate(itertools.pairwise(BAND_EDGES)):
        of_band = over.filter(pl.Series(place == number))
        if of_band.height:
            predicted, happened = (
                float(of_band["quiet"].to_numpy().mean()),
                float(of_band["silent"].to_numpy().mean()),
            )
            found.append(
                Band(low=low, high=high, rows=of_band.height, predicted=predicted, happened=happened)
            )
    return tuple(found)


def _given(rows: pl.DataFrame, calibration: Calibration) -> pl.DataFrame:
    """The rows of one snapshot with what its calibration makes of them."""
    logit = quiet_logit(floats(rows, "log_odds"), floats(rows, "days_since"), calibration)
    prior = Prior(*rows.select("r", "a").row(0)) if rows.height else DEFAULT_PRIOR
    usual, pause = usual_log_odds(floats(rows, "usual_active"), floats(rows, "usual_exposure"), prior)
    return rows.with_columns(
        pl.Series("quiet_logit", logit),
        pl.Series("quiet", chance(logit)),
        pl.Series("usual_quiet", chance(quiet_logit(usual, pause, calibration))),
    )
