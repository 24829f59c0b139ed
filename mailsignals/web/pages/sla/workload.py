"""How the work is spread over agents, and over the days of the week, as far as the figures of people may be shown."""

import polars as pl
from starlette.responses import Response

from mailsignals.sla.workload import imbalance, workload_of
from mailsignals.web.page import Page, PageRequest
from mailsignals.web.pages.sla.agents import shown
from mailsignals.web.pages.sla.behind import ROWS, pages
from mailsignals.web.pages.sla.figures import DAYS, weekday
from mailsignals.web.pages.sla.scope import ROLES, TicketScope


def show(visit: PageRequest) -> Response:
    """The table."""
    look = TicketScope(visit)
    rule = visit.site.settings().privacy.people
    everything = look.remembered(f"work {visit.viewer.timezone}", lambda: _work(look))
    rows = shown(everything, rule, visit.viewer.address)
    page = min(look.asked.page, pages(rows.height))
    return look.render(
        "sla/workload.html.j2",
        rule=rule,
        rows=rows.slice((page - 1) * ROWS, ROWS).to_dicts(),
        agents=everything.height,
        imbalance=imbalance(everything["outbound_share"].drop_nulls()),
        days=[day[:3] for day in DAYS],
        page=page,
        pages=pages(rows.height),
        kept={},
        clocked=False,
    )


def _work(look: TicketScope) -> pl.DataFrame:
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


PAGE = Page(path="/sla/workload", roles=ROLES, show=show)
