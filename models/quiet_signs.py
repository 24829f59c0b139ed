"""Further signs of going quiet, for archives with enough silences for training.

Each is one column, standardised over the training rows, and adds one term to the log odds of quiet:

    logit(quiet) = b1 * l + b2 * ln(1 + days since) + b0 + sum c * z      c normal around 0 with deviation .10

Paces are compared under the day's prior, so that few active days have little effect: ln((r + n) / (a + e)) of the last
year and of the last month, relative to that of the discounted days.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
import polars as pl

from models.posterior import most_probable
from models.quiet import DEFAULT_CALIBRATION, WIDTHS, Calibration
from models.sample import Flags, Floats
from models.windows import Events, Moments, distinct_within

YEAR, MONTH = 365, 30
SIGNS = ("pace_year", "pace_month", "people", "mails", "our_days", "our_pause", "age")
COUNTS = ("days_365", "days_30", "people_90", "mails_90", "our_days_90", "our_pause_days")
"""Readable figures behind the signs; ``age_days`` is behind the last."""
VALUES = tuple(f"sign {name}" for name in SIGNS)
"""Columns of the signs themselves."""
LONGEST_DAYS = YEAR
"""Days before the as-of time from which figures are computed."""

_WIDTH = 0.10
"""Half of the width measured in the reference, so that signs stay small with few silences."""


_FARTHEST = 4.0
"""Limit of standardised values, in standard deviations, because training has few values beyond."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sign:
    """One trained term: the coefficient times the standardised sign."""

    name: str
    centre: float
    spread: float
    coefficient: float

    def term(self, values: Floats) -> Floats:
        """Return the term of the sign in the log odds of each account."""
        return self.coefficient * _standardised(values, self.centre, self.spread)


def with_signs(rows: pl.DataFrame, days: pl.DataFrame, touches: pl.DataFrame) -> pl.DataFrame:
    """Return rows with ``COUNTS`` and ``VALUES``, from data up to each row's ``as_of``.

    The team's active days are in UTC; its silence counts as at most a year.

    Args:
        rows: ``account``, ``as_of``, the columns of ``models.pace.paces``, and the day's prior as ``r`` and ``a``.
        days: active days, as for ``models.pace.paces``.
        touches: ``account``, ``sent_at``, ``outbound``, ``person``; of any order.
    """
    ordered = rows.with_row_index("place").sort("account", "as_of")
    asked = Moments.of(ordered)
    theirs, ours = touches.filter(~pl.col("outbound")), touches.filter("outbound")
    mails = theirs.select("account", who="person", at="sent_at")
    active = Events(days.select("account", at="first_at"))
    our_silence = Events(ours.select("account", at="sent_at")).days_since(asked, missing=float(YEAR))
    counts = [
        active.within(asked, YEAR),
        active.within(asked, MONTH),
        distinct_within(mails, asked, 90),
        Events(mails).within(asked, 90),
        Events(ours.select("account", at="sent_at"), daily=True).within(asked, 90),
        np.minimum(our_silence, float(YEAR)),
    ]
    counted = ordered.with_columns(pl.Series(name, one) for name, one in zip(COUNTS, counts, strict=True))
    values = _values(counted)
    found = counted.with_columns(pl.Series(name, one) for name, one in zip(VALUES, values, strict=True))
    return found.sort("place").drop("place")


def sign_values(rows: pl.DataFrame) -> Floats:
    """Return the signs of rows of ``with_signs``, one row of the array per sign."""
    return np.stack([rows[name].to_numpy() for name in VALUES])


def _values(rows: pl.DataFrame) -> list[Floats]:
    r, a, age, active, exposure, year, month, *others = (
        rows[name].cast(pl.Float64).to_numpy()
        for name in ("r", "a", "age_days", "active", "exposure", *COUNTS)
    )
    pace = np.log((r + active) / (a + exposure))
    return [
        np.log((r + year) / (a + np.minimum(age, YEAR))) - pace,
        np.log((r + month) / (a + np.minimum(age, MONTH))) - pace,
        *(np.log1p(one) for one in others),
        np.log1p(age),
    ]


def learn_signs(
    log_odds: Floats, days_since: Floats, signs: Floats, silent: Flags, weight: Floats
) -> tuple[Calibration, tuple[Sign, ...]]:
    """Return the most probable calibration and signs for the observed silences; without rows the default and none.

    Args:
        log_odds: l of each account at each snapshot.
        days_since: whole days since its last active day.
        signs: the result of ``sign_values``.
        silent: true if it then wrote nothing for 90 days.
        weight: the weight of each row.
    """
    if not len(log_odds):
        return DEFAULT_CALIBRATION, ()
    centre, spread = signs.mean(axis=1), signs.std(axis=1)
    spread = np.where(spread > 1e-9, spread, 1.0)
    standardised = _standardised(signs, centre[:, None], spread[:, None])
    found = most_probable(
        np.vstack(
            [
                log_odds,
                np.log1p(days_since),
                np.ones(len(log_odds)),
                standardised,
            ]
        ),
        silent,
        weight,
        mean=np.array([*dataclasses.astuple(DEFAULT_CALIBRATION), *[0.0] * len(SIGNS)]),
        deviation=np.array([*WIDTHS, *[_WIDTH] * len(SIGNS)]),
    )
    pace, since, intercept, *coefficients = map(float, found)
    learnt = tuple(
        Sign(name=name, centre=float(middle), spread=float(wide), coefficient=coefficient)
        for name, middle, wide, coefficient in zip(SIGNS, centre, spread, coefficients, strict=True)
    )
    return Calibration(pace=pace, days_since=since, intercept=intercept), learnt


def _standardised(values: Floats, centre: Floats | float, spread: Floats | float) -> Floats:
    return np.clip((values - centre) / spread, -_FARTHEST, _FARTHEST)


def added_terms(signs: Floats, learnt: Sequence[Sign]) -> Floats:
    """Return the sum of the terms of all signs for each account."""
    whole = np.zeros(signs.shape[1])
    for sign, values in zip(learnt, signs, strict=True):
        whole = whole + sign.term(values)
    return whole
