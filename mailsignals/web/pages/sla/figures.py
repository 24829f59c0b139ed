"""The figures of the pages on service levels, from cases to rows; pure."""

import datetime as dt
from collections.abc import Callable, Mapping

import polars as pl

from mailsignals.sla.compliance import By, Period, compliance_of, group_of, verdicts
from mailsignals.sla.promises import FIGURES, NO_TARGET, Promises
from mailsignals.wording.numbers import Quantity

FEW = 10
"""A share of fewer cases than this is called one of few."""

WEEKS = 13
"""How many weeks a trend shows, if the period has not more."""

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Cases = Callable[[Period], pl.LazyFrame]
"""The cases that began in a period."""


def compared(cases: Cases, period: Period, *, by: By, timezone: str) -> pl.DataFrame:
    """What ``compliance_of`` says of a period, with ``judged`` (met and breached) and ``compliance_before``."""
    found = compliance_of(cases(period), period, by=by, timezone=timezone)
    before = (
        cases(period.before)
        .group_by(by=group_of(by, timezone=timezone), figure="figure")
        .agg(verdicts())
        .select("by", "figure", compliance_before="compliance")
        .collect()
    )
    return found.with_columns(judged=pl.col("met") + pl.col("breached")).join(
        before,
        on=["by", "figure"],
        how="left",
        maintain_order="left",
    )


def worst_first(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of tiers by the lowest compliance of any figure of the tier; those without any last."""
    worst = pl.col("compliance").min().over("by")
    return rows.sort(worst, nulls_last=True, maintain_order=True)


def weekly(cases: pl.LazyFrame, *, timezone: str) -> pl.DataFrame:
    """One row for each week and tier: ``week_on`` (a Monday), ``by`` (the tier), and what is said of its cases."""
    local = pl.col("started_at").dt.convert_time_zone(timezone)
    return (
        cases.filter(pl.col("group") != NO_TARGET)
        .group_by(week_on=local.dt.date().dt.truncate("1w"), by="group")
        .agg(*verdicts(), cases=pl.len())
        .with_columns(judged=pl.col("met") + pl.col("breached"))
        .sort("week_on", "by")
        .collect()
    )


def trend_days(first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    """From which Monday until just before which a trend goes that holds a period's days; of whole weeks."""
    ends, begins = _monday(last) + dt.timedelta(weeks=1), _monday(first)
    return min(begins, ends - dt.timedelta(weeks=WEEKS)), ends


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def targets(promises: Promises, *, as_of: dt.datetime, clock: str) -> Mapping[tuple[str, str], str]:
    """What each tier is promised by now, by tier and figure: ``2 open hours``."""
    found = {}
    for policy in promises.policies:  # those of a tier follow each other in time
        if policy.since is not None and policy.since > as_of:
            continue
        hour = "open hour" if policy.calendar and clock == "calendar" else "hour"
        for figure in FIGURES:
            hours = policy.hours(figure)
            found[policy.group, figure] = "" if hours is None else f"{Quantity(hours):{hour}}"
    return found


def change(now: float | None, before: float | None) -> str:
    """``up 3 points``, ``down 5 points`` or ``as before``; nothing where either is not known."""
    if now is None or before is None:
        return ""
    points = round(100 * now) - round(100 * before)
    if points == 0:
        return "as before"
    return f"{'up' if points > 0 else 'down'} {abs(points)} {'point' if abs(points) == 1 else 'points'}"


def by_hour(cases: pl.LazyFrame, moment: str, *, timezone: str) -> list[list[int]]:
    """How many of the instants in a column lie in each hour of each weekday, Monday first, by the local clock."""
    counted = (
        cases.filter(pl.col(moment).is_not_null())
        .group_by(weekday=weekday(moment, timezone), hour=hour(moment, timezone))
        .agg(pl.len())
        .collect()
    )
    cells = [[0] * 24 for _ in range(7)]
    for day, at, count in counted.iter_rows():
        cells[day][at] = count
    return cells


def weekday(moment: str, timezone: str) -> pl.Expr:
    """0 on Mondays, by the local clock."""
    return pl.col(moment).dt.convert_time_zone(timezone).dt.weekday() - 1


def hour(moment: str, timezone: str) -> pl.Expr:
    """0 to 23, by the local clock."""
    return pl.col(moment).dt.convert_time_zone(timezone).dt.hour()


_ORDERS: Mapping[str, list[pl.Expr]] = {
    "breached": [-pl.col("breached").cast(pl.Int64), pl.col("compliance"), pl.col("name")],
    "compliance": [pl.col("compliance"), -pl.col("judged").cast(pl.Int64), pl.col("name")],
    "judged": [-pl.col("judged").cast(pl.Int64), pl.col("name")],
    "median": [-pl.col("median_business_hours"), pl.col("name")],
    "clock": [-pl.col("median_hours"), pl.col("name")],
    "name": [pl.col("name").str.to_lowercase()],
}

SORTS = tuple(_ORDERS)
"""The orders of a table of groups; the first is the usual one."""


def ordered(rows: pl.DataFrame, sort: str) -> pl.DataFrame:
    """Rows of groups with a ``name`` in an order of ``SORTS``; what is not known comes last."""
    return rows.sort(_ORDERS.get(sort, _ORDERS[SORTS[0]]), nulls_last=True, maintain_order=True)
