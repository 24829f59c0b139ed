"""One ticket: its mails in their order, and what was promised of it, kept or not."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl
from starlette.responses import Response

from mailsignals.readmodel.tables.tickets import on_clock
from mailsignals.sla.cases import BREACHED, MET
from mailsignals.sla.compliance import Period
from mailsignals.sla.promises import FIGURES
from mailsignals.web.page import Page, PageRequest
from mailsignals.web.pages.sla.scope import ROLES, TicketScope

JUST_AFTER = dt.timedelta(microseconds=1)


def show(visit: PageRequest) -> Response:
    """The ticket, if somebody may see it."""
    look = TicketScope(visit)
    found = _found(look, visit.request.path_params["ticket"])
    if found.is_empty():
        return look.render("sla/no_ticket.html.j2", status=404)
    ticket = found.row(0, named=True)
    cases = _of(visit, "sla_cases", "started_at", ticket)
    return look.render(
        "sla/ticket.html.j2",
        ticket=ticket,
        promises=[
            sentence(row)
            | {"round_the_clock": by_the_clock["verdict"], "clock_due_at": by_the_clock["due_at"]}
            for row, by_the_clock in zip(
                in_order(on_clock(cases.lazy(), "calendar").collect()),
                in_order(on_clock(cases.lazy(), "wall").collect()),
                strict=True,
            )
        ],
        mails=_of(visit, "sla_mails", "sent_at", ticket).to_dicts(),
    )


def _found(look: TicketScope, ticket: str) -> pl.DataFrame:
    """The ticket with an id, if there is one that somebody may see."""
    edition = look.visit.edition
    place = edition.scan("sla_ids").filter(pl.col("ticket") == ticket).collect()
    mine = look.accounts.select("account", "name", "csm")
    return (
        edition.scan("sla_tickets")
        .filter(pl.col("opened_at") == pl.lit(place["opened_at"].first()), pl.col("ticket") == ticket)
        .collect()
        .join(mine, on="account", how="inner")
    )


def _of(visit: PageRequest, table: str, moment: str, ticket: Mapping[str, Any]) -> pl.DataFrame:
    """The rows of a ticket; they lie between its first and its last mail, and so close together."""
    within = Period(since=ticket["opened_at"], until=ticket["until"] + JUST_AFTER)
    mine = pl.col("conversation") == ticket["conversation"]
    return visit.edition.scan(table).filter(within.holds(moment), mine).collect()


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


PAGE = Page(path="/sla/tickets/{ticket}", roles=ROLES, show=show)
