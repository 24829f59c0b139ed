"""Accounts with their risk and why; one of them with everything; what it scored day by day."""

import datetime as dt
import json
from typing import Annotated, Any, Literal, TypeAlias

import polars as pl
import pydantic
from fastapi import APIRouter, Depends
from fastapi import Query as In
from starlette.responses import Response

from mailsignals.flags.flags import HELD_BACK
from mailsignals.formats import json_rows
from mailsignals.readmodel.tables.accounts import FIGURES
from mailsignals.web.api import figures
from mailsignals.web.api.flags import FlagRow
from mailsignals.web.api.lists import WHOLE, ListQuery, Query, Row, Rows, answer, listed
from mailsignals.web.api.problems import OF_STATUS, ProblemError
from mailsignals.web.api.request import ApiRequest, asks
from mailsignals.web.api.signals import SignalRow
from mailsignals.web.api.visible import ROLES, alike, own_accounts

router = APIRouter(tags=["accounts"])

MOMENT = ("days_since_inbound", "days_since_outbound", "days_since_checkin", "open_turns")


class Reason(Row):
    """Why an account stands where it stands."""

    mark: str
    """The rule that holds, or the block of the scorecard."""
    signal: str
    """The signal that it rests on."""
    value: float | None
    """The number, in the signal's unit."""
    before: float | None
    """What it was before, in the same unit."""
    text: str
    """The same in a sentence."""


class _Known(Row):
    account_id: str
    """As in the account book."""
    as_of: pydantic.AwareDatetime
    """The instant; nothing later counts."""
    name: str | None
    """As in the account book."""
    tier: str | None
    """As in the account book."""
    csm: str | None
    """Who looks after it, by address."""
    started_on: dt.date | None
    """When it became a customer."""
    churned_on: dt.date | None
    """When it left, as the account book or somebody says."""
    renewal_on: dt.date | None
    """When its contract is renewed."""
    arr: float | None
    """Annual recurring revenue, in the currency of the account book."""
    state: Literal["scored", "not_enough_sight", "churned", "not_started"]
    """Whether it can be judged; only what is scored has a score and a level."""
    level: Literal["high", "medium", "low"] | None
    """Its risk, by score and by how many accounts a CSM can look after."""
    risk: Annotated[float, pydantic.Field(ge=0, le=1)] | None
    """The probability that it leaves within 90 days; null without a model."""
    score: Annotated[float, pydantic.Field(ge=0, le=100)] | None
    """The percentage of the day's scored accounts that look better."""
    source: str
    """What judged it: ``scorecard``, or the model's id."""
    reasons: list[Reason]
    """Why, the most telling first."""
    flagged_on: dt.date | None
    """Since which day it is flagged, if scores are recorded and it is in the news."""


AccountRow = pydantic.create_model(
    "AccountRow",
    __base__=_Known,
    __doc__="An account with its risk, and the signals that say most.",
    **figures.fields(MOMENT),
    **figures.fields(FIGURES, window_days=30),
    **figures.fields(FIGURES, window_days=90),
)


class Accounts(Rows[AccountRow]):
    """A page of accounts."""


class Contacts(Row):
    """How many people there are."""

    contacts: int
    """People of the account who ever wrote to us."""
    colleagues: int
    """People of us who ever wrote to it."""
    active_30: int
    """Contacts who wrote in the last 30 days."""
    active_60: int
    """The same of 60 days."""
    active_90: int
    """The same of 90 days."""


class Account(Row):
    """Everything about one account."""

    as_of: pydantic.AwareDatetime
    """The instant; nothing later counts."""
    account: AccountRow
    """The account with its risk."""
    signals: list[SignalRow]
    """A row for each window of 30, 60 and 90 days."""
    flags: list[FlagRow]
    """Its flags, the newest first."""
    contacts: Contacts
    """How many people there are on both sides."""


class Day(Row):
    """What an account scored on a day, as it was recorded then."""

    account_id: str
    """As in the account book."""
    scored_on: dt.date
    """The day, in the company's time zone."""
    scored_at: pydantic.AwareDatetime
    """The instant that was recorded."""
    state: str
    """Whether it could be judged."""
    level: Literal["high", "medium", "low"] | None
    """Its risk."""
    score: Annotated[float, pydantic.Field(ge=0, le=100)] | None
    """The percentage of the day's scored accounts that looked better."""
    risk: Annotated[float, pydantic.Field(ge=0, le=1)] | None
    """The probability that it left within 90 days; null without a model."""
    source: str | None
    """What judged it: ``scorecard``, or the model's id."""


class Days(Rows[Day]):
    """A page of recorded days."""


SORTED_BY: dict[str, pl.Expr] = {
    "account_id": pl.col("account_id"),
    "name": pl.col("name").fill_null(pl.col("account_id")).str.to_lowercase(),
    "renewal_on": pl.col("renewal_on"),
    "arr": pl.col("arr"),
    "score": pl.col("score"),
    "days_since_inbound": pl.col("days_since_inbound"),
}

Sort: TypeAlias = Literal[
    "risk", "account_id", "name", "renewal_on", "-renewal_on", "arr", "-arr", "score", "-score", "days_since_inbound",
    "-days_since_inbound",
]  # fmt: skip


