"""Fits of going quiet to the company's own silences: three numbers, and further signs if they predict better.

The longer fit is used on a day only if it has won on what was known: over the snapshots of five years, each predicted
by both as they would have been fitted then, its log loss summed by account is smaller by a paired t above 1, and 30 or
more of the rows fell silent.
"""

import dataclasses
import datetime as dt

import numpy as np
import polars as pl

from mailsignals.risk.silences import HORIZON, floats, known_then
from mailsignals.schema import INSTANT
from models.posterior import logistic
from models.quiet import DEFAULT_CALIBRATION, Calibration, calibrate, quiet_logit
from models.quiet_signs import VALUES, Sign, added_terms, learn_signs, sign_values
from models.sample import Flags, Floats

SNAPSHOT_WEIGHT = 0.33
"""Three snapshots a quarter look at nearly the same 90 days."""
YEAR_DAYS = 365.25
"""A snapshot one year older counts half."""
MOST_ROWS = 10_000
"""A few numbers need no more rows; of more, the accounts are thinned out, each drawn by its number alone."""
_MIX = 2_654_435_761
"""A multiplier that scatters neighbouring numbers (Knuth)."""
CONTEST = dt.timedelta(days=5 * 365)
"""Longer ago, nothing is compared."""
LEAST_T, LEAST_SILENCES = 1.0, 30

_COMPARED = pl.Schema(
    {"account": pl.UInt32(), "as_of": INSTANT, "silent": pl.Boolean(), "gain": pl.Float64()}
)


@dataclasses.dataclass(frozen=True)
class QuietFit:
    """Numbers that turn the pace of an account into log odds of going quiet."""

    calibration: Calibration
    signs: tuple[Sign, ...] = ()

    def logit(self, rows: pl.DataFrame) -> Floats:
        """Return the log odds of rows of ``quiet_history``."""
        plain = quiet_logit(floats(rows, "log_odds"), floats(rows, "days_since"), self.calibration)
        return plain + added_terms(sign_values(rows), self.signs) if self.signs else plain


DEFAULT_FIT = QuietFit(DEFAULT_CALIBRATION)


def calibrated_fit(over: pl.DataFrame, as_of: dt.datetime) -> QuietFit:
    """Return the fit of three numbers to the rows of ``known_then``; the default where nobody fell silent."""
    rows, weight = _drawn(over, as_of)
    silent = _silent(rows)
    if not silent.any():
        return DEFAULT_FIT
    return QuietFit(calibrate(floats(rows, "log_odds"), floats(rows, "days_since"), silent, weight))


def extended_fit(over: pl.DataFrame, as_of: dt.datetime) -> QuietFit:
    """Return the fit with further signs; that of three numbers where under 30 rows fell silent.

    Args:
        over: rows of ``known_then`` with the columns of ``models.quiet_signs.with_signs``.
        as_of: from when the age of rows counts.
    """
    rows, weight = _drawn(over, as_of)
    silent = _silent(rows)
    if int(over["silent"].sum()) < LEAST_SILENCES:
        return calibrated_fit(over, as_of)
    odds, since = floats(rows, "log_odds"), floats(rows, "days_since")
    return QuietFit(*learn_signs(odds, since, sign_values(rows), silent, weight))


def compare_fits(history: pl.DataFrame, as_of: dt.datetime) -> pl.DataFrame:
    """Return by how much further signs would have predicted better.

    Args:
        history: what ``quiet_history`` returned; nothing can be compared without the columns of
            ``models.quiet_signs.with_signs``.
        as_of: only snapshots whose 90 days were over then.

    Returns:
        ``account``, ``as_of`` (of the snapshot), ``silent``, and ``gain``: log loss of three numbers less that of the
        longer fit, both fitted to what was known at the snapshot.
    """
    empty = pl.DataFrame(schema=_COMPARED)
    if not set(VALUES) <= set(history.columns):
        return empty
    over = known_then(history, as_of).filter(pl.col("as_of") > as_of - CONTEST)
    parts = [empty]
    for (moment,), rows in over.group_by("as_of", maintain_order=True):
        if isinstance(moment, dt.datetime):
            known, silent = known_then(history, moment), _silent(rows)
            losses = [
                _log_loss(fit(known, moment).logit(rows), silent) for fit in (calibrated_fit, extended_fit)
            ]
            gain = pl.Series("gain", losses[0] - losses[1])
            parts.append(rows.select("account", "as_of", "silent").with_columns(gain))
    return pl.concat(parts)


def has_won(compared: pl.DataFrame, as_of: dt.datetime) -> bool:
    """Return whether further signs predicted better by a date and time.

    Args:
        compared: what ``compare_fits`` returned for this time or a later one.
        as_of: only snapshots whose 90 days were over then.
    """
    over = compared.filter(pl.col("as_of") + HORIZON <= as_of, pl.col("as_of") > as_of - CONTEST)
    if int(over["silent"].sum()) < LEAST_SILENCES:
        return False
    gains = over.group_by("account", maintain_order=True).agg(pl.col("gain").sum())["gain"].to_numpy()
    error = gains.std(ddof=1) / np.sqrt(len(gains)) if len(gains) > 1 else 0.0
    return bool(error > 0 and gains.mean() / error > LEAST_T)


def fit_then(history: pl.DataFrame, compared: pl.DataFrame, as_of: dt.datetime) -> QuietFit:
    """Return the fit that a day uses.

    Args:
        history: what ``quiet_history`` returned.
        compared: what ``compare_fits`` returned for this time or a later one.
        as_of: nothing that became known later counts.
    """
    fit = extended_fit if has_won(compared, as_of) else calibrated_fit
    return fit(known_then(history, as_of), as_of)


def _silent(over: pl.DataFrame) -> Flags:
    return over["silent"].to_numpy().astype(np.bool_)


def _drawn(over: pl.DataFrame, as_of: dt.datetime) -> tuple[pl.DataFrame, Floats]:
    """The rows to fit to and their weights: all, or those of one in so many accounts, which stand for the others."""
    one_in = -(-over.height // MOST_ROWS)
    mixed = pl.col("account").cast(pl.UInt64) * _MIX % 2**32 // 2**8
    rows = over.filter(mixed % one_in == 0) if one_in > 1 else over
    age = (as_of - rows["as_of"]).dt.total_microseconds().to_numpy() / 8.64e10
    weight = SNAPSHOT_WEIGHT * max(one_in, 1) * np.exp2(-age / YEAR_DAYS)
    return rows, np.asarray(weight, dtype=np.float64)


def _log_loss(logit: Floats, silent: Flags) -> Floats:
    """Return the log loss of the outcomes; ln(1 + e^-x) without overflow."""
    wrong = np.where(silent, -logit, logit)
    return np.maximum(wrong, 0) - np.log(logistic(np.abs(wrong)))
