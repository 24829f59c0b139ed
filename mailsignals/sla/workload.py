"""How support's work is spread over the people who do it."""

import polars as pl

from mailsignals.sla.compliance import Period
from mailsignals.sla.tickets import Tickets


def workload(desk: Tickets, period: Period) -> pl.DataFrame:
    """``workload_of`` the desk's cases and mails."""
    return workload_of(desk.cases.lazy(), desk.sent.lazy(), period)


def workload_of(cases: pl.LazyFrame, sent: pl.LazyFrame, period: Period) -> pl.DataFrame:
    """One row for each agent who first answered a ticket opened in the period, or wrote in a ticket during it.

    Returns:
        ``agent`` (a person), ``first_answers`` (tickets that he or she answered first), ``outbound`` (touches),
        ``outbound_share`` (of all agents' touches; null without any); the busiest first.
    """
    answered = (
        cases.filter((pl.col("figure") == "first_response") & pl.col("ended_at").is_not_null())
        .filter(period.holds("started_at"))
        .group_by("agent")
        .agg(first_answers=pl.len().cast(pl.Int64))
    )
    wrote = (
        sent.filter(period.holds("sent_at")).group_by(agent="person").agg(outbound=pl.len().cast(pl.Int64))
    )
    outbound = pl.col("outbound")
    return (
        answered.join(wrote, on="agent", how="full", coalesce=True)
        .with_columns(pl.col("first_answers", "outbound").fill_null(0))
        .with_columns(outbound_share=pl.when(outbound.sum() > 0).then(outbound / outbound.sum()))
        .sort("outbound", "first_answers", "agent", descending=[True, True, False])
        .collect()
    )


def imbalance(shares: pl.Series) -> float | None:
    """The largest share over the mean share: 1 where all do the same; null without any."""
    mean, largest = shares.mean(), shares.max()
    return (
        float(largest) / float(mean)
        if isinstance(mean, float) and isinstance(largest, float) and mean
        else None
    )
