"""SLA compliance by account and by agent, and the workload of agents, within ``privacy.people``."""

from starlette.responses import Response

from mailsignals.readmodel.queries.compliance import (
    SORTS,
    account_figures,
    agent_figures,
    agent_workload,
    sort_groups,
)
from mailsignals.readmodel.queries.ticket_queue import queue_rows
from mailsignals.sla.workload import imbalance
from mailsignals.web.page import PageRequest, WebPage
from mailsignals.web.pages.sla.figures import DAYS, compliance_change
from mailsignals.web.pages.sla.request import ROLES, ROWS, SlaRequest
from mailsignals.web.paging import part_at


def show_accounts(visit: PageRequest) -> Response:
    """Return the page with compliance by account for one kind of target, most breaches first by default."""
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


def show_agents(visit: PageRequest) -> Response:
    """Return the page with compliance by agent for one kind of target."""
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


def show_workload(visit: PageRequest) -> Response:
    """Return the page with the emails and first responses of each agent, by weekday."""
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


PAGES = (
    WebPage(path="/sla/accounts", roles=ROLES, show=show_accounts),
    WebPage(path="/sla/agents", roles=ROLES, show=show_agents),
    WebPage(path="/sla/workload", roles=ROLES, show=show_workload),
)
