"""The distribution of support's work among agents."""

import polars as pl

from mailsignals.sla.compliance import Period
from mailsignals.sla.tickets import Tickets


def workload(desk: Tickets, period: Period) -> pl.DataFrame:
    """Return ``workload_of`` the cases and emails of all tickets."""
    return workload_of(desk.cases.lazy(), desk.sent.lazy(), period)


def workload_of(cases: pl.LazyFrame, sent: pl.LazyFrame, period: Period) -> pl.DataFrame:
    """Return the work of agents in a period, one row per agent with a first response or an email in a ticket.

    Returns:
        ``agent`` (a person), ``first_answers`` (tickets opened in the period with this agent's first response),
        ``outbound`` (touches), ``outbound_share`` (of all agents' touches; null without any).
        Sorted by ``outbound``, the highest first.
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
    """Return the largest share divided by the mean share: 1 where all are equal; None without shares."""
    mean, largest = shares.mean(), shares.max()
    return (
        float(largest) / float(mean)
        if isinstance(mean, float) and isinstance(largest, float) and mean
        else None
    )
