"""Compliance by account, for one kind of promise: most breaches first, or in another order."""

import polars as pl
from starlette.responses import Response

from mailsignals.sla.compliance import By
from mailsignals.web.page import Page, PageRequest
from mailsignals.web.pages.sla.behind import ROWS, pages
from mailsignals.web.pages.sla.figures import SORTS, change, compared, ordered
from mailsignals.web.pages.sla.queue import chosen
from mailsignals.web.pages.sla.scope import ROLES, TicketScope


def show(visit: PageRequest) -> Response:
    """The table."""
    look = TicketScope(visit)
    asked = look.asked
    everything = look.remembered(f"account {asked.figure}", lambda: _by_account(look))
    found = ordered(chosen(everything, {"tier": asked.tier, "csm": asked.csm}, text=asked.q), asked.sort)
    page = min(asked.page, pages(found.height))
    return look.render(
        "sla/accounts.html.j2",
        rows=found.slice((page - 1) * ROWS, ROWS).to_dicts(),
        total=found.height,
        page=page,
        pages=pages(found.height),
        kept={name: getattr(asked, name) for name in ("figure", "sort", "tier", "csm", "q")},
        sorts=SORTS,
        change=change,
        tiers=look.accounts["tier"].drop_nulls().unique().sort().to_list(),
        csms=look.accounts["csm"].drop_nulls().unique().sort().to_list(),
    )


def _by_account(look: TicketScope) -> pl.DataFrame:
    """Figures of each account with any case, and ``account_id``, ``name``, ``tier`` and ``csm``."""
    rows = compared(look.cases, look.span.period, by=By.ACCOUNT, timezone=look.timezone)
    of_figure = rows.filter((pl.col("figure") == look.asked.figure) & (pl.col("cases") > 0))
    names = look.accounts.with_columns(pl.col("name").fill_null(pl.col("account_id")))
    return of_figure.join(names, left_on="by", right_on="account", how="inner", maintain_order="left")


PAGE = Page(path="/sla/accounts", roles=ROLES, show=show)
