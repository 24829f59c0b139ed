"""What a feature is, and the arithmetic that compares an account with its own past.

A feature reads sums by window (``inbound_30``, ``inbound_past``, ``past_days``) and has the sign that is known
beforehand: +1 where more of it means more risk. Ratios are logarithms with one event added to either side, so that
a handful of mails does not swing them (own-baseline ratios double the precision of raw levels).
"""

import dataclasses
import math

import polars as pl

MIN_PAST_DAYS = 28
"""A past shorter than this is no baseline: the feature is missing."""

WEEKS = 13

# Multiplied, because polars divides a column by a number in another way where the column has one row.
_DAYS_A_MICROSECOND = 1 / 8.64e10


@dataclasses.dataclass(frozen=True, kw_only=True)
class Feature:
    """One column of the scorecard."""

    name: str
    block: str
    sign: int
    """+1: more is riskier; -1: less is."""
    signal: str
    """The signal that stands for it; features with the same signal describe the same change."""
    expr: pl.Expr
    value: pl.Expr
    """The number that the sentence shows."""
    usual: pl.Expr = dataclasses.field(default_factory=lambda: pl.lit(None, dtype=pl.Float64))
    """The usual number of this account; null without one."""
    text: str
    """A sentence with ``{value}`` and ``{usual}``; ``{value:email}`` counts emails, ``{value:%}`` is a percentage,
    and ``{money}`` is the value as an amount of money."""


def own(figure: pl.Expr) -> pl.Expr:
    """A figure of the account's past; null where the past is too short to be a baseline."""
    return pl.when(pl.col("past_days") >= MIN_PAST_DAYS).then(figure)


def total(name: str, span: str) -> pl.Expr:
    """The sum over a span: days, or ``past``."""
    summed = pl.col(f"{name}_{span}")
    return own(summed) if span == "past" else summed


def rate(name: str) -> pl.Expr:
    """Events a day in the account's past; null without enough of it."""
    return total(name, "past") / pl.col("past_days")


def expected_events(name: str, days: int) -> pl.Expr:
    """Return the number of events to expect in so many days from the account's past; null without enough of it."""
    return rate(name) * days


def against_own(name: str, days: int) -> pl.Expr:
    """Log ratio of what happened to what was expected, one event added to both."""
    return ((pl.col(f"{name}_{days}") + 1) / (expected_events(name, days) + 1)).log()


def drift(logs: str, replies: str, days: int) -> pl.Expr:
    """Mean log reply time of the last days minus that of the past, one past reply added to the recent ones."""
    usual = _mean(total(logs, "past"), total(replies, "past"))
    return (pl.col(f"{logs}_{days}") + usual) / (pl.col(f"{replies}_{days}") + 1) - usual


def mean_hours(logs: str, replies: str, span: str) -> pl.Expr:
    """The geometric mean reply time in office hours."""
    return _mean(total(logs, span), total(replies, span)).exp() - 1


def ratio_a_mail(name: str, span: str) -> pl.Expr:
    """Return the amount of something per inbound mail; null without inbound mail."""
    return _mean(total(name, span), total("inbound", span))


def reply_share(span: str) -> pl.Expr:
    """Of the check-ins of a span, the share that was answered within a week."""
    return _mean(total("replied", span), total("asked", span))


def _mean(summed: pl.Expr, count: pl.Expr) -> pl.Expr:
    """Null where there is nothing to take a mean of."""
    return pl.when(count > 0).then(summed / count)


def cusum(name: str, factor: float) -> pl.Expr:
    """The cumulative sum that detects a rate multiplied by ``factor`` within the last 13 weeks (Page 1954).

    The largest log likelihood ratio, over all starts, of weekly Poisson counts at the changed rate against the
    account's own; 0 if no start speaks for a change.
    """
    weekly = rate(name) * 7
    level = pl.lit(0.0)
    for week in reversed(range(WEEKS)):
        ratio = pl.col(f"{name}_week_{week}").fill_null(0) * math.log(factor) - weekly * (factor - 1)
        level = pl.max_horizontal(0.0, level + ratio)
    return pl.when(weekly.is_not_null()).then(level)


def usual_pause() -> pl.Expr:
    """The mean time in days from one day with mail to the next in the account's past."""
    return own(pl.col("past_days") / (pl.col("active_days_past") + 1))


def days_since(name: str) -> pl.Expr:
    """Days from a column's instant to the as-of instant."""
    return (pl.col("as_of") - pl.col(name)).dt.total_microseconds() * _DAYS_A_MICROSECOND
