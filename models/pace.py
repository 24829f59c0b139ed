"""Pace of accounts, and the chance that an account writes nothing for some time at its own pace.

Events are active days. The rates of all accounts of a day have one gamma distribution (the prior), and the past fades
with a half-life of 90 days. This is the gamma-Poisson filter with a discount factor (Harvey and Fernandes 1989, Journal
of Business & Economic Statistics 7, 407-417; Ehrenberg's negative binomial of 1959 with forgetting). For a day T and
the active days d until then,

    x = sum 2^(-(T - d) / 90)                            discounted active days
    E = 90 / ln 2 * (1 - 2^(-age / 90))                  exposure in days; age since the first active day
    rate ~ Gamma(r + x, a + E)
    P(no active day in H days) = ((a + E) / (a + E + H))^(r + x)
"""

import dataclasses
import math

import numpy as np
import polars as pl

from models.gamma_poisson import most_likely
from models.labels import HORIZON_DAYS
from models.sample import Flags, Floats, Ints

HALF_LIFE_DAYS = 90
USUAL_FROM, USUAL_TO = 90, 730
"""Range of days before the as-of day from which the usual pace is computed."""

LEAST_ACCOUNTS = 5
"""Number of accounts that fitting a prior needs."""

_DAYS_A_YEAR_0 = 719_163
"""Days from the year 0 to 1970, which make the number of every date positive."""
_DAYS_IN_KEY = 1 << 23
_LONG_PAUSE = 60 * HALF_LIFE_DAYS
"""Pause in days after which earlier days have no weight within floating-point precision."""
_MOST_HALF_LIVES = 1000
_FRACTIONS = np.exp2(np.arange(HALF_LIFE_DAYS) / HALF_LIFE_DAYS)
_HORIZON = np.timedelta64(HORIZON_DAYS, "D").astype("timedelta64[us]")


@dataclasses.dataclass(frozen=True)
class Prior:
    """Gamma distribution of the accounts' rates, equivalent to ``r`` earlier active days in ``a`` days for each."""

    r: float
    a: float


DEFAULT_PRIOR = Prior(r=1.0, a=math.exp(4))
"""A weak prior of about one active day in 55 days."""


