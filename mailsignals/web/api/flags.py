"""Endpoint for flags, with the rows of `mailsignals flag --all`."""

import datetime as dt
from typing import Annotated, Literal

import polars as pl
import pydantic
from fastapi import APIRouter, Depends
from fastapi import Query as In
from starlette.responses import Response

from mailsignals.web.api.account_filter import ROLES, OfAccounts, of_accounts
from mailsignals.web.api.lists import WHOLE, ListQuery, Row, Rows, list_answer
from mailsignals.web.api.request import ApiRequest, asks

router = APIRouter(tags=["flags"])


class FlagRow(Row):
    """One flag: a period at high risk of one account."""

    account_id: str
    """As in the account list."""
    opened_on: dt.date
    """The first day at high risk."""
    state: str
    """``entering``, ``persisting`` or ``snoozed`` while open; else its outcome."""
    since_at: pydantic.AwareDatetime | None
    """The start of this state."""
    by: str | None
    """The person who set the state; null if a rule did."""
    until: str | None
    """The date or event until which the flag is snoozed or closed."""
    note: str | None
    """The note with the feedback."""
    closed_on: dt.date | None
    """The date on which it was closed; null while open."""
    churned_on: dt.date | None
    """The churn date of the account; null if it has not churned."""
    opening_risk: float | None
    """The risk on the day it opened, 0 to 1; null on days recorded without one."""
    opening_source: str | None
    """The method behind ``opening_risk``: ``quiet+scorecard``, ``quiet+`` and a model's id, or a model's id."""
    level: str | None
    """The level on the last recorded day of the flag."""
    risk: float | None
    """The risk on that day. Compare it with ``opening_risk`` only if both sources are equal."""
    source: str | None
    """The method behind ``risk``."""
    name: str | None
    """The name of the account."""
    csm: str | None
    """The address of the account's CSM."""


class Flags(Rows[FlagRow]):
    """A page of flags."""


class FlagQuery(OfAccounts, ListQuery):
    """A filter of flags."""

    open: bool | None = None
    """Only open flags (true), or only closed ones (false)."""
    state: (
        Literal["entering", "persisting", "snoozed", "recovered", "dismissed", "saved", "churned"] | None
    ) = None
    """Only flags in this state."""


@router.get("/flags", response_model=Flags, responses=WHOLE, summary="List flags, open ones first")
def flags(query: Annotated[FlagQuery, In()], ask: Annotated[ApiRequest, Depends(asks(ROLES))]) -> Response:
    """All flags with the feedback on them, without those held out for comparison."""
    wanted = of_accounts(ask, query)
    if query.open is not None:
        wanted.append(pl.col("closed_on").is_null() == query.open)
    if query.state:
        wanted.append(pl.col("state") == query.state)
    return list_answer(ask, query, ask.edition.table("flags").select(FlagRow.columns()), *wanted)
