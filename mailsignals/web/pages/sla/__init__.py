"""Service levels: whether each tier got what it was promised, what is due, and the tickets behind every number."""

from mailsignals.web.page import WebPage
from mailsignals.web.pages.sla import accounts, agents, hours, overview, queue, ticket, tickets, workload

PAGES: tuple[WebPage, ...] = (
    overview.PAGE,
    queue.PAGE,
    accounts.PAGE,
    agents.PAGE,
    workload.PAGE,
    hours.PAGE,
    *tickets.PAGES,
    ticket.PAGE,
)