def paces(days: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Return the pace and the latest active day of accounts, as of any number of times.

    An active day counts from its first touch on. Results depend neither on later touches nor on other accounts.

    Args:
        days: ``account``, ``day``, ``first_at``, ``last_at``; sorted by account and day.
        asked: ``account``, ``as_of`` and ``day``, the local day of ``as_of``.

    Returns:
        ``asked`` in its order, with columns that are null where the account had written nothing:
        ``first_inbound_at``; ``first_day`` and ``last_day``, the first and the latest active day; ``days_since`` the
        latest and ``age_days`` since the first, whole local days; ``active`` and ``exposure``, x and E of this module;
        ``usual_active`` and ``usual_exposure``, the active days from 730 until 90 days before the day and how many of
        these days came after the first, neither discounted; and ``wrote``, true if a touch came within the 90 days
        before ``as_of``.

    Raises:
        ValueError: ``days`` are out of order or not unique.
    """
    board = _Board(days)
    before = board.until(asked)
    heard, latest = before.heard, before.place
    first = board.begin[before.group]
    today, first_day, last_day = before.today, board.day[first], board.day[latest]
    age = np.maximum(today - first_day, 0)
    since_anchor = today - board.anchor[latest]
    found = {
        "first_inbound_at": pl.Series(board.first_at[first]).cast(pl.Datetime("us", "UTC")),
        "first_day": _dates(first_day),
        "last_day": _dates(last_day),
        "days_since": pl.Series(np.maximum(today - last_day, 0)),
        "age_days": pl.Series(age),
        "active": pl.Series(board.grown[latest] * _power(since_anchor, sign=-1)),
        "exposure": pl.Series(HALF_LIFE_DAYS / math.log(2) * (1 - _power(age, sign=-1))),
        "usual_active": pl.Series(board.count(before, USUAL_FROM) - board.count(before, USUAL_TO)),
        "usual_exposure": pl.Series(np.maximum(np.minimum(age, USUAL_TO) - USUAL_FROM, 0)),
        "wrote": pl.Series(board.wrote(before)),
    }
    known = pl.Series("known", heard)
    return asked.with_columns(
        pl.when(known).then(values).otherwise(None).alias(name) for name, values in found.items()
    )


def wrote(days: pl.DataFrame, asked: pl.DataFrame) -> pl.Series:
    """Return true for each row of ``asked`` with an inbound touch within the 90 days before its ``as_of``.

    Args:
        days: as for ``paces``.
        asked: as for ``paces``.
    """
    board = _Board(days)
    before = board.until(asked)
    return pl.Series("wrote", before.heard & board.wrote(before))


def fit_prior(active: Floats, exposure: Floats) -> Prior:
    """Return the prior with the highest likelihood of the discounted counts of all accounts.

    It maximises sum lnG(r + x) - lnG(r) + r ln a - (r + x) ln(a + E) within bounds. With fewer than five accounts, it
    is the default.

    Args:
        active: x of each account.
        exposure: E of each account, in days.
    """
    usable = np.isfinite(active) & np.isfinite(exposure) & (active >= 0) & (exposure >= 0)
    x, e = np.minimum(active[usable], 1e6), np.minimum(exposure[usable], 1e6)
    if len(x) < LEAST_ACCOUNTS:
        return DEFAULT_PRIOR
    r, a = most_likely(x, e, start=(DEFAULT_PRIOR.r, DEFAULT_PRIOR.a))
    return Prior(r=r, a=a)


def log_odds(active: Floats, exposure: Floats, prior: Prior, horizon_days: float = HORIZON_DAYS) -> Floats:
    """Return l, the log odds that an account writes on no day of the horizon: ln p0 - ln(1 - p0).

    p0 = ((a + E) / (a + E + H))^(r + x), all in logarithms, so that neither end is cut off; never infinite.

    Args:
        active: x of each account.
        exposure: E of each account, in days.
        prior: of the day.
        horizon_days: H.
    """
    # ln p0 = -u; so ln p0 - ln(1 - p0) = -u - ln(1 - e^-u).
    u = (prior.r + active) * np.log1p(horizon_days / (prior.a + exposure))
    return np.asarray(-u - np.log(-np.expm1(-np.maximum(u, 1e-300))))


def usual_log_odds(active: Floats, exposure: Floats, prior: Prior) -> tuple[Floats, Floats]:
    """Return l at the usual pace, and the usual number of days since the last email at that pace.

    Args:
        active: ``usual_active``.
        exposure: ``usual_exposure``.
        prior: of the day.

    Returns:
        ``log_odds`` of 90 days, and the mean pause (a + e) / (r + n) in days, at most 90.
    """
    pause = np.minimum((prior.a + exposure) / (prior.r + active), float(HORIZON_DAYS))
    return log_odds(active, exposure, prior), pause


def expected_days(active: Floats, exposure: Floats, prior: Prior, days: float = HORIZON_DAYS) -> Floats:
    """Return the number of active days to expect in so many days at the present pace: (r + x) / (a + E) a day."""
    return np.asarray((prior.r + active) / (prior.a + exposure) * days)


@dataclasses.dataclass(frozen=True, eq=False)
class _Before:
    """Position of the account's latest active day for each row."""

    group: Ints
    place: Ints
    heard: Flags
    """False without an active day; ``group`` and ``place`` are 0 there."""
    today: Ints
    at: Ints


class _Board:
    """Active days as arrays, with cumulated sums by account."""

    def __init__(self, days: pl.DataFrame) -> None:
        ordered = days.select("account", "day", "first_at", "last_at").with_columns(
            day=_ordinals(pl.col("day"))
        )
        key = _keys(ordered)
        if not (np.diff(key) > 0).all():
            raise ValueError("active days must be sorted by account and day, each day once")
        grown = _cumulated(ordered)
        # One more row, which accounts without mail point at.
        self.key = key
        self.day = np.append(ordered["day"].to_numpy(), 0)
        self.first_at = _instants(ordered["first_at"])
        self.last_at = _instants(ordered["last_at"])
        self.anchor = np.append(grown["anchor"].to_numpy(), 0)
        self.grown = np.append(grown["grown"].to_numpy(), 0.0)
        account = ordered["account"].to_numpy()
        changes = np.append(True, account[1:] != account[:-1]) if len(account) else np.zeros(0, dtype=bool)
        self.begin = np.append(np.flatnonzero(changes), 0)
        self.accounts = account[self.begin[:-1]] if len(account) else account

    def until(self, asked: pl.DataFrame) -> _Before:
        """Find the latest active day of each row's account whose first touch is not after ``as_of``."""
        rows = asked.select("account", "as_of", day=_ordinals(pl.col("day")))
        account, today = rows["account"].to_numpy(), rows["day"].to_numpy()
        at = rows["as_of"].dt.timestamp("us").to_numpy()
        group = np.searchsorted(self.accounts, account)
        group = np.where(group < len(self.accounts), group, 0)
        place = np.searchsorted(self.key, _keys(rows), side="right") - 1
        # The day itself counts from its first touch on; days before it have all begun.
        place = place - (self.first_at[place] > at)
        named = (self.accounts[group] == account) if len(self.accounts) else np.zeros(len(account), bool)
        heard = named & (place >= self.begin[group])
        return _Before(np.where(heard, group, 0), np.where(heard, place, 0), heard, today, at)

    def count(self, before: _Before, days_before: int) -> Ints:
        """Count each account's active days up to the given number of days before the row's day."""
        account = self.accounts[before.group] if len(self.accounts) else np.zeros(len(before.today), np.int64)
        key = account.astype(np.int64) * _DAYS_IN_KEY + (before.today - days_before)
        return np.asarray(np.searchsorted(self.key, key, side="right") - self.begin[before.group])

    def wrote(self, before: _Before) -> Flags:
        """Return true for rows with a touch within 90 days; a day that is not over yet always counts."""
        latest = np.where(
            self.last_at[before.place] <= before.at, self.last_at[before.place], self.first_at[before.place]
        )
        return np.asarray(latest > before.at - _HORIZON.astype(np.int64))


def _ordinals(day: pl.Expr) -> pl.Expr:
    return day.cast(pl.Int32).cast(pl.Int64) + _DAYS_A_YEAR_0


def _dates(ordinals: Ints) -> pl.Series:
    return pl.Series(ordinals - _DAYS_A_YEAR_0).cast(pl.Int32).cast(pl.Date)


def _instants(moments: pl.Series) -> Ints:
    return np.append(moments.dt.timestamp("us").to_numpy(), 0)


def _keys(rows: pl.DataFrame) -> Ints:
    """Return one number per row that sorts by account and day."""
    return np.asarray(rows["account"].to_numpy().astype(np.int64) * _DAYS_IN_KEY + rows["day"].to_numpy())


def _cumulated(ordered: pl.DataFrame) -> pl.DataFrame:
    """Return ``grown``, the sum of 2^((d - anchor) / 90) up to each active day d, and the ``anchor`` of that sum.

    Divided by 2^((T - anchor) / 90), the sum is x on the day T. The anchor is the account's first day, or the first day
    after a pause of ``_LONG_PAUSE``, which keeps numbers finite.
    """
    pause = pl.col("day").diff().over("account")
    found = ordered.with_columns(
        stretch=(pause > _LONG_PAUSE).fill_null(value=False).cum_sum().over("account")
    )
    by = ["account", "stretch"]
    anchored = found.with_columns(anchor=pl.col("day").first().over(by))
    weight = _power((anchored["day"] - anchored["anchor"]).to_numpy(), sign=1)
    return anchored.with_columns(grown=pl.Series(weight)).with_columns(pl.col("grown").cum_sum().over(by))


def _power(days: Ints, *, sign: int) -> Floats:
    """Return 2^(days / 90) or 2^(-days / 90) from whole powers and a table, independent of a row's position."""
    halvings, rest = np.divmod(np.minimum(days, _MOST_HALF_LIVES * HALF_LIFE_DAYS), HALF_LIFE_DAYS)
    fraction = _FRACTIONS[rest]
    return np.asarray(np.ldexp(fraction if sign > 0 else 1 / fraction, (sign * halvings).astype(np.int32)))
