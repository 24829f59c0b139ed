"""The chance that an account goes quiet: writes nothing for 90 days.

    logit(quiet) = b1 * l + b2 * ln(1 + days since the last active day) + b0

where l is ``models.pace.log_odds``, the log odds of 90 days without mail at the account's own pace. Mail comes in
bursts, so the odds of a Poisson process are too extreme: b1 is under 1. The three numbers are learnt from the archive's
own silences, with a prior that holds them where other archives have them: maximum a posteriori, b independently normal
around (.45, .20, 0) with standard deviations (.10, .05, .50). (Platt 1999, with two inputs and a prior.)
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
"""For an archive without silences of its own to learn from."""

WIDTHS = np.array([0.10, 0.05, 0.50])
"""Standard deviations of the priors of the three numbers."""


def calibrate(log_odds: Floats, days_since: Floats, silent: Flags, weight: Floats) -> Calibration:
    """Return the most probable calibration after what happened; without rows the default.

    Args:
        log_odds: l of each account at each snapshot.
        days_since: whole days since its last active day.
        silent: whether it then wrote nothing for 90 days.
        weight: how much the row counts; snapshots of one account say much the same.
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
    """Return the terms of pace and of the days since the last active day; with the intercept they are the log odds."""
    return calibration.pace * log_odds, calibration.days_since * np.log1p(days_since)


def quiet_logit(log_odds: Floats, days_since: Floats, calibration: Calibration) -> Floats:
    """Return the log odds that accounts go quiet: both terms and the intercept."""
    pace, since = terms(log_odds, days_since, calibration)
    return np.asarray(pace + since + calibration.intercept)
