"""SLA compliance of a period by tier, account, agent and week, workload, and response hours."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from mailsignals.config.section import midnight
from mailsignals.readmodel.queries.scope import Scope
from mailsignals.readmodel.queries.ticket_counts import MOMENTS, TicketCount, counted_rows
from mailsignals.readmodel.queries.tickets import TicketScope
from mailsignals.sla.compliance import (
    FLAGS,
    By,
    Period,
    by_tier,
    compliance_of,
    group_of,
    hour,
    quality_of,
    verdicts,
    weekday,
)
from mailsignals.sla.promises import NO_TARGET, Promises
from mailsignals.sla.report import report
from mailsignals.sla.tickets import Tickets
from mailsignals.sla.workload import workload_of

WEEKS = 13
"""The number of weeks in a trend, unless the period is longer."""

GROUPS = {By.TIER: "tier", By.ACCOUNT: "account_id", By.AGENT: "agent", By.WEEK: "week"}
"""The column that names the group in a report."""

COUNTED = {
    "ticket_rows": (
        *("opened_at", "tier", "account", "agent", "resolved_at"),
        *("fcr", "reopened", "escalated", "repeat_contact", "dismissed", "closed"),
    ),
    "sla_cases": (
        *("started_at", "ended_at", "figure", "group", "account", "agent"),
        *("verdict", "hours", "business_hours", "off_hours", "near_miss"),
    ),
    "answers": ("sent_at", "person"),
}
"""The columns of prepared tables that ``report`` counts, the time first."""

Cases = Callable[[Period], pl.LazyFrame]
"""A function that returns the cases that started in a period."""


def compliance_and_before(cases: Cases, period: Period, *, by: By, timezone: str) -> pl.DataFrame:
    """Return compliance of a period, with that of the previous period.

    Returns:
        The columns of ``compliance_of``, ``judged`` (met and breached) and ``compliance_before``.
    """
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


def _with_before(look: TicketScope, by: By) -> pl.DataFrame:
    return compliance_and_before(look.cases, look.period, by=by, timezone=look.scope.timezone)


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class TierFigures:
    """Compliance by tier."""

    rows: pl.DataFrame
    """All tiers in configured order, including those without cases."""
    any_cases: bool


def tier_figures(look: TicketScope, promises: Promises) -> TierFigures:
    """Return compliance by tier, with that of the previous period."""
    rows = look.remembered("tier", lambda: _with_before(look, By.TIER))
    return TierFigures(rows=by_tier(rows, promises), any_cases=not rows.is_empty())


def worst_first(rows: pl.DataFrame) -> pl.DataFrame:
    """Sort rows of tiers by the lowest compliance of any figure of the tier; those without any last."""
    worst = pl.col("compliance").min().over("by")
    return rows.sort(worst, nulls_last=True, maintain_order=True)


def account_figures(look: TicketScope, figure: str) -> pl.DataFrame:
    """Return one figure of all accounts with cases, and ``account_id``, ``name``, ``tier`` and ``csm``."""

    def made() -> pl.DataFrame:
        names = look.accounts.with_columns(pl.col("name").fill_null(pl.col("account_id")))
        of_figure = _of_figure(look, By.ACCOUNT, figure)
        return of_figure.join(names, left_on="by", right_on="account", how="inner", maintain_order="left")

    return look.remembered(f"account {figure}", made)


def agent_figures(look: TicketScope, figure: str) -> pl.DataFrame:
    """Return one figure of all agents with cases (``name``, an address) whose figures the viewer may see."""
    found = look.remembered(
        f"agent {figure}", lambda: _of_figure(look, By.AGENT, figure).rename({"by": "name"})
    )
    return found.filter(look.scope.may_show("name"))


def _of_figure(look: TicketScope, by: By, figure: str) -> pl.DataFrame:
    return _with_before(look, by).filter((pl.col("figure") == figure) & (pl.col("cases") > 0))


_ORDERS: Mapping[str, list[pl.Expr]] = {
    "breached": [-pl.col("breached").cast(pl.Int64), pl.col("compliance"), pl.col("name")],
    "compliance": [pl.col("compliance"), -pl.col("judged").cast(pl.Int64), pl.col("name")],
    "judged": [-pl.col("judged").cast(pl.Int64), pl.col("name")],
    "median": [-pl.col("median_business_hours"), pl.col("name")],
    "clock": [-pl.col("median_hours"), pl.col("name")],
    "name": [pl.col("name").str.to_lowercase()],
}

SORTS = tuple(_ORDERS)
"""The orders of a table of groups; the first is the default."""


def sort_groups(rows: pl.DataFrame, order: str) -> pl.DataFrame:
    """Sort rows of groups with a ``name`` in an order of ``SORTS``; nulls come last."""
    return rows.sort(_ORDERS.get(order, _ORDERS[SORTS[0]]), nulls_last=True, maintain_order=True)


def week_figures(look: TicketScope, figure: str, *, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Return the rows of ``verdicts_by_week`` for one figure, over whole weeks that include the period."""

    def made() -> pl.DataFrame:
        since, until = trend_days(first, last)
        timezone = look.scope.timezone
        period = Period(since=midnight(since, timezone), until=midnight(until, timezone))
        return verdicts_by_week(look.cases(period).filter(pl.col("figure") == figure), timezone=timezone)

    return look.remembered(f"weeks {figure}", made)


