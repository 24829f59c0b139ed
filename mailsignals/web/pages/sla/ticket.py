"""One ticket: its mails in their order, and what was promised of it, kept or not."""

from collections.abc import Mapping
from typing import Any

import polars as pl
from starlette.responses import Response

from mailsignals.readmodel.queries.tickets import find_ticket
from mailsignals.readmodel.tables.tickets import on_clock
from mailsignals.sla.cases import BREACHED, MET
from mailsignals.sla.promises import FIGURES
from mailsignals.web.page import PageRequest, WebPage
from mailsignals.web.pages.sla.request import ROLES, SlaRequest


def show(visit: PageRequest) -> Response:
    """The ticket, if somebody may see it."""
    look = SlaRequest(visit)
    found = find_ticket(visit.scope, visit.request.path_params["ticket"])
    if found is None:
        return look.render("sla/no_ticket.html.j2", status=404)
    return look.render(
        "sla/ticket.html.j2",
        ticket=found.row,
        promises=[
            sentence(row)
            | {"round_the_clock": by_the_clock["verdict"], "clock_due_at": by_the_clock["due_at"]}
            for row, by_the_clock in zip(
                in_order(on_clock(found.cases.lazy(), "calendar").collect()),
                in_order(on_clock(found.cases.lazy(), "wall").collect()),
                strict=True,
            )
        ],
        mails=found.mails.to_dicts(),
    )


def in_order(cases: pl.DataFrame) -> list[dict[str, Any]]:
    """The promises as they were called for; the resolution last."""
    order = pl.col("figure") == FIGURES[-1]
    return cases.sort(order, "started_at", maintain_order=True).to_dicts()


def sentence(row: Mapping[str, Any]) -> dict[str, Any]:
    """A promise with ``judgement``, what its verdict means here."""
    ended = "resolved" if row["figure"] == "resolution" else "answered"
    if row["verdict"] is None:
        told = "Nothing was promised." if row["due_at"] is None else ""
    elif row["verdict"] == MET:
        told = f"It was {ended} in time{', though only just' if row['near_miss'] else ''}."
        if row["off_hours"]:
            told = f"It was {ended} before any open hour had passed."
    elif row["verdict"] == BREACHED:
        told = f"It was {ended} too late." if row["ended_at"] else f"It is due and not {ended}."
    else:
        told = "It is not due yet." if row["figure"] != "resolution" else "It may still be in time."
    return {**row, "judgement": told}


PAGE = WebPage(path="/sla/tickets/{ticket}", roles=ROLES, show=show)
