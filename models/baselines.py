"""The best simple rules for silence: few active days, and a plain logistic on 11 counts.

Both depend only on the account's own touches up to the as-of time.
"""

import dataclasses

import numpy as np
import polars as pl

from models.posterior import logistic
from models.sample import Flags, Floats
from models.windows import Events, Moments, distinct_within

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
"""Columns of ``plain_counts``."""

_NEVER_DAYS = 3650.0
"""Days since the last email for accounts without one."""
_SPREAD = 3.0
"""Standard deviation of the prior of a coefficient: wide, so that the baseline is hardly regularised."""


def few_active_days(touches: pl.DataFrame, asked: pl.DataFrame) -> Floats:
    """Return the negated number of active days in the last 180 days; higher is riskier.

    Args:
        touches: ``account``, ``sent_at``, ``outbound``; of any order.
        asked: ``account`` and ``as_of``.
    """
    active = Events(touches.filter(~pl.col("outbound")).select("account", at="sent_at"), daily=True)
    return -active.within(Moments.of(asked), ACTIVE_SPAN)


def plain_counts(touches: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Return the 11 ``PLAIN_COUNTS`` of each row in ``asked``, as ln(1 + count), in its order.

    Active days are days of UTC; people are distinct senders; age is in days since the first inbound touch, 0 without.

    Args:
        touches: ``account``, ``sent_at``, ``outbound``, ``person``; of any order.
        asked: ``account`` and ``as_of``.
    """
    theirs, ours = touches.filter(~pl.col("outbound")), touches.filter("outbound")
    at = Moments.of(asked)
    active = Events(theirs.select("account", at="sent_at"), daily=True)
    inbound, outbound = (Events(some.select("account", at="sent_at")) for some in (theirs, ours))
    people = theirs.select("account", who="person", at="sent_at")
    columns = [
        inbound.days_since(at, missing=_NEVER_DAYS),
        *(active.within(at, span) for span in (30, 90, 180, 365)),
        *(inbound.within(at, span) for span in (90, 180)),
        distinct_within(people, at, 90),
        outbound.days_since(at, missing=_NEVER_DAYS),
        outbound.within(at, 90),
        inbound.days_since(at, missing=0.0, first=True),
    ]
    return pl.DataFrame({name: np.log1p(values) for name, values in zip(PLAIN_COUNTS, columns, strict=True)})


@dataclasses.dataclass(frozen=True, eq=False)
class PlainLogistic:
    """A logistic regression on standardised counts."""

    centre: Floats
    spread: Floats
    coefficients: Floats
    """Coefficients of the counts, then the intercept."""

    def chance(self, counts: Floats) -> Floats:
        """Return the probability of the event for rows of counts."""
        return logistic(self.coefficients @ _columns((counts - self.centre) / self.spread))


def fit_plain_logistic(counts: Floats, event: Flags, weight: Floats) -> PlainLogistic:
    """Return the logistic regression of an event on standardised counts, for any number of rows.

    Args:
        counts: rows by counts.
        event: true for each row with the event.
        weight: the weight of each row.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  # a second that only reports should pay

    width = counts.shape[1]
    if not len(counts):
        return PlainLogistic(np.zeros(width), np.ones(width), np.zeros(width + 1))
    centre, spread = counts.mean(axis=0), counts.std(axis=0)
    spread = np.where(spread > 1e-9, spread, 1.0)
    happened = float(weight @ event)
    if event.all() or not event.any():
        odds = (happened + 0.5) / (float(weight.sum()) - happened + 0.5)
        return PlainLogistic(centre, spread, np.append(np.zeros(width), np.log(odds)))
    fitted = LogisticRegression(C=_SPREAD**2, solver="newton-cholesky", tol=1e-8)
    fitted.fit((counts - centre) / spread, event, sample_weight=weight)
    return PlainLogistic(centre, spread, np.append(fitted.coef_[0], fitted.intercept_[0]))


def _columns(standardised: Floats) -> Floats:
    return np.vstack([standardised.T, np.ones(len(standardised))])
