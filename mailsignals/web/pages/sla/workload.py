"""How the work is spread over agents, and over the days of the week, as far as the figures of people may be shown."""

from starlette.responses import Response

from mailsignals.readmodel.queries.compliance import agent_workload
from mailsignals.sla.workload import imbalance
from mailsignals.web.page import PageRequest, WebPage
from mailsignals.web.pages.sla.figures import DAYS
from mailsignals.web.pages.sla.request import ROLES, ROWS, SlaRequest
from mailsignals.web.paging import part_at


def show(visit: PageRequest) -> Response:
    """The table."""
    look = SlaRequest(visit)
    everything = agent_workload(look.tickets)
    part = part_at(everything.filter(visit.scope.may_show("name")), look.asked.page, rows=ROWS)
    return look.render(
        "sla/workload.html.j2",
        rule=visit.scope.people,
        rows=part.rows,
        agents=everything.height,
        imbalance=imbalance(everything["outbound_share"].drop_nulls()),
        days=[day[:3] for day in DAYS],
        page=part.page,
        pages=part.pages,
        kept={},
        clocked=False,
    )


PAGE = WebPage(path="/sla/workload", roles=ROLES, show=show)
