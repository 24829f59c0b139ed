"""Pages about service levels: compliance, the queue, and the tickets behind every number."""

from mailsignals.web.page import WebPage
from mailsignals.web.pages.sla import groups, hours, overview, queue, ticket, tickets

PAGES: tuple[WebPage, ...] = (
    overview.PAGE,
    queue.PAGE,
    *groups.PAGES,
    hours.PAGE,
    *tickets.PAGES,
    ticket.PAGE,
)
