"""The chance that each account goes quiet, calibrated by the archive's own silences.

Everything here is a pure function of the data known at a date and time; the formulas are in ``models.pace`` and
``models.quiet``.
"""

import dataclasses
import datetime as dt
import itertools
from collections.abc import Sequence

import numpy as np
import polars as pl

from mailsignals.risk.quiet_fit import DEFAULT_FIT, QuietFit, compare_fits, fit_then
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
from models.posterior import logistic
from models.quiet import Calibration, quiet_logit, terms
from models.quiet_signs import LONGEST_DAYS, VALUES, Sign, sign_values, with_signs

RECORD = dt.timedelta(days=730)
"""The period of past chances that the calibration covers."""

BAND_EDGES = (0.0, 0.05, 0.15, 0.30, 0.50, 1.0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Band:
    """Past chances between two bounds, with the outcomes."""

    low: float
    high: float
    rows: int
    """The number of accounts at snapshots."""
    predicted: float
    """The mean chance."""
    happened: float
    """The share that wrote nothing for 90 days."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class QuietModel:
    """The numbers that turn the pace of an account into a chance, and the data behind them."""

    rung: str
    """``default`` before any silence is over, ``calibrated`` by the company's own silences, ``extended`` by signs."""
    prior: Prior
    """The prior of the day, from all accounts that wrote within 90 days."""
    calibration: Calibration
    signs: tuple[Sign, ...]
    """Further terms; empty unless they predicted better."""
    snapshots: int
    rows: int
    """The number of accounts at these snapshots."""
    silences: int
    accounts: int
    quarters: int
    """About how many quarters the snapshots cover."""


def learn_quiet(
    days: pl.DataFrame,
    left: pl.DataFrame,
    *,
    as_of: dt.datetime,
    timezone: str,
    touches: pl.DataFrame | None = None,
) -> QuietModel:
    """Return the model of going quiet of a day, from the mail known by then.

    Args:
        days: ``ACTIVE_DAY_SCHEMA``.
        left: ``account`` and ``churned_on`` of accounts that churned, as known at ``as_of``.
        as_of: nothing later matters.
        timezone: of local days.
        touches: ``account``, ``sent_at``, ``outbound``, ``person``; without them no further signs are looked for.
    """
    history = quiet_history(days, left, as_of=as_of, timezone=timezone)
    if touches is not None:
        history = with_signs(history, days, touches)
    return learn_from_history(history, prior=prior_of(days, as_of=as_of, timezone=timezone), as_of=as_of)


def quiet_of(
    days: pl.DataFrame,
    model: QuietModel,
    *,
    as_of: dt.datetime,
    timezone: str,
    touches: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the chance to go quiet of every account that ever wrote, with all that it is made of.

    Args:
        days: ``ACTIVE_DAY_SCHEMA``.
        model: of that day, or of an earlier one.
        as_of: nothing later matters.
        timezone: of local days.
        touches: as for ``learn_quiet``; needed by a model with further signs.

    Returns:
        One row per account: ``account``, ``as_of``, the columns of ``models.pace.paces``, ``log_odds`` (l),
        ``quiet_logit`` and its terms ``quiet_pace`` and ``quiet_days_since`` (the intercept of the model is the rest),
        ``quiet`` (null if nothing came for 90 days), ``usual_quiet`` (the chance at the usual pace of the account;
        that of the prior while it has none), and ``quarter_days``, the active days to expect in 90 days.
        With further signs also their terms, ``quiet_NAME``, which add to ``quiet_logit``, and the figures of
        ``models.quiet_signs``.

    Raises:
        ValueError: the model has further signs, and no touches are given.
    """
    found = paces_at(days, as_of, timezone)
    active, exposure = floats(found, "active"), floats(found, "exposure")
    odds = log_odds(active, exposure, model.prior)
    rows = found.with_columns(pl.Series("log_odds", odds), r=pl.lit(model.prior.r), a=pl.lit(model.prior.a))
    if model.signs:
        if touches is None:
            raise ValueError("this model of quiet has further signs, which need touches")
        lately = pl.col("sent_at").is_between(as_of - dt.timedelta(days=LONGEST_DAYS + 1), as_of)
        rows = with_signs(rows, days, touches.filter(lately))
    fit = QuietFit(model.calibration, model.signs)
    logit = fit.logit(rows)
    pace, recency = terms(odds, floats(found, "days_since"), model.calibration)
    usual, pause = usual_log_odds(floats(found, "usual_active"), floats(found, "usual_exposure"), model.prior)
    return rows.drop("r", "a", *VALUES, strict=False).with_columns(
        pl.Series("quiet_logit", logit),
        pl.Series("quiet_pace", pace),
        pl.Series("quiet_days_since", recency),
        *_sign_terms(rows, model.signs),
        pl.when("wrote").then(pl.Series(logistic(logit))).alias("quiet"),
        pl.Series("usual_quiet", logistic(quiet_logit(usual, pause, model.calibration))),
        pl.Series("quarter_days", expected_days(active, exposure, model.prior)),
    )


def learn_from_history(history: pl.DataFrame, *, prior: Prior, as_of: dt.datetime) -> QuietModel:
    """Return the model of a day from ``quiet_history`` of that day or a later one: later snapshots are left out.

    Args:
        history: what ``quiet_history`` returned, and perhaps the columns of ``models.quiet_signs.with_signs``.
        prior: of the day.
        as_of: snapshots whose 90 days were not over then do not count.
    """
    over = known_then(history, as_of)
    silences = int(over["silent"].sum())
    snapshots = over["as_of"].n_unique()
    fit = fit_then(history, compare_fits(history, as_of), as_of)
    return QuietModel(
        rung="extended" if fit.signs else "calibrated" if silences else "default",
        prior=prior,
        calibration=fit.calibration,
        signs=fit.signs,
        snapshots=snapshots,
        rows=over.height,
        silences=silences,
        accounts=over["account"].n_unique(),
        quarters=max(1, round(snapshots * MONTH / HORIZON)) if snapshots else 0,
    )


def quiet_bands(history: pl.DataFrame, *, as_of: dt.datetime) -> tuple[Band, ...]:
    """Return how chances held, as they would have been given once a quarter over two years; empty without any.

    Args:
        history: what ``quiet_history`` returned, and perhaps the columns of ``models.quiet_signs.with_signs``.
        as_of: when it must be known what happened.
    """
    latest = as_of - HORIZON
    moments = snapshot_instants(latest - RECORD, latest)[::-3]
    return bands_of(_given_at(history, compare_fits(history, as_of), moments), as_of)


def with_chances(history: pl.DataFrame, *, since: dt.datetime, until: dt.datetime) -> pl.DataFrame:
    """Return the rows of some snapshots with the chances of their time, as ``quiet_of`` has them.

    Adds ``quiet_logit``, its terms ``quiet_pace`` and ``quiet_days_since``, ``quiet`` and ``usual_quiet``.

    Args:
        history: what ``quiet_history`` returned, and perhaps the columns of ``models.quiet_signs.with_signs``.
        since: of the first snapshot.
        until: of the last snapshot.
    """
    return _given_at(history, compare_fits(history, until), snapshot_instants(since, until))


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


def _given_at(history: pl.DataFrame, compared: pl.DataFrame, moments: Sequence[dt.datetime]) -> pl.DataFrame:
    """Return the rows of some snapshots with the chances of their time, by snapshot."""
    parts = [
        _given(history.filter(pl.col("as_of") == moment), fit_then(history, compared, moment))
        for moment in sorted(moments)
    ]
    return pl.concat([_given(history.clear(), DEFAULT_FIT), *parts])


def _given(rows: pl.DataFrame, fit: QuietFit) -> pl.DataFrame:
    """Return the rows of one snapshot with the chances of a fit."""
    logit = fit.logit(rows)
    prior = Prior(*rows.select("r", "a").row(0)) if rows.height else DEFAULT_PRIOR
    usual, pause = usual_log_odds(floats(rows, "usual_active"), floats(rows, "usual_exposure"), prior)
    pace, lately = terms(floats(rows, "log_odds"), floats(rows, "days_since"), fit.calibration)
    return rows.with_columns(
        pl.Series("quiet_logit", logit),
        pl.Series("quiet_pace", pace),
        pl.Series("quiet_days_since", lately),
        pl.Series("quiet", logistic(logit)),
        pl.Series("usual_quiet", logistic(quiet_logit(usual, pause, fit.calibration))),
    )


def _sign_terms(rows: pl.DataFrame, signs: Sequence[Sign]) -> list[pl.Series]:
    if not signs:
        return []
    values = sign_values(rows)
    return [pl.Series(f"quiet_{sign.name}", sign.term(one)) for sign, one in zip(signs, values, strict=True)]
