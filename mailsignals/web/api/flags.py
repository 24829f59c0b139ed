"""Flags: what `mailsignals flag --all` writes."""

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
    """One episode of high risk of one account."""

    account_id: str
    """As in the account book."""
    opened_on: dt.date
    """The first day at high risk."""
    state: str
    """``entering``, ``persisting`` or ``snoozed`` while it is open; else how it ended."""
    since_at: pydantic.AwareDatetime | None
    """Since when it is in this state."""
    by: str | None
    """Who said so, if somebody did."""
    until: str | None
    """Until which day or event, of what is snoozed or was closed by somebody."""
    note: str | None
    """What they wrote."""
    closed_on: dt.date | None
    """Null while it is open."""
    churned_on: dt.date | None
    """When the account left, if it did."""
    opening_risk: float | None
    """The risk on the day it opened, 0 to 1; null on days recorded by a score alone."""
    opening_source: str | None
    """What judged it then: ``quiet+scorecard``, ``quiet+`` and a model's id, or an id."""
    level: str | None
    """The level on the last day of the flag on which the account was judged."""
    risk: float | None
    """The risk on that day; it compares with the one at opening only if both sources are the same."""
    source: str | None
    """What judged it."""
    name: str | None
    """The account's name."""
    csm: str | None
    """Who looks after the account, by address."""


class Flags(Rows[FlagRow]):
    """A page of flags."""


class FlagQuery(OfAccounts, ListQuery):
    """A filter of flags."""

    open: bool | None = None
    """Only those that are open, or only those that are closed."""
    state: (
        Literal["entering", "persisting", "snoozed", "recovered", "dismissed", "saved", "churned"] | None
    ) = None
    """Only those in this state."""


@router.get("/flags", response_model=Flags, responses=WHOLE, summary="Flags, the open ones first")
def flags(query: Annotated[FlagQuery, In()], ask: Annotated[ApiRequest, Depends(asks(ROLES))]) -> Response:
    """Every episode of high risk with what people said of it; without those that are held back."""
    wanted = of_accounts(ask, query)
    if query.open is not None:
        wanted.append(pl.col("closed_on").is_null() == query.open)
    if query.state:
        wanted.append(pl.col("state") == query.state)
    return list_answer(ask, query, ask.edition.table("flags").select(FlagRow.columns()), *wanted)
