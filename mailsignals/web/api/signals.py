"""Endpoint for signals, with the rows of `mailsignals signals`."""

from typing import Annotated, Literal

import polars as pl
import pydantic
from fastapi import APIRouter, Depends
from fastapi import Query as In
from starlette.responses import Response

from mailsignals.web.api import figures
from mailsignals.web.api.account_filter import ROLES, OfAccounts, of_accounts
from mailsignals.web.api.lists import WHOLE, ListQuery, Row, Rows, list_answer
from mailsignals.web.api.request import ApiRequest, asks

router = APIRouter(tags=["signals"])


class _Key(Row):
    account_id: str
    """As in the account list."""
    as_of: pydantic.AwareDatetime
    """The date and time of the figures, which contain nothing later."""
    window_days: int
    """The length of the window before ``as_of`` in days: 30, 60 or 90."""


SignalRow = pydantic.create_model(
    "SignalRow", __base__=_Key, __doc__="The signals of one account in one window.", **figures.fields()
)


class Signals(Rows[SignalRow]):
    """A page of signals."""


class SignalQuery(OfAccounts, ListQuery):
    """A filter of signals."""

    window_days: Literal["30", "60", "90"] | None = None
    """Only this window."""


@router.get(
    "/signals",
    response_model=Signals,
    responses=WHOLE,
    summary="List signals, one row per account and window",
)
def signals(
    query: Annotated[SignalQuery, In()], ask: Annotated[ApiRequest, Depends(asks(ROLES))]
) -> Response:
    """Every signal of every account over 30, 60 and 90 days, in the order of the account list."""
    wanted = of_accounts(ask, query)
    if query.window_days:
        wanted.append(pl.col("window_days") == int(query.window_days))
    return list_answer(ask, query, ask.edition.table("signals"), *wanted)
