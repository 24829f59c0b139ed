"""Compliance by agent, for one kind of promise, as far as the figures of people may be shown."""

from starlette.responses import Response

from mailsignals.readmodel.queries.compliance import SORTS, agent_figures, sort_groups
from mailsignals.web.page import PageRequest, WebPage
from mailsignals.web.pages.sla.figures import compliance_change
from mailsignals.web.pages.sla.request import ROLES, ROWS, SlaRequest
from mailsignals.web.paging import part_at


def show(visit: PageRequest) -> Response:
    """The table."""
    look = SlaRequest(visit)
    asked = look.asked
    rows = sort_groups(agent_figures(look.tickets, asked.figure), asked.sort)
    part = part_at(rows, asked.page, rows=ROWS)
    return look.render(
        "sla/agents.html.j2",
        rule=visit.scope.people,
        rows=part.rows,
        total=part.total,
        page=part.page,
        pages=part.pages,
        kept={"figure": asked.figure, "sort": asked.sort},
        sorts=SORTS,
        change=compliance_change,
    )


PAGE = WebPage(path="/sla/agents", roles=ROLES, show=show)
