"""The method behind recorded levels: its changes for each account, and a sentence on a change; pure."""

import dataclasses
import datetime as dt

import polars as pl

from models.alarms import COOL_DOWN_DAYS
from models.risk import UNTRAINED, WITH_QUIET

BEFORE = "before"
"""The method of all days that have a score instead of a chance of going quiet, whatever model was in use.

Their flags follow from them as they always did, so changes of the model among these days are none of the method.
"""

SCORECARD = "scorecard"
"""The source of those days on which no model was in use."""

_SAME = "The change itself opened and closed no flags."


def with_methods(days: pl.DataFrame) -> pl.DataFrame:
    """Return recorded days with ``method``, ``decides_on`` and ``baseline_until``, by account and time.

    ``method``: what days must share for their levels and risks to compare. ``decides_on``: the day from which that
    method decides alone, 60 days after its first; null if the account has no days by another method before.
    ``baseline_until``: ``decides_on`` on a baseline, which is the first day of a method, and the first one on which it
    judges an account that another method had judged; else null.

    Args:
        days: all recorded days of some accounts (``SCORES_SCHEMA``), also those without a level.
    """
    own, on = "account_id", pl.col("scored_on")
    # An old day without a level has no score; later days show that it is an old one.
    last_score = on.filter(pl.col("score").is_not_null()).max().over(own)
    method = pl.when(on <= last_score).then(pl.lit(BEFORE)).otherwise("source")
    judged_by = pl.when(pl.col("level").is_not_null()).then("method").forward_fill()
    first = pl.when(pl.col("method") != pl.col("method").shift()).then(on).forward_fill()
    decides_on = first + pl.lit(dt.timedelta(days=COOL_DOWN_DAYS))
    is_baseline = (on == pl.col("first")) | (
        (pl.col("judged_by") != pl.col("method")) & (on < pl.col("decides_on"))
    )
    return (
        days.sort(own, "scored_at")
        .with_columns(method=method)
        .with_columns(
            first=first.over(own), decides_on=decides_on.over(own), judged_by=judged_by.shift().over(own)
        )
        .with_columns(baseline_until=pl.when(is_baseline).then("decides_on"))
        .drop("first", "judged_by")
    )


def source_of(rows: pl.DataFrame) -> str | None:
    """Return the source of a day's risk (rows with ``source``), which all its accounts share; None without rows."""
    return None if rows.is_empty() else str(rows["source"][0])


def recorded_method(day: pl.DataFrame) -> str | None:
    """Return the method of a recorded day (rows in ``SCORES_SCHEMA``); None without rows."""
    return BEFORE if day["score"].count() else source_of(day)


def kind_of_source(source: str) -> str:
    """Return the kind of a source: ``scorecard``, ``quiet+scorecard``, ``quiet+model`` or ``model``."""
    if source in {SCORECARD, UNTRAINED}:
        return source
    return f"{WITH_QUIET}model" if source.startswith(WITH_QUIET) else "model"


@dataclasses.dataclass(frozen=True, kw_only=True)
class MethodChange:
    """A change of the method behind risk levels."""

    before: str
    """``BEFORE``, or a source."""
    now: str
    """A source."""

    @property
    def text(self) -> str:
        """Return the change in two sentences, for the first digest after it."""
        return f"{self._what}. {_SAME}"

    @property
    def _what(self) -> str:
        untrained, weighed = self.now == UNTRAINED, self.now.startswith(WITH_QUIET)
        was_ordered_by_both = self.before.startswith(WITH_QUIET)
        if not weighed:
            if self.before == BEFORE or was_ordered_by_both:
                return "The chance of churn within 90 days now sets the order of accounts"
            return "The model was retrained, so chances may differ from earlier ones"
        if not was_ordered_by_both:
            return "The chances of going quiet and of churn now set the order of accounts"
        if untrained:
            return "Churn signals now replace the trained chance of churn"
        if self.before == UNTRAINED:
            return "The chance of churn now comes from a model trained on your churn dates"
        return "The model was retrained, so chances may differ from earlier ones"


def method_change(before: str | None, now: str | None) -> MethodChange | None:
    """Return the change of method between the day of a CSM's last digest and today; None without one.

    Args:
        before: the ``recorded_method`` of the last day that was recorded by the CSM's last digest; None without one.
        now: the source of today's risk.
    """
    if before is None or now is None or before == now:
        return None
    return MethodChange(before=before, now=now)
