"""The list of cases, tickets or emails that a number counts, as a page and as CSV."""

from typing import Annotated

import pydantic
from starlette.responses import Response

from mailsignals.readmodel.queries.ticket_counts import (
    COLUMNS,
    OUTCOMES,
    STATES,
    TicketCount,
    account_of,
    count_list,
    counted_rows,
    with_tickets,
    without_hidden_agent,
)
from mailsignals.sla.definitions import PROMISED
from mailsignals.web import urls
from mailsignals.web.files import csv_of
from mailsignals.web.page import PageRequest, WebPage
from mailsignals.web.pages.sla.figures import DAYS
from mailsignals.web.pages.sla.request import ROLES, ROWS, SlaRequest
from mailsignals.web.paging import place_of
from mailsignals.wording.numbers import count_noun

WORDS = {
    "near_miss": "near miss",
    "off_hours": "answered outside business hours",
    "open": "open",
    "judged": "met or breached",
    "fcr": "resolved on first contact",
    "repeat_contact": "repeat contact",
}
"""Words for states whose keys aren't words."""


class Which(TicketCount):
    """The list that a number counts, and its page number; invalid values are ignored."""

    page: Annotated[int, pydantic.Field(ge=1, le=1_000_000)] = 1


def selection_words(which: TicketCount, total: int, tickets: int) -> str:
    """Return the heading of a list: ``7 first responses, breached, of 6 tickets``."""
    state = f", {WORDS.get(which.state, which.state)}" if which.state in {**STATES, **OUTCOMES} else ""
    of = "" if which.figure == "ticket" else f", of {count_noun(tickets, 'ticket')}"
    return f"{count_noun(total, NOUNS[which.figure])}{state}{of}"


NOUNS = {
    "any": "case",
    "responses": "required response",
    "ticket": "ticket",
    "mail": "email",
    **{figure: one.name for figure, one in PROMISED.items()},
}


def _asked(look: SlaRequest) -> tuple[Which, bool]:
    """Return the request without hidden agents, and true if the list may name agents."""
    which = urls.read_query(Which, dict(look.visit.query))
    return without_hidden_agent(which, look.visit.scope), look.visit.scope.people == "all"


def show(visit: PageRequest) -> Response:
    """Return the page that lists the cases behind a number."""
    look = SlaRequest(visit)
    which, with_agent = _asked(look)
    found = count_list(look.tickets, which)
    place = place_of(which.page, found.total, rows=ROWS)
    return look.render(
        "sla/tickets.html.j2",
        which=which,
        rows=found.newest(ROWS, skip=place.skip),
        total=found.total,
        told=selection_words(which, found.total, found.tickets),
        account=(account_of(look.tickets, which)["name"].first() or which.account) if which.account else "",
        hour=_moment(which),
        mixed=which.figure in {"any", "responses"},
        promises=which.figure not in {"ticket", "mail"},
        with_agent=with_agent,
        page=place.page,
        pages=place.pages,
        kept=which.model_dump(exclude_defaults=True, exclude={"page"}),
    )


def _moment(which: TicketCount) -> str:
    """Return ``received on Mondays from 9:00 to 10:00``; an empty text without a weekday and hour."""
    day = "" if which.weekday is None else f" on {DAYS[which.weekday]}s"
    at = "" if which.hour is None else f" from {which.hour}:00 to {which.hour + 1}:00"
    what = "sent" if which.figure == "mail" else "received" if which.at == "asked" else which.at
    return f"{what}{day}{at}" if day or at else ""


EXPORTED = (
    *("ticket", "account_id", "name", "tier", "contact", "subject", "opened_at", "figure", "agent"),
    *COLUMNS[5:],
)


def export(visit: PageRequest) -> Response:
    """Return all rows of the list as a CSV file."""
    look = SlaRequest(visit)
    which, with_agent = _asked(look)
    rows = with_tickets(look.tickets, counted_rows(look.tickets, which).collect()).select(EXPORTED)
    return csv_of(rows if with_agent else rows.drop("agent"), name="tickets.csv")


PAGES = (
    WebPage(path="/sla/tickets", roles=ROLES, show=show),
    WebPage(path="/sla/tickets.csv", roles=ROLES, show=export),
)
