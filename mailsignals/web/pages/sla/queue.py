"""The queue of open tickets, with the time left until each is due."""

from collections.abc import Mapping
from typing import Any

import polars as pl
from starlette.responses import Response

from mailsignals.notifications.digest.queue import due_words
from mailsignals.readmodel.queries.ticket_queue import open_queue, queue_rows
from mailsignals.sla.backlog import IN_TIME, LATE, RISKY
from mailsignals.web.page import PageRequest, WebPage
from mailsignals.web.pages.sla.request import ROLES, ROWS, SlaRequest
from mailsignals.web.paging import part_at

EVERY_SECONDS = 60
"""Seconds between two refreshes of the list."""

FILTERS = ("tier", "agent", "csm", "state")

STATES = {IN_TIME: "in time", RISKY: "due soon", LATE: "breached"}
"""Words for the states of open tickets."""


def show(visit: PageRequest) -> Response:
    """Return the page, or the list alone for a refresh by script."""
    look = SlaRequest(visit)
    asked = look.asked
    everything = open_queue(visit.scope, look.promises)
    kept = {name: getattr(asked, name) for name in (*FILTERS, "q")}
    found = queue_rows(everything, {name: kept[name] for name in FILTERS}, text=asked.q)
    part = part_at(found, asked.page, rows=ROWS)
    return look.render(
        "sla/queue_list.html.j2" if visit.in_part else "sla/queue.html.j2",
        rows=[row | {"words": words(row), "state": STATES.get(row["state"])} for row in part.rows],
        states=STATES,
        total=part.total,
        late=found.filter(pl.col("state") == LATE).height,
        risky=found.filter(pl.col("state") == RISKY).height,
        page=part.page,
        pages=part.pages,
        kept=kept,
        seconds=EVERY_SECONDS,
        tiers=_values(everything, "tier"),
        agents=_values(everything, "agent"),
        csms=_values(look.tickets.accounts, "csm"),
    )


def words(row: Mapping[str, Any]) -> str:
    """Return the time left or overdue of a ticket in words."""
    return due_words(row).removeprefix("breached: ") if row["due_at"] is not None else "no target"


def _values(rows: pl.DataFrame, column: str) -> list[str]:
    return rows[column].drop_nulls().unique().sort().to_list()


PAGE = WebPage(path="/sla/queue", roles=ROLES, show=show)
