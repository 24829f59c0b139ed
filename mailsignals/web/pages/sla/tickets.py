"""The list behind every number: the promises, tickets or mails that it counts, newest first, and as a file."""

from starlette.responses import Response

from mailsignals.config.privacy import People
from mailsignals.sla.definitions import PROMISED
from mailsignals.web.files import csv_of
from mailsignals.web.page import Page, PageRequest
from mailsignals.web.pages.sla.asked import read
from mailsignals.web.pages.sla.behind import (
    COLUMNS,
    OUTCOMES,
    STATES,
    Which,
    account_of,
    behind,
    listed,
    pages,
    with_tickets,
)
from mailsignals.web.pages.sla.figures import DAYS
from mailsignals.web.pages.sla.scope import ROLES, TicketScope
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


def told(which: Which, total: int, tickets: int) -> str:
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


def permitted(which: Which, rule: People, viewer: str | None) -> Which:
    """The same without asking for one person's, unless somebody may see that person's figures."""
    alone = rule == "all" or (rule == "self" and which.agent.lower() == (viewer or "").lower())
    return which if alone else which.model_copy(update={"agent": ""})


def _asked(look: TicketScope) -> tuple[Which, bool]:
    """What is asked for, as far as it may be; and whether the list may name agents."""
    rule = look.visit.site.settings().privacy.people
    which = read(Which, dict(look.visit.query))
    return permitted(which, rule, look.visit.viewer.address), rule == "all"


def show(visit: PageRequest) -> Response:
    """The list."""
    look = TicketScope(visit)
    which, with_agent = _asked(look)
    found = listed(look, which)
    return look.render(
        "sla/tickets.html.j2",
        which=which,
        rows=found.rows,
        total=found.total,
        told=told(which, found.total, found.tickets),
        account=(account_of(look, which)["name"].first() or which.account) if which.account else "",
        hour=_moment(which),
        mixed=which.figure in {"any", "responses"},
        promises=which.figure not in {"ticket", "mail"},
        with_agent=with_agent,
        page=found.page,
        pages=pages(found.total),
        kept=which.model_dump(exclude_defaults=True, exclude={"page"}),
    )


def _moment(which: Which) -> str:
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
    look = TicketScope(visit)
    which, with_agent = _asked(look)
    rows = with_tickets(look, behind(look, which).collect()).select(EXPORTED)
    return csv_of(rows if with_agent else rows.drop("agent"), name="tickets.csv")


PAGES = (
    Page(path="/sla/tickets", roles=ROLES, show=show),
    Page(path="/sla/tickets.csv", roles=ROLES, show=export),
)
