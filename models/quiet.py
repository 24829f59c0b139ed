"""Chance that an account goes quiet, which means that it writes nothing for 90 days.

    logit(quiet) = b1 * l + b2 * ln(1 + days since the last active day) + b0

where l is ``models.pace.log_odds``, the log odds of 90 days without mail at the account's own pace. Mail comes in
bursts, so the odds of a Poisson process are too extreme: b1 is below 1. The three numbers are calibrated on the
archive's own silences by maximum a posteriori. Their priors come from other archives: independently normal around
(.45, .20, 0) with standard deviations (.10, .05, .50). This is Platt scaling (1999) with two inputs and a prior.
"""

import dataclasses

import numpy as np

from models.posterior import most_probable
from models.sample import Flags, Floats


@dataclasses.dataclass(frozen=True)
class Calibration:
    """The three numbers that turn pace and silence into log odds."""

    pace: float
    days_since: float
    intercept: float


DEFAULT_CALIBRATION = Calibration(pace=0.45, days_since=0.20, intercept=0.0)
"""Calibration for an archive without silences."""

WIDTHS = np.array([0.10, 0.05, 0.50])
"""Standard deviations of the priors of the three numbers."""


def calibrate(log_odds: Floats, days_since: Floats, silent: Flags, weight: Floats) -> Calibration:
    """Return the most probable calibration for the observed silences; without rows the default.

    Args:
        log_odds: l of each account at each snapshot.
        days_since: whole days since its last active day.
        silent: true if it then wrote nothing for 90 days.
        weight: the weight of each row; snapshots of one account are not independent.
    """
    if not len(log_odds):
        return DEFAULT_CALIBRATION
    pace, since, intercept = most_probable(
        np.stack([log_odds, np.log1p(days_since), np.ones(len(log_odds))]),
        silent,
        weight,
        mean=np.array(dataclasses.astuple(DEFAULT_CALIBRATION)),
        deviation=WIDTHS,
    )
    return Calibration(pace=float(pace), days_since=float(since), intercept=float(intercept))


def terms(log_odds: Floats, days_since: Floats, calibration: Calibration) -> tuple[Floats, Floats]:
    """Return the terms of pace and of days since the last active day; with the intercept, they sum to the log odds."""
    return calibration.pace * log_odds, calibration.days_since * np.log1p(days_since)


def quiet_logit(log_odds: Floats, days_since: Floats, calibration: Calibration) -> Floats:
    """Return the log odds that accounts go quiet: both terms and the intercept."""
    pace, since = terms(log_odds, days_since, calibration)
    return np.asarray(pace + since + calibration.intercept)
