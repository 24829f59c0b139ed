"""Service levels: whether each tier got what it was promised, what is due, and the tickets behind every number."""

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
