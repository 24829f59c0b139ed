"""Compliance by account, for one kind of promise: most breaches first, or in another order."""

from starlette.responses import Response

from mailsignals.readmodel.queries.compliance import SORTS, account_figures, sort_groups
from mailsignals.readmodel.queries.ticket_queue import queue_rows
from mailsignals.web.page import PageRequest, WebPage
from mailsignals.web.pages.sla.figures import compliance_change
from mailsignals.web.pages.sla.request import ROLES, ROWS, SlaRequest
from mailsignals.web.paging import part_at


def show(visit: PageRequest) -> Response:
    """The table."""
    look = SlaRequest(visit)
    asked, accounts = look.asked, look.tickets.accounts
    everything = account_figures(look.tickets, asked.figure)
    found = queue_rows(everything, {"tier": asked.tier, "csm": asked.csm}, text=asked.q)
    part = part_at(sort_groups(found, asked.sort), asked.page, rows=ROWS)
    return look.render(
        "sla/accounts.html.j2",
        rows=part.rows,
        total=part.total,
        page=part.page,
        pages=part.pages,
        kept={name: getattr(asked, name) for name in ("figure", "sort", "tier", "csm", "q")},
        sorts=SORTS,
        change=compliance_change,
        tiers=accounts["tier"].drop_nulls().unique().sort().to_list(),
        csms=accounts["csm"].drop_nulls().unique().sort().to_list(),
    )


PAGE = WebPage(path="/sla/accounts", roles=ROLES, show=show)
