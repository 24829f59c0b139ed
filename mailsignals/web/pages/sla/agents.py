"""Compliance and workload by agent, as far as the figures of people may be shown."""

import polars as pl
from starlette.responses import Response

from mailsignals.config.privacy import People
from mailsignals.sla.compliance import By
from mailsignals.sla.workload import imbalance, workload_of
from mailsignals.web.pages.sla.figures import DAYS, SORTS, change, compared, ordered, weekday
from mailsignals.web.pages.sla.look import ROLES, Look
from mailsignals.web.visit import Page, Visit


def show(visit: Visit) -> Response:
    """The tables."""
    look = Look(visit)
    asked, rule = look.asked, visit.site.settings().privacy.people
    found = look.remembered(f"agent {asked.figure}", lambda: _by_agent(look))
    work = look.remembered("work", lambda: _work(look))
    return look.render(
        "sla/agents.html.j2",
        rule=rule,
        rows=ordered(shown(found, rule, visit.viewer.address), asked.sort).to_dicts(),
        work=shown(work, rule, visit.viewer.address).to_dicts(),
        agents=work.height,
        imbalance=imbalance(work["outbound_share"].drop_nulls()),
        kept={"figure": asked.figure, "sort": asked.sort},
        sorts=SORTS,
        change=change,
        days=[day[:3] for day in DAYS],
    )


def shown(rows: pl.DataFrame, rule: People, viewer: str | None) -> pl.DataFrame:
    """The agents (``name``) whose figures somebody may see: all, or by ``self`` their own, or by ``team`` nobody's."""
    if rule == "all":
        return rows
    own = (viewer or "").lower() if rule == "self" else ""
    return rows.filter((pl.col("name").str.to_lowercase() == own) & (own != ""))


def _by_agent(look: Look) -> pl.DataFrame:
    """Figures of each agent (``name``, an address) with any case."""
    rows = compared(look.cases, look.span.period, by=By.AGENT, timezone=look.timezone)
    return rows.filter((pl.col("figure") == look.asked.figure) & (pl.col("cases") > 0)).rename({"by": "name"})


def _work(look: Look) -> pl.DataFrame:
    """What ``workload`` says, with ``name`` for the agent, and ``by_day``: the mails of each weekday, Monday first."""
    sent = look.mails().rename({"person": "agent"})
    spread = (
        sent.group_by("agent")
        .agg(
            (weekday("sent_at", look.visit.viewer.timezone) == day).sum().alias(f"{day}") for day in range(7)
        )
        .select("agent", by_day=pl.concat_list([f"{day}" for day in range(7)]))
        .collect()
    )
    rows = workload_of(look.cases(), sent.rename({"agent": "person"}), look.span.period)
    nothing = pl.lit([0] * 7, dtype=pl.List(pl.UInt32))
    return (
        rows.join(spread, on="agent", how="left", maintain_order="left")
        .with_columns(pl.col("by_day").fill_null(nothing))
        .rename({"agent": "name"})
    )


PAGE = Page(path="/sla/agents", roles=ROLES, show=show)
