"""Endpoints for service levels: SLA compliance by group, and tickets."""

import dataclasses
from typing import Annotated, Literal

import polars as pl
from fastapi import APIRouter, Depends
from fastapi import Query as In
from starlette.responses import Response

from mailsignals.readmodel.queries.compliance import figure_report
from mailsignals.readmodel.queries.tickets import TicketFilter, ticket_list
from mailsignals.readmodel.roles import Role
from mailsignals.sla.compliance import By, Period
from mailsignals.sla.promises import Promises
from mailsignals.web.api.lists import WHOLE, Rows, list_answer
from mailsignals.web.api.periods import PeriodQuery
from mailsignals.web.api.problems import ProblemError
from mailsignals.web.api.request import ApiRequest, asks
from mailsignals.web.api.slarows import FigureRow, TicketRow

router = APIRouter(tags=["service levels"])

ROLES = frozenset({Role.LEAD, Role.HEAD})

FILTERS = {field.name for field in dataclasses.fields(TicketFilter)}

Verdict = Literal["met", "breached", "pending"]


class Figures(Rows[FigureRow]):
    """A page of figures."""


class Tickets(Rows[TicketRow]):
    """A page of tickets."""


class FigureQuery(PeriodQuery):
    """A period, and the groups of its figures."""

    by: By = By.TIER
    """The groups: tiers, accounts, agents or weeks."""


class TicketQuery(PeriodQuery):
    """A filter of the tickets that were opened in a period."""

    account_id: str | None = None
    """Only tickets of this account."""
    tier: str | None = None
    """Only tickets of this tier, or of ``no target``."""
    agent: str | None = None
    """Only tickets of this agent, by address."""
    first_response: Verdict | None = None
    """Only tickets whose first response has this verdict."""
    resolution: Verdict | None = None
    """Only tickets whose resolution has this verdict."""
    open: bool | None = None
    """Only open tickets (true), or only resolved ones (false)."""


@router.get("/sla", response_model=Figures, responses=WHOLE, summary="Get SLA compliance by group")
def figures(
    query: Annotated[FigureQuery, In()], ask: Annotated[ApiRequest, Depends(asks(ROLES))]
) -> Response:
    """SLA compliance and response times in the period, by tier, account, agent or week.

    Figures of single agents are included as far as `privacy.people` allows.
    """
    rows = figure_report(ask.scope, _period(ask, query), by=query.by, promises=lambda: _tiers(ask))
    return list_answer(ask, query, rows)


@router.get("/sla/tickets", response_model=Tickets, responses=WHOLE, summary="List tickets")
def tickets(
    query: Annotated[TicketQuery, In()], ask: Annotated[ApiRequest, Depends(asks(ROLES))]
) -> Response:
    """The tickets that were opened in the period, oldest first, with their responses and verdicts.

    `agent` and `first_agent` are null where `privacy.people` hides them from the viewer.
    """
    wanted = TicketFilter(**query.model_dump(include=FILTERS))
    found = ticket_list(ask.scope, wanted, _period(ask, query), TicketRow.columns())
    return list_answer(ask, query, found.rows, *found.conditions, keys=found.keys)


def _period(ask: ApiRequest, query: PeriodQuery) -> Period:
    try:
        return query.period(as_of=ask.scope.as_of, timezone=ask.scope.timezone)
    except ValueError as error:
        raise ProblemError(422, "bad-parameter", f"{error}") from None


def _tiers(ask: ApiRequest) -> Promises:
    """Return the targets of all tiers, without accounts."""
    return ask.site.settings().promises(pl.Series([], dtype=pl.String))
