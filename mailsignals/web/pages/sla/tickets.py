"""The list behind every number: the promises, tickets or mails that it counts, newest first, and as a file."""

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
    "near_miss": "nearly missed",
    "off_hours": "answered outside of open hours",
    "open": "not ended yet",
    "judged": "met or breached",
    "fcr": "resolved by one answer",
    "repeat_contact": "asked again",
}
"""States whose names are no words."""


class Which(TicketCount):
    """The list behind a number and its page; whatever makes no sense is left out rather than refused."""

    page: Annotated[int, pydantic.Field(ge=1, le=1_000_000)] = 1


def selection_words(which: TicketCount, total: int, tickets: int) -> str:
    """``7 first responses, breached, of 6 tickets``."""
    state = f", {WORDS.get(which.state, which.state)}" if which.state in {**STATES, **OUTCOMES} else ""
    of = "" if which.figure == "ticket" else f", of {count_noun(tickets, 'ticket')}"
    return f"{count_noun(total, NOUNS[which.figure])}{state}{of}"


NOUNS = {
    "any": "promise",
    "responses": "answer that was called for",
    "ticket": "ticket",
    "mail": "mail",
    **{figure: one.name for figure, one in PROMISED.items()},
}


def _asked(look: SlaRequest) -> tuple[Which, bool]:
    """What is asked for, as far as it may be; and whether the list may name agents."""
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
    """``asked on Mondays from 9 to 10``; nothing where no hour was asked for."""
    day = "" if which.weekday is None else f" on {DAYS[which.weekday]}s"
    at = (
        ""
        if which.hour is None
        else f" from {which.hour} to {which.hour + 1} o\N{RIGHT SINGLE QUOTATION MARK}clock"
    )
    what = "sent" if which.figure == "mail" else which.at
    return f"{what}{day}{at}" if day or at else ""


EXPORTED = (
    *("ticket", "account_id", "name", "tier", "contact", "subject", "opened_at", "figure", "agent"),
    *COLUMNS[5:],
)


def export(visit: PageRequest) -> Response:
    """All of it as a file for a spreadsheet."""
    look = SlaRequest(visit)
    which, with_agent = _asked(look)
    rows = with_tickets(look.tickets, counted_rows(look.tickets, which).collect()).select(EXPORTED)
    return csv_of(rows if with_agent else rows.drop("agent"), name="tickets.csv")


PAGES = (
    WebPage(path="/sla/tickets", roles=ROLES, show=show),
    WebPage(path="/sla/tickets.csv", roles=ROLES, show=export),
)
