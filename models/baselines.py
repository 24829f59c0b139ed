"""The best simple rules for silence, which no report leaves out: few active days, and a plain logistic on 11 counts.

Both are pure functions of touches until an instant: nothing later matters, and no account depends on another.
"""

import dataclasses
import datetime as dt

import numpy as np
import polars as pl

from models.posterior import logistic, most_probable
from models.sample import Flags, Floats

FEW_ACTIVE_DAYS = "few active days"
PLAIN_LOGISTIC = "plain logistic"
ACTIVE_SPAN = 180

PLAIN_COUNTS = (
    "days since inbound",
    "active days 30",
    "active days 90",
    "active days 180",
    "active days 365",
    "inbound 90",
    "inbound 180",
    "people 90",
    "days since outbound",
    "outbound 90",
    "age",
)
"""The columns of ``plain_counts``."""

_NEVER_DAYS = 3650.0
"""Days since a mail that never came."""
_SPREAD = 3.0
"""Standard deviation of the prior of a coefficient: wide, so that the baseline is hardly held back."""


def few_active_days(touches: pl.DataFrame, asked: pl.DataFrame) -> Floats:
    """Return the number of active days of the last 180, negated: higher is riskier.

    Args:
        touches: ``account``, ``sent_at``, ``outbound``; of any order.
        asked: ``account`` and ``as_of``.
    """
    first_at = _first_of_days(touches.filter(~pl.col("outbound")))
    return -_within(first_at, asked, ACTIVE_SPAN)


def plain_counts(touches: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Return the 11 counts of ``PLAIN_COUNTS`` of each row asked about, as ln(1 + count), in its order.

    Active days are days of UTC; people are distinct senders; age is in days since the first inbound touch, 0 without.

    Args:
        touches: ``account``, ``sent_at``, ``outbound``, ``person``; of any order.
        asked: ``account`` and ``as_of``.
    """
    inbound = touches.filter(~pl.col("outbound")).select("account", "person", at="sent_at")
    outbound = touches.filter("outbound").select("account", at="sent_at")
    active = _first_of_days(touches.filter(~pl.col("outbound")))
    columns = [
        _days_since(inbound, asked, "max", missing=_NEVER_DAYS),
        *(_within(active, asked, span) for span in (30, 90, 180, 365)),
        *(_within(inbound, asked, span) for span in (90, 180)),
        _people(inbound, asked, 90),
        _days_since(outbound, asked, "max", missing=_NEVER_DAYS),
        _within(outbound, asked, 90),
        _days_since(inbound, asked, "min", missing=0.0),
    ]
    return pl.DataFrame({name: np.log1p(values) for name, values in zip(PLAIN_COUNTS, columns, strict=True)})


@dataclasses.dataclass(frozen=True, eq=False)
class PlainLogistic:
    """A logistic regression on standardised counts."""

    centre: Floats
    spread: Floats
    coefficients: Floats
    """Of each count, then the intercept."""

    def chance(self, counts: Floats) -> Floats:
        """Return the probability of the event for rows of counts."""
        return logistic(self.coefficients @ _columns((counts - self.centre) / self.spread))


def fit_plain_logistic(counts: Floats, event: Flags, weight: Floats) -> PlainLogistic:
    """Return the logistic regression of an event on counts, each standardised; any number of rows will do.

    Args:
        counts: rows by counts.
        event: of each row.
        weight: of each row.
    """
    width = counts.shape[1]
    if not len(counts):
        return PlainLogistic(np.zeros(width), np.ones(width), np.zeros(width + 1))
    centre, spread = counts.mean(axis=0), counts.std(axis=0)
    spread = np.where(spread > 1e-9, spread, 1.0)
    coefficients = most_probable(
        _columns((counts - centre) / spread),
        event,
        weight,
        mean=np.zeros(width + 1),
        deviation=np.append(np.full(width, _SPREAD), 10.0),
    )
    return PlainLogistic(centre, spread, coefficients)


def _columns(standardised: Floats) -> Floats:
    return np.vstack([standardised.T, np.ones(len(standardised))])


def _first_of_days(inbound: pl.DataFrame) -> pl.DataFrame:
    sent_at = pl.col("sent_at")
    return inbound.group_by("account", day=sent_at.dt.date()).agg(at=sent_at.min()).drop("day")


def _count_until(events: pl.DataFrame, asked: pl.DataFrame) -> Floats:
    """The number of each row's account's events at or before its instant."""
    counted = (
        events.select("account", "at")
        .drop_nulls("at")
        .sort("at")
        .with_columns(pl.int_range(1, pl.len() + 1).over("account").alias("count"))
    )
    found = _latest(counted, asked)["count"].fill_null(0)
    return found.cast(pl.Float64).to_numpy()


def _latest(events: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Each row asked about with the latest event of its account by then, in its order."""
    rows = asked.select("account", "as_of").with_row_index("row").sort("as_of")
    return rows.join_asof(
        events, left_on="as_of", right_on="at", by="account", strategy="backward", check_sortedness=False
    ).sort("row")


def _within(events: pl.DataFrame, asked: pl.DataFrame, days: int) -> Floats:
    """The number of events in the half-open window of so many days."""
    return _count_until(events, asked) - _count_until(events, _earlier(asked, days))


def _earlier(asked: pl.DataFrame, days: int) -> pl.DataFrame:
    return asked.select("account", pl.col("as_of") - dt.timedelta(days=days))


def _people(inbound: pl.DataFrame, asked: pl.DataFrame, days: int) -> Floats:
    """The number of people who wrote within the window.

    Each is counted by their latest mail: all mails in the window, less those that the same person followed with another
    by the instant.
    """
    named = inbound.sort("at").with_columns(following=pl.col("at").shift(-1).over("account", "person"))
    outdated = pl.max_horizontal("following", pl.col("at") + dt.timedelta(days=days))
    followed = named.drop_nulls("following")
    again = _count_until(followed.select("account", at="following"), asked)
    past = _count_until(followed.select("account", at=outdated), asked)
    return _within(inbound, asked, days) - (again - past)


def _days_since(events: pl.DataFrame, asked: pl.DataFrame, which: str, *, missing: float) -> Floats:
    """Days since the latest (max) or the first (min) event by the instant."""
    ordered = events.select("account", "at").sort("at")
    moment = pl.col("at").first().over("account") if which == "min" else pl.col("at")
    found = _latest(ordered.with_columns(moment=moment), asked)
    since = (found["as_of"] - found["moment"]).dt.total_microseconds() * (1 / 8.64e10)
    return since.fill_null(missing).to_numpy()
