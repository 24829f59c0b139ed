"""SLA compliance and response times of cases, by tier, account, agent or week."""

import dataclasses
import datetime as dt
import enum

import polars as pl

from mailsignals.sla.cases import BREACHED, MET, VERDICTS
from mailsignals.sla.promises import FIGURES, NO_TARGET, Promises
from mailsignals.sla.tickets import Tickets


class By(enum.StrEnum):
    """The attribute by which cases are grouped."""

    TIER = "tier"
    ACCOUNT = "account"
    AGENT = "agent"
    WEEK = "week"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Period:
    """A time span without its end: it holds tickets by their opening and responses by the start of their turn."""

    since: dt.datetime
    until: dt.datetime

    @property
    def before(self) -> "Period":
        """The period of the same length that ends where this one begins."""
        return Period(since=self.since - (self.until - self.since), until=self.since)

    def holds(self, moment: str) -> pl.Expr:
        """Return an expression for whether the time in a column lies in the period."""
        return pl.col(moment).is_between(self.since, self.until, closed="left")


def group_of(by: By, *, timezone: str) -> pl.Expr:
    """Return an expression for a case's group: tier or ``NO_TARGET``, account or agent by number, or ISO week."""
    local = pl.col("started_at").dt.convert_time_zone(timezone)
    groups = {
        By.TIER: pl.col("group"),
        By.ACCOUNT: pl.col("account"),
        By.AGENT: pl.col("agent"),
        By.WEEK: local.dt.strftime("%G-W%V"),
    }
    return groups[by]


def compliance(desk: Tickets, period: Period, *, by: By, timezone: str) -> pl.DataFrame:
    """Return ``compliance_of`` the cases of all tickets."""
    return compliance_of(desk.cases.lazy(), period, by=by, timezone=timezone)


def compliance_of(cases: pl.LazyFrame, period: Period, *, by: By, timezone: str) -> pl.DataFrame:
    """Return SLA compliance and response times, one row per figure and group with cases in the period.

    Returns:
        ``by``, ``figure``, ``met``, ``breached``, ``pending``, ``compliance`` (met of met and breached; null where
        both are 0), the median and 90th percentile of ended cases in calendar hours and in business hours (the latter
        without off-hours cases), ``off_hours`` (the number of those), ``near_miss``, ``open`` (not answered or
        resolved yet) and ``cases`` (all, also those without a target). Sorted by group and in the order of
        ``FIGURES``.
    """
    chosen = cases.filter(period.holds("started_at")).with_columns(by=group_of(by, timezone=timezone))
    counted = chosen.group_by("by", "figure").agg(tallies())
    figures = pl.LazyFrame({"figure": FIGURES}).with_row_index("place")
    return (
        chosen.select("by")
        .unique()
        .join(figures, how="cross")
        .join(counted, on=["by", "figure"], how="left", nulls_equal=True)
        .sort("by", "place")
        .with_columns(pl.col(COUNTS).fill_null(0))
        .drop("place")
        .collect()
    )


def tallies() -> list[pl.Expr]:
    """Return the aggregations of a group of cases: the columns of ``compliance_of``."""
    hours, business = pl.col("hours"), pl.col("business_hours")
    in_open_hours = business.filter(business > 0)
    return [
        *verdicts(),
        hours.median().alias("median_hours"),
        in_open_hours.median().alias("median_business_hours"),
        hours.quantile(0.9, "linear").alias("p90_hours"),
        in_open_hours.quantile(0.9, "linear").alias("p90_business_hours"),
        _count(pl.col("off_hours")).alias("off_hours"),
        _count(pl.col("near_miss")).alias("near_miss"),
        _count(pl.col("ended_at").is_null()).alias("open"),
        pl.len().cast(pl.Int64).alias("cases"),
    ]


def verdicts() -> list[pl.Expr]:
    """Return the first aggregations of ``tallies``: the number of each verdict, and compliance."""
    verdict = pl.col("verdict")
    met, breached = (verdict == MET).sum(), (verdict == BREACHED).sum()
    return [
        *(_count(verdict == name).alias(name) for name in VERDICTS),
        pl.when(met + breached > 0).then(met / (met + breached)).alias("compliance"),
    ]


COUNTS = (*VERDICTS, "off_hours", "near_miss", "open", "cases")


def _count(condition: pl.Expr) -> pl.Expr:
    return condition.sum().cast(pl.Int64)


def by_tier(found: pl.DataFrame, promises: Promises) -> pl.DataFrame:
    """Return the rows of ``compliance`` in the order of the configured tiers, also tiers without any case."""
    names = list(dict.fromkeys(policy.group for policy in promises.policies if policy.group != NO_TARGET))
    order = pl.DataFrame({"by": [*names, NO_TARGET]}, schema={"by": pl.String}).with_row_index("place")
    wanted = order.filter(pl.col("by").is_in(names) | pl.col("by").is_in(found["by"].implode()))
    return (
        wanted.join(pl.DataFrame({"figure": FIGURES}), how="cross", maintain_order="left_right")
        .join(found, on=["by", "figure"], how="left", maintain_order="left")
        .with_columns(pl.col(COUNTS).fill_null(0))
        .drop("place")
    )


def quality(desk: Tickets, period: Period, *, by: By, timezone: str) -> pl.DataFrame:
    """Return ``quality_of`` all tickets."""
    return quality_of(desk.tickets.lazy(), period, by=by, timezone=timezone)


def quality_of(tickets: pl.LazyFrame, period: Period, *, by: By, timezone: str) -> pl.DataFrame:
    """Return the outcomes of the tickets opened in the period, one row per group.

    Returns:
        ``by``, ``tickets``, ``resolved``, ``fcr_share`` and ``reopened_share`` (of the resolved), ``escalated_share``
        (of the answered), ``repeat_contact_share`` (of all), and the numbers of emails ``dismissed`` and ``closed``.
    """
    return (
        tickets.filter(period.holds("opened_at"))
        .rename({"opened_at": "started_at", "tier": "group"})
        .group_by(by=group_of(by, timezone=timezone))
        .agg(
            pl.len().cast(pl.Int64).alias("tickets"),
            pl.col("resolved_at").count().cast(pl.Int64).alias("resolved"),
            *(pl.col(flag).mean().alias(f"{flag}_share") for flag in FLAGS),
            pl.col("dismissed", "closed").sum().cast(pl.Int64),
        )
        .sort("by")
        .collect()
    )


FLAGS = ("fcr", "reopened", "escalated", "repeat_contact")
"""The outcomes of a ticket, by the names of their columns."""


def weekday(moment: str, timezone: str) -> pl.Expr:
    """Return the day of the week of a column of times in the time zone, 0 on Mondays."""
    return pl.col(moment).dt.convert_time_zone(timezone).dt.weekday() - 1


def hour(moment: str, timezone: str) -> pl.Expr:
    """Return the hour of the day of a column of times in the time zone, 0 to 23."""
    return pl.col(moment).dt.convert_time_zone(timezone).dt.hour()
