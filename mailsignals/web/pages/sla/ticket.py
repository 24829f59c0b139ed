"""One ticket: its emails and its targets with their verdicts."""

from collections.abc import Mapping
from typing import Any

import polars as pl
from starlette.responses import Response

from mailsignals.readmodel.queries.tickets import account_of_ticket, find_ticket
from mailsignals.readmodel.tables.tickets import on_clock
from mailsignals.sla.cases import BREACHED, MET
from mailsignals.sla.promises import FIGURES
from mailsignals.web.access.identity_of_request import note_refusal
from mailsignals.web.page import PageRequest, WebPage
from mailsignals.web.pages.sla.request import ROLES, SlaRequest


def show(visit: PageRequest) -> Response:
    """Return the page of a ticket; status 404 if the viewer may not see it."""
    look = SlaRequest(visit)
    found = find_ticket(visit.scope, visit.request.path_params["ticket"])
    if found is None:
        owner = account_of_ticket(visit.scope, visit.request.path_params["ticket"])
        if not visit.viewer.sees_all_tickets:
            detail = "no such ticket" if owner is None else "a ticket of another CSM's account"
            note_refusal(visit.request, detail, account_id=owner)
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
    """Return the cases of a ticket by start, with the resolution last."""
    order = pl.col("figure") == FIGURES[-1]
    return cases.sort(order, "started_at", maintain_order=True).to_dicts()


def sentence(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a case with ``judgement``, its verdict in a sentence."""
    ended = "Resolved" if row["figure"] == "resolution" else "Answered"
    if row["verdict"] is None:
        text = "No target." if row["due_at"] is None else ""
    elif row["verdict"] == MET:
        text = f"{ended} in time{' (near miss)' if row['near_miss'] else ''}."
        if row["off_hours"]:
            text = f"{ended} outside business hours."
    elif row["verdict"] == BREACHED:
        text = f"{ended} too late." if row["ended_at"] else f"Overdue, not {ended.lower()} yet."
    else:
        text = "Not due yet." if row["figure"] != "resolution" else "May still be met."
    return {**row, "judgement": text}


PAGE = WebPage(path="/sla/tickets/{ticket}", roles=ROLES, show=show)
