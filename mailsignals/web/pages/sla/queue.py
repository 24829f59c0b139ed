"""The open queue: what waits for us, with the time that is left, due soon first, then what is breached."""

from collections.abc import Mapping

import polars as pl
from starlette.responses import Response

from mailsignals.sla.backlog import IN_TIME, LATE, RISKY
from mailsignals.web.page import Page, PageRequest
from mailsignals.web.pages.sla.behind import ROWS, pages
from mailsignals.web.pages.sla.scope import ROLES, TicketScope
from mailsignals.web.pages.sla.waiting import waiting, words

EVERY_SECONDS = 60
"""How often the page asks anew."""

FILTERS = ("tier", "agent", "csm", "state")

STATES = {IN_TIME: "in time", RISKY: "at risk", LATE: "breached"}
"""What the states of the queue are called here, where the word of the verdict is better known."""


def show(visit: PageRequest) -> Response:
    """The page; a script gets the list alone."""
    look = TicketScope(visit)
    asked = look.asked
    everything = waiting(look)
    kept = {name: getattr(asked, name) for name in (*FILTERS, "q")}
    found = chosen(everything, {name: kept[name] for name in FILTERS}, text=asked.q)
    page = min(asked.page, pages(found.height))
    rows = found.slice((page - 1) * ROWS, ROWS).to_dicts()
    return look.render(
        "sla/queue_list.html.j2" if visit.in_part else "sla/queue.html.j2",
        rows=[row | {"words": words(row), "state": STATES.get(row["state"])} for row in rows],
        states=STATES,
        total=found.height,
        late=found.filter(pl.col("state") == LATE).height,
        risky=found.filter(pl.col("state") == RISKY).height,
        page=page,
        pages=pages(found.height),
        kept=kept,
        seconds=EVERY_SECONDS,
        tiers=_values(everything, "tier"),
        agents=_values(everything, "agent"),
        csms=_values(look.accounts, "csm"),
    )


def chosen(rows: pl.DataFrame, filters: Mapping[str, str], *, text: str) -> pl.DataFrame:
    """Those whose columns have these values, and whose account's name or id a text; an empty one says nothing."""
    wanted = [pl.col(name) == value for name, value in filters.items() if value]
    if text:
        named = pl.col("account_id") + " " + pl.col("name").fill_null("")
        wanted.append(named.str.to_lowercase().str.contains(text.lower(), literal=True))
    return rows.filter(*wanted) if wanted else rows


def _values(rows: pl.DataFrame, column: str) -> list[str]:
    return rows[column].drop_nulls().unique().sort().to_list()


PAGE = Page(path="/sla/queue", roles=ROLES, show=show)
