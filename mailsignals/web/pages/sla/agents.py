"""Compliance by agent, for one kind of promise, as far as the figures of people may be shown."""

import polars as pl
from starlette.responses import Response

from mailsignals.config.privacy import People
from mailsignals.sla.compliance import By
from mailsignals.web.page import Page, PageRequest
from mailsignals.web.pages.sla.behind import ROWS, pages
from mailsignals.web.pages.sla.figures import SORTS, change, compared, ordered
from mailsignals.web.pages.sla.scope import ROLES, TicketScope
from mailsignals.web.people import may_be_shown


def show(visit: PageRequest) -> Response:
    """The table."""
    look = TicketScope(visit)
    asked, rule = look.asked, visit.site.settings().privacy.people
    found = look.remembered(f"agent {asked.figure}", lambda: _by_agent(look))
    rows = ordered(shown(found, rule, visit.viewer.address), asked.sort)
    page = min(asked.page, pages(rows.height))
    return look.render(
        "sla/agents.html.j2",
        rule=rule,
        rows=rows.slice((page - 1) * ROWS, ROWS).to_dicts(),
        total=rows.height,
        page=page,
        pages=pages(rows.height),
        kept={"figure": asked.figure, "sort": asked.sort},
        sorts=SORTS,
        change=change,
    )


def shown(rows: pl.DataFrame, rule: People, viewer: str | None) -> pl.DataFrame:
    """The agents (``name``) whose figures somebody may see: all, or by ``self`` their own, or by ``team`` nobody's."""
    return rows.filter(may_be_shown(pl.col("name"), rule, viewer))


def _by_agent(look: TicketScope) -> pl.DataFrame:
    """Figures of each agent (``name``, an address) with any case."""
    rows = compared(look.cases, look.span.period, by=By.AGENT, timezone=look.timezone)
    return rows.filter((pl.col("figure") == look.asked.figure) & (pl.col("cases") > 0)).rename({"by": "name"})


PAGE = Page(path="/sla/agents", roles=ROLES, show=show)
