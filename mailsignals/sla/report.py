"""The SLA report: the figures of a period beside those of the period before."""

import polars as pl

from mailsignals.sla.compliance import By, Period, by_tier, compliance, quality
from mailsignals.sla.promises import Promises
from mailsignals.sla.tickets import Tickets
from mailsignals.sla.workload import workload


def report(desk: Tickets, period: Period, *, by: By, timezone: str, promises: Promises) -> pl.DataFrame:
    """Return SLA compliance and ticket outcomes, one row per group and figure.

    Returns:
        The columns of ``compliance``, ``compliance_before`` (of the period before, as of the same time), and the
        columns of ``quality`` of the group, repeated in each of its rows. By tier, tiers without any case are
        included. By agent, the columns ``first_answers``, ``outbound`` and ``outbound_share`` are added.
    """
    found = compliance(desk, period, by=by, timezone=timezone)
    if by is By.TIER:
        found = by_tier(found, promises)
    before = compliance(desk, period.before, by=by, timezone=timezone).select(
        "by", "figure", compliance_before="compliance"
    )
    rows = found.join(before, on=["by", "figure"], how="left", nulls_equal=True, maintain_order="left").join(
        quality(desk, period, by=by, timezone=timezone),
        on="by",
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    rows = rows.with_columns(pl.col("tickets", "resolved", "dismissed", "closed").fill_null(0))
    if by is not By.AGENT:
        return rows
    return rows.join(
        workload(desk, period).rename({"agent": "by"}), on="by", how="left", maintain_order="left"
    )