class AccountQuery(ListQuery):
    """Which accounts, in which order."""

    csm: str | None = None
    """Only accounts of this CSM, by address as in the account book."""
    tier: str | None = None
    """Only accounts of this tier."""
    level: Literal["high", "medium", "low"] | None = None
    """Only accounts at this risk."""
    state: Literal["scored", "not_enough_sight", "churned", "not_started"] | None = None
    """Only accounts in this state."""
    renewal_within_days: Annotated[int, pydantic.Field(ge=0, le=3650)] | None = None
    """Only accounts whose contract is renewed within so many days of the instant."""
    q: str | None = None
    """Only accounts of which the id or the name has this in it, whatever the case."""
    sort: Sort = "risk"
    """``risk``: the riskiest first; else by a field, with ``-`` the largest first. What has none comes last."""


class DayQuery(ListQuery):
    """Nothing but the page."""


class NoQuery(Query):
    """Nothing."""


def rows_of(accounts: pl.DataFrame, as_of: dt.datetime) -> pl.DataFrame:
    """Prepared accounts as the API has them; that a flag is held back is not to be seen."""
    held_back = (pl.col("away") == HELD_BACK).fill_null(value=False)
    return accounts.with_columns(
        as_of=pl.lit(as_of, dtype=pl.Datetime("us", "UTC")),
        flagged_on=pl.when(~held_back).then("flagged_on"),
        open_turns=pl.col("open_turns").fill_null(0),
    ).select(AccountRow.columns())


def chosen(query: AccountQuery, *, today: dt.date) -> list[pl.Expr]:
    """The conditions that a query names."""
    wanted = alike(csm=query.csm, tier=query.tier, level=query.level, state=query.state)
    if query.q:
        text = pl.col("account_id") + " " + pl.col("name").fill_null("")
        wanted.append(text.str.to_lowercase().str.contains(query.q.lower(), literal=True))
    if query.renewal_within_days is not None:
        until = today + dt.timedelta(days=query.renewal_within_days)
        wanted.append(pl.col("renewal_on").is_between(today, until))
    return wanted


def in_order(rows: pl.DataFrame, sort: Sort) -> pl.DataFrame:
    """The rows as asked for; whoever is alike stays in the order of risk."""
    if sort == "risk":
        return rows
    key, descending = SORTED_BY[sort.removeprefix("-")], sort.startswith("-")
    return rows.sort(key, descending=descending, nulls_last=True, maintain_order=True)


@router.get("/accounts", response_model=Accounts, responses=WHOLE, summary="Accounts, the riskiest first")
def accounts(
    query: Annotated[AccountQuery, In()], ask: Annotated[ApiRequest, Depends(asks(ROLES))]
) -> Response:
    """What `mailsignals risk` writes, with the account book and the signals that say most."""
    rows = rows_of(own_accounts(ask), ask.edition.as_of)
    wanted = chosen(query, today=ask.today)
    return listed(ask, query, in_order(rows, query.sort), *wanted)


@router.get(
    "/accounts/{account_id:path}/history",
    response_model=Days,
    responses={**WHOLE, 404: {}},
    summary="What an account scored day by day",
)
def history(
    account_id: str, query: Annotated[DayQuery, In()], ask: Annotated[ApiRequest, Depends(asks(ROLES))]
) -> Response:
    """As it was recorded on each of the last 730 days, the oldest first; nothing is rewritten later."""
    _own(ask, account_id)
    rows = ask.edition.scan("history").filter(pl.col("account_id") == account_id)
    return listed(ask, query, rows.collect().select(Day.columns()))


@router.get(
    "/accounts/{account_id:path}",
    response_model=Account,
    responses={404: {}},
    summary="Everything about one account",
)
def account(
    account_id: str,
    query: Annotated[NoQuery, In()],  # noqa: ARG001  # refuses what nobody knows
    ask: Annotated[ApiRequest, Depends(asks(ROLES))],
) -> Response:
    """Its risk with reasons, its signals over 30, 60 and 90 days, its flags, and how many people write."""
    own = pl.col("account_id") == account_id
    row = rows_of(_own(ask, account_id), ask.edition.as_of)
    windows = ask.edition.table("signals").filter(own)
    flags = ask.edition.table("flags").filter(own).sort("opened_on", descending=True)
    parts = {
        "account": json_rows(row)[1:-1],
        "signals": json_rows(windows),
        "flags": json_rows(flags.select(FlagRow.columns())),
        "contacts": json.dumps(_contacts(ask.edition.table("correspondents").filter(own), windows)),
    }
    return answer(ask, parts)


def _own(ask: ApiRequest, account_id: str) -> pl.DataFrame:
    """The account, as a frame; what is not there and what is not theirs is the same to whoever asks."""
    found = own_accounts(ask).filter(pl.col("account_id") == account_id)
    if found.is_empty():
        raise ProblemError(404, *OF_STATUS[404])
    return found


def _contacts(ever: pl.DataFrame, windows: pl.DataFrame) -> dict[str, Any]:
    active = dict(windows.select("window_days", "active_contacts").iter_rows())
    counts = ever.row(0, named=True) if ever.height else {"contacts": 0, "colleagues": 0}
    return {
        "contacts": counts["contacts"],
        "colleagues": counts["colleagues"],
        **{f"active_{days}": active.get(days, 0) for days in (30, 60, 90)},
    }
