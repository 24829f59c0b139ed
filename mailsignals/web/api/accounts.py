"""Endpoints for accounts: the list, one account, and its risk by day."""

import datetime as dt
import json
from typing import Annotated, Literal, TypeAlias

import polars as pl
import pydantic
from fastapi import APIRouter, Depends
from fastapi import Query as In
from starlette.responses import Response

from mailsignals.formats import json_rows
from mailsignals.readmodel.queries.account import (
    AccountRows,
    contact_counts,
    find_account,
    prepared_flags,
    recorded_days,
    signal_windows,
)
from mailsignals.readmodel.queries.accounts import AccountFilter, SortOrder, account_list
from mailsignals.readmodel.queries.columns import COLUMNS
from mailsignals.web.api.account_fields import AccountRow, Day, Level, State
from mailsignals.web.api.account_filter import ROLES
from mailsignals.web.api.flags import FlagRow
from mailsignals.web.api.lists import WHOLE, ListQuery, Query, Row, Rows, answer, list_answer
from mailsignals.web.api.problem_kinds import OF_STATUS
from mailsignals.web.api.problems import ProblemError
from mailsignals.web.api.request import ApiRequest, asks
from mailsignals.web.api.signals import SignalRow
from mailsignals.web.one_account import note_unseen

router = APIRouter(tags=["accounts"])


class Accounts(Rows[AccountRow]):
    """A page of accounts."""


class Contacts(Row):
    """The number of people on both sides of an account."""

    contacts: int
    """People of the customer who ever wrote to your team."""
    colleagues: int
    """People of your team who ever wrote to the customer."""
    active_30: int
    """Contacts who wrote in the last 30 days."""
    active_60: int
    """Contacts who wrote in the last 60 days."""
    active_90: int
    """Contacts who wrote in the last 90 days."""


class Account(Row):
    """Everything about one account."""

    as_of: pydantic.AwareDatetime
    """The date and time of the figures, which contain nothing later."""
    account: AccountRow
    """The account with its risk."""
    signals: list[SignalRow]
    """A row for each window of 30, 60 and 90 days."""
    flags: list[FlagRow]
    """Its flags, newest first."""
    contacts: Contacts
    """The number of people on both sides."""


class Days(Rows[Day]):
    """A page of recorded days."""


SORTED_BY: dict[str, pl.Expr | None] = {
    "risk": None,
    "account_id": pl.col("account_id"),
    "name": COLUMNS["name"].by,
    "renewal_on": COLUMNS["renewal"].by,
    "arr": COLUMNS["arr"].by,
    "expected_loss": pl.col("expected_loss"),
    "days_since_inbound": COLUMNS["inbound"].by,
}

Sort: TypeAlias = Literal[
    "risk", "account_id", "name", "renewal_on", "-renewal_on", "arr", "-arr", "expected_loss", "-expected_loss",
    "days_since_inbound", "-days_since_inbound",
]  # fmt: skip


class AccountQuery(ListQuery):
    """A filter and order of accounts."""

    csm: str | None = None
    """Only accounts of this CSM, by address as in the account list."""
    tier: str | None = None
    """Only accounts of this tier."""
    level: Level | None = None
    """Only accounts at this level."""
    state: State | None = None
    """Only accounts in this state."""
    renewal_within_days: Annotated[int, pydantic.Field(ge=0, le=3650)] | None = None
    """Only accounts with a renewal within so many days after ``as_of``."""
    q: str | None = None
    """Only accounts with this text in their id or name; case is ignored."""
    sort: Sort = "risk"
    """A field to sort by, with ``-`` largest first; ``risk`` sorts like `mailsignals risk`. Nulls come last."""


class DayQuery(ListQuery):
    """The parameters of a list without filters."""


class NoQuery(Query):
    """A query without parameters."""


def fields_of(accounts: pl.DataFrame, as_of: dt.datetime) -> pl.DataFrame:
    """Return prepared accounts with the fields of ``AccountRow``."""
    return accounts.with_columns(
        as_of=pl.lit(as_of, dtype=pl.Datetime("us", "UTC")), open_turns=pl.col("open_turns").fill_null(0)
    ).select(AccountRow.columns())


def account_filter(query: AccountQuery) -> AccountFilter:
    """Return the filter of a query."""
    return AccountFilter(
        csm=query.csm,
        tier=query.tier,
        level=query.level,
        states=() if query.state is None else (query.state,),
        renewal_within_days=query.renewal_within_days,
        text=query.q or None,
    )


def sort_order(sort: Sort) -> SortOrder:
    """Return the order of a value of ``sort``."""
    return SortOrder(by=SORTED_BY[sort.removeprefix("-")], descending=sort.startswith("-"))


@router.get(
    "/accounts", response_model=Accounts, responses=WHOLE, summary="List accounts, highest risk first"
)
def accounts(
    query: Annotated[AccountQuery, In()], ask: Annotated[ApiRequest, Depends(asks(ROLES))]
) -> Response:
    """Accounts as `mailsignals risk` lists them, with their columns of the account list and most important signals."""
    found = account_list(ask.scope, account_filter(query), sort_order(query.sort))
    return list_answer(ask, query, fields_of(found.rows, ask.scope.as_of), *found.conditions)


@router.get(
    "/accounts/{account_id:path}/history",
    response_model=Days,
    responses={**WHOLE, 404: {}},
    summary="List the risk of an account by day",
)
def history(
    account_id: str, query: Annotated[DayQuery, In()], ask: Annotated[ApiRequest, Depends(asks(ROLES))]
) -> Response:
    """The recorded risk of the last 730 days, oldest first. Records never change later."""
    return list_answer(ask, query, recorded_days(_own(ask, account_id)).select(Day.columns()))


@router.get(
    "/accounts/{account_id:path}",
    response_model=Account,
    responses={404: {}},
    summary="Get one account",
)
def account(
    account_id: str,
    query: Annotated[NoQuery, In()],  # noqa: ARG001  # refuses unknown parameters
    ask: Annotated[ApiRequest, Depends(asks(ROLES))],
) -> Response:
    """Risk with reasons, signals over 30, 60 and 90 days, flags, and the number of people on both sides."""
    own = _own(ask, account_id)
    windows = signal_windows(own)
    parts = {
        "account": json_rows(fields_of(own.list_row, ask.scope.as_of))[1:-1],
        "signals": json_rows(windows),
        "flags": json_rows(prepared_flags(own).select(FlagRow.columns())),
        "contacts": json.dumps(contact_counts(own, windows)),
    }
    return answer(ask, parts)


def _own(ask: ApiRequest, account_id: str) -> AccountRows:
    """Return an account; raise 404 both for an unknown account and for one the viewer may not see."""
    found = find_account(ask.scope, account_id)
    if found is None:
        note_unseen(ask.request, ask.scope, account_id)
        raise ProblemError(404, *OF_STATUS[404])
    return found