def verdicts_by_week(cases: pl.LazyFrame, *, timezone: str) -> pl.DataFrame:
    """Count the verdicts of each week and tier: ``week_on`` (a Monday), ``by`` (the tier), ``judged`` and ``cases``."""
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
    """Return the first Monday of a trend that includes a period, and the Monday after its end."""
    ends, begins = _monday(last) + dt.timedelta(weeks=1), _monday(first)
    return min(begins, ends - dt.timedelta(weeks=WEEKS)), ends


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def ticket_outcomes(look: TicketScope) -> list[dict[str, Any]]:
    """Return the rows of ``quality_of`` by tier, with the counts of ``FLAGS``."""

    def made() -> list[dict[str, Any]]:
        tickets = look.tickets()
        counts = tickets.group_by(by="tier").agg(pl.col(FLAGS).sum()).collect()
        shares = quality_of(tickets, look.period, by=By.TIER, timezone=look.scope.timezone)
        return shares.join(counts, on="by", how="left", maintain_order="left").to_dicts()

    return look.remembered("outcomes", made)


def agent_workload(look: TicketScope) -> pl.DataFrame:
    """Return the workload of all agents.

    Returns:
        The columns of ``workload_of`` with ``name`` for the agent, and ``by_day``: the emails of each weekday, Monday
        first, in the viewer's time zone.
    """
    timezone = look.scope.viewer.timezone
    return look.remembered(f"work {timezone}", lambda: _workload(look, timezone))


def _workload(look: TicketScope, timezone: str) -> pl.DataFrame:
    sent = look.mails().rename({"person": "agent"})
    spread = (
        sent.group_by("agent")
        .agg((weekday("sent_at", timezone) == day).sum().alias(f"{day}") for day in range(7))
        .select("agent", by_day=pl.concat_list([f"{day}" for day in range(7)]))
        .collect()
    )
    rows = workload_of(look.cases(), sent.rename({"agent": "person"}), look.period)
    nothing = pl.lit([0] * 7, dtype=pl.List(pl.UInt32))
    return (
        rows.join(spread, on="agent", how="left", maintain_order="left")
        .with_columns(pl.col("by_day").fill_null(nothing))
        .rename({"agent": "name"})
    )


def response_hours(look: TicketScope) -> Mapping[str, list[list[int]]]:
    """Return ``counts_by_hour`` of responses by the keys of ``MOMENTS``, in the viewer's time zone."""
    timezone = look.scope.viewer.timezone

    def made() -> Mapping[str, list[list[int]]]:
        cases = counted_rows(look, TicketCount(figure="responses")).collect().lazy()
        return {at: counts_by_hour(cases, moment, timezone=timezone) for at, moment in MOMENTS.items()}

    return look.remembered(f"hours {timezone}", made)


def counts_by_hour(cases: pl.LazyFrame, moment: str, *, timezone: str) -> list[list[int]]:
    """Count the times in a column by weekday (Monday first) and hour in a time zone."""
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


def figure_report(scope: Scope, period: Period, *, by: By, promises: Callable[[], Promises]) -> pl.DataFrame:
    """Return the rows of ``report`` with addresses and ids, computed once per edition.

    Rows of agents whose figures the viewer may not see are left out. Only for viewers who see all tickets.

    Args:
        scope: of the viewer.
        period: of the figures.
        by: the groups of cases.
        promises: returns the targets of all tiers; called once per edition.

    Returns:
        The columns of ``report``; the column of the group is named as in ``GROUPS``.
    """
    rows = scope.edition.remembered(("api sla", by, period), lambda: _report(scope, period, by, promises()))
    return rows.filter(scope.may_show("agent")) if by is By.AGENT else rows


def _report(scope: Scope, period: Period, by: By, promises: Promises) -> pl.DataFrame:
    whole = Period(since=period.before.since, until=period.until)
    tickets, cases, answers = pl.collect_all(
        scope.edition.scan(table).filter(whole.holds(moment)).select(moment, *columns)
        for table, (moment, *columns) in COUNTED.items()
    )
    desk = Tickets(as_of=scope.as_of, tickets=tickets, cases=cases, sent=answers)
    found = report(desk, period, by=by, timezone=scope.timezone, promises=promises)
    if by is By.ACCOUNT:
        ids = scope.edition.table("accounts").select(by="account", id="account_id")
        found = found.join(ids, on="by", how="inner", maintain_order="left").with_columns(by="id").drop("id")
    return found.rename({"by": GROUPS[by]})
