"""Features: comparisons of an account with its own past.

A feature reads sums by window (``inbound_30``, ``inbound_past``, ``past_days``) and has a fixed sign: +1 where more of
it means more risk. Ratios are logarithms with one event added to either side, so that a few emails do not dominate
them. Ratios to the own past double the precision of raw levels.
"""

import dataclasses
import math

import polars as pl

MIN_PAST_DAYS = 28
"""Days of past that a baseline needs; with fewer, the feature is missing."""

WEEKS = 13

# A product, because polars divides columns with one row in another way.
_DAYS_A_MICROSECOND = 1 / 8.64e10


@dataclasses.dataclass(frozen=True, kw_only=True)
class Feature:
    """One column of the scorecard."""

    name: str
    block: str
    sign: int
    """+1 if more is riskier, -1 if less is riskier."""
    signal: str
    """The related signal; features with the same signal describe the same change."""
    expr: pl.Expr
    value: pl.Expr
    """The number that the sentence shows."""
    usual: pl.Expr = dataclasses.field(default_factory=lambda: pl.lit(None, dtype=pl.Float64))
    """The account's usual number; null without one."""
    text: str
    """A sentence with ``{value}`` and ``{usual}``; ``{value:email}`` counts emails, ``{value:%}`` is a percentage,
    and ``{money}`` is the value as an amount of money."""


def own(figure: pl.Expr) -> pl.Expr:
    """Return a figure of the account's past; null where the past is too short for a baseline."""
    return pl.when(pl.col("past_days") >= MIN_PAST_DAYS).then(figure)


def total(name: str, span: str) -> pl.Expr:
    """Return the sum over a span: a number of days, or ``past``."""
    summed = pl.col(f"{name}_{span}")
    return own(summed) if span == "past" else summed


def rate(name: str) -> pl.Expr:
    """Return events per day in the account's past; null if the past is too short."""
    return total(name, "past") / pl.col("past_days")


def expected_events(name: str, days: int) -> pl.Expr:
    """Return the expected number of events in so many days by the account's past; null if the past is too short."""
    return rate(name) * days


def against_own(name: str, days: int) -> pl.Expr:
    """Return the log ratio of actual to expected events, with one event added to both."""
    return ((pl.col(f"{name}_{days}") + 1) / (expected_events(name, days) + 1)).log()


def drift(logs: str, replies: str, days: int) -> pl.Expr:
    """Return the mean log response time of recent days, with one past reply added, minus that of the past."""
    usual = _mean(total(logs, "past"), total(replies, "past"))
    return (pl.col(f"{logs}_{days}") + usual) / (pl.col(f"{replies}_{days}") + 1) - usual


def mean_hours(logs: str, replies: str, span: str) -> pl.Expr:
    """Return the geometric mean response time in office hours."""
    return _mean(total(logs, span), total(replies, span)).exp() - 1


def ratio_a_mail(name: str, span: str) -> pl.Expr:
    """Return the amount of something per inbound email; null without inbound mail."""
    return _mean(total(name, span), total("inbound", span))


def reply_share(span: str) -> pl.Expr:
    """Return the share of check-ins in a span that were answered within a week (0 to 1)."""
    return _mean(total("replied", span), total("asked", span))


def _mean(summed: pl.Expr, count: pl.Expr) -> pl.Expr:
    """Return the mean; null without values."""
    return pl.when(count > 0).then(summed / count)


def cusum(name: str, factor: float) -> pl.Expr:
    """Return the cumulative sum that detects a rate multiplied by ``factor`` within the last 13 weeks (Page 1954).

    It is the largest log likelihood ratio, over all starts, of weekly Poisson counts at the changed rate against the
    account's own rate; 0 if no start supports a change.
    """
    weekly = rate(name) * 7
    level = pl.lit(0.0)
    for week in reversed(range(WEEKS)):
        ratio = pl.col(f"{name}_week_{week}").fill_null(0) * math.log(factor) - weekly * (factor - 1)
        level = pl.max_horizontal(0.0, level + ratio)
    return pl.when(weekly.is_not_null()).then(level)


def usual_pause() -> pl.Expr:
    """Return the mean number of days from one day with mail to the next in the account's past."""
    return own(pl.col("past_days") / (pl.col("active_days_past") + 1))


def days_since(name: str) -> pl.Expr:
    """Return the days from the time in a column to the as-of time."""
    return (pl.col("as_of") - pl.col(name)).dt.total_microseconds() * _DAYS_A_MICROSECOND
