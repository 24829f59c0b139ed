"""What a number counts: the promises, tickets or mails behind it."""

import dataclasses
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

import polars as pl
import pydantic

from mailsignals.sla.cases import BREACHED, MET, PENDING
from mailsignals.web.pages.sla.figures import hour, weekday
from mailsignals.web.pages.sla.scope import TicketScope

ROWS = 50

_VERDICT = pl.col("verdict")

STATES: Mapping[str, pl.Expr] = MappingProxyType(
    {
        "met": _VERDICT == MET,
        "breached": _VERDICT == BREACHED,
        "pending": _VERDICT == PENDING,
        "judged": _VERDICT.is_in([MET, BREACHED]),
        "near_miss": pl.col("near_miss"),
        "off_hours": pl.col("off_hours"),
        "open": pl.col("ended_at").is_null(),
        "answered": pl.col("ended_at").is_not_null(),
    }
)
"""Which promises a number may count."""

OUTCOMES: Mapping[str, pl.Expr] = MappingProxyType(
    {
        "resolved": pl.col("resolved_at").is_not_null(),
        **{flag: pl.col(flag) for flag in ("fcr", "reopened", "escalated", "repeat_contact", "answered")},
    }
)
"""Which tickets."""

TRUE = pl.lit(value=True)

MOMENTS = {"asked": "started_at", "answered": "ended_at"}


class Which(pydantic.BaseModel):
    """What a number counts; whatever makes no sense is left out rather than refused."""

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    figure: Literal["first_response", "next_response", "responses", "resolution", "any", "ticket", "mail"] = (
        "any"
    )
    """A kind of promise; ``responses`` are the first two, ``ticket`` and ``mail`` are no promises at all."""
    state: str = ""
    """Of ``STATES``, or ``OUTCOMES`` of tickets."""
    tier: str = ""
    account: str = ""
    agent: str = ""
    at: Literal["asked", "answered"] = "asked"
    """Which instant weekday and hour are about."""
    weekday: Annotated[int | None, pydantic.Field(ge=0, le=6)] = None
    hour: Annotated[int | None, pydantic.Field(ge=0, le=23)] = None
    page: Annotated[int, pydantic.Field(ge=1, le=1_000_000)] = 1


COLUMNS = (
    *("conversation", "opened_at", "account", "figure", "agent", "started_at", "due_at", "ended_at"),
    *("hours", "business_hours", "verdict", "near_miss", "off_hours"),
)
"""What is said of each; of tickets and mails what does not apply is null."""

OF_TICKET = ("conversation", "ticket", "account_id", "tier", "contact", "subject")


def behind(look: TicketScope, which: Which) -> pl.LazyFrame:
    """What a number counts, the oldest first: ``COLUMNS``."""
    numbers = account_of(look, which)["account"].implode() if which.account else None
    account = [] if numbers is None else [pl.col("account").is_in(numbers)]
    sources = {"ticket": _tickets, "mail": _mails}
    rows = sources.get(which.figure, _promises)(look, which)
    return rows.filter(TRUE, *account, *_at(which, look.visit.viewer.timezone)).select(COLUMNS)


def account_of(look: TicketScope, which: Which) -> pl.DataFrame:
    """The account that was asked for, if somebody may see its tickets."""
    return look.accounts.filter(pl.col("account_id") == which.account)


def _promises(look: TicketScope, which: Which) -> pl.LazyFrame:
    figure = {"any": [], "responses": [pl.col("figure") != "resolution"]}.get(
        which.figure, [pl.col("figure") == which.figure]
    )
    return look.cases().filter(
        TRUE, *figure, *_is("group", which.tier), *_is("agent", which.agent), *_of(STATES, which.state)
    )


def _tickets(look: TicketScope, which: Which) -> pl.LazyFrame:
    found = look.tickets().filter(
        TRUE, *_is("tier", which.tier), *_is("agent", which.agent), *_of(OUTCOMES, which.state)
    )
    return _shaped(
        found.rename({"resolved_at": "ended_at"}).with_columns(started_at="opened_at"), figure="ticket"
    )


def _mails(look: TicketScope, which: Which) -> pl.LazyFrame:
    found = look.mails().filter(TRUE, *_is("person", which.agent))
    return _shaped(found.rename({"sent_at": "started_at", "person": "agent"}), figure="mail")


_TYPES: Mapping[str, pl.DataType] = {
    "ended_at": pl.Datetime("us", "UTC"),
    "due_at": pl.Datetime("us", "UTC"),
    "hours": pl.Float64(),
    "business_hours": pl.Float64(),
    "verdict": pl.String(),
    "near_miss": pl.Boolean(),
    "off_hours": pl.Boolean(),
}


def _shaped(rows: pl.LazyFrame, *, figure: str) -> pl.LazyFrame:
    """Rows that are no promises, with nothing in the columns that are of promises alone."""
    known = rows.collect_schema().names()
    missing = {name: pl.lit(None, dtype=dtype) for name, dtype in _TYPES.items() if name not in known}
    return rows.with_columns(figure=pl.lit(figure), **missing)


def _is(column: str, value: str) -> list[pl.Expr]:
    return [pl.col(column) == value] if value else []


def _of(states: Mapping[str, pl.Expr], state: str) -> list[pl.Expr]:
    return [states[state]] if state in states else []


def _at(which: Which, timezone: str) -> list[pl.Expr]:
    moment = MOMENTS[which.at]
    day = [] if which.weekday is None else [weekday(moment, timezone) == which.weekday]
    return [*day, *([] if which.hour is None else [hour(moment, timezone) == which.hour])]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Listed:
    """A page of a list."""

    total: int
    """How many rows all pages have."""
    tickets: int
    """Of how many tickets these are."""
    page: int
    rows: list[dict[str, Any]]
    """Those of the page, the newest first, with what is known of the tickets."""


def listed(look: TicketScope, which: Which, *, most: int = ROWS) -> Listed:
    """A page of what a number counts.

    All that it counts may be many rows: they are read in full only where they began within the time of the page.
    """
    everything = behind(look, which)
    keys = everything.select("started_at", "conversation").collect()
    total = keys.height
    if not total:
        return Listed(total=0, tickets=0, page=1, rows=[])
    page = min(which.page, pages(total, most))
    until = total - (page - 1) * most
    since = max(0, until - most)
    times = keys["started_at"]
    first, last = times.slice(since, 1).min(), times.slice(until - 1, 1).max()
    within = everything.filter(pl.col("started_at").is_between(pl.lit(first), pl.lit(last))).collect()
    newest = within.slice(since - int((times < first).sum()), until - since).reverse()
    return Listed(
        total=total,
        tickets=keys["conversation"].n_unique(),
        page=page,
        rows=with_tickets(look, newest).to_dicts(),
    )


def pages(total: int, most: int = ROWS) -> int:
    """How many pages so many rows have."""
    return max(1, math.ceil(total / most))


def with_tickets(look: TicketScope, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with ``OF_TICKET`` and the account's ``name``."""
    opened_at, conversation = pl.col("opened_at"), pl.col("conversation")
    near = opened_at.is_between(pl.lit(rows["opened_at"].min()), pl.lit(rows["opened_at"].max()))
    tickets = (
        look.visit.edition.scan("sla_tickets")
        .filter(near, conversation.is_in(rows["conversation"].unique().implode()))
        .select(OF_TICKET)
        .collect()
    )
    names = look.accounts.select("account", "name")
    return rows.join(tickets, on="conversation", how="left", maintain_order="left").join(
        names, on="account", how="left", maintain_order="left"
    )
