"""The list behind every number: the promises, tickets or mails that it counts, newest first, and as a file."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

import polars as pl
import pydantic
from starlette.responses import Response

from mailsignals.config.privacy import People
from mailsignals.risk.words import counted
from mailsignals.sla.cases import BREACHED, MET, PENDING
from mailsignals.sla.definitions import PROMISED
from mailsignals.web.files import csv_of
from mailsignals.web.pages.sla.asked import read
from mailsignals.web.pages.sla.figures import DAYS, hour, weekday
from mailsignals.web.pages.sla.look import ROLES, Look
from mailsignals.web.visit import Page, Visit

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


def behind(look: Look, which: Which) -> pl.LazyFrame:
    """What a number counts, the oldest first: ``COLUMNS``."""
    number = look.accounts.filter(pl.col("account_id") == which.account)["account"]
    account = [pl.col("account").is_in(number.implode())] if which.account else []
    sources = {"ticket": _tickets, "mail": _mails}
    rows = sources.get(which.figure, _promises)(look, which)
    return rows.filter(TRUE, *account, *_at(which, look.visit.viewer.timezone)).select(COLUMNS)


def _promises(look: Look, which: Which) -> pl.LazyFrame:
    figure = {"any": [], "responses": [pl.col("figure") != "resolution"]}.get(
        which.figure, [pl.col("figure") == which.figure]
    )
    return look.cases().filter(
        TRUE, *figure, *_is("group", which.tier), *_is("agent", which.agent), *_of(STATES, which.state)
    )


def _tickets(look: Look, which: Which) -> pl.LazyFrame:
    found = look.tickets().filter(
        TRUE, *_is("tier", which.tier), *_is("agent", which.agent), *_of(OUTCOMES, which.state)
    )
    return _shaped(
        found.rename({"resolved_at": "ended_at"}).with_columns(started_at="opened_at"), figure="ticket"
    )


def _mails(look: Look, which: Which) -> pl.LazyFrame:
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


def listed(look: Look, found: pl.DataFrame, *, page: int = 1, most: int = ROWS) -> list[dict[str, Any]]:
    """A page of what a number counts, the newest first, with what is known of the tickets."""
    return with_tickets(look, found.reverse().slice((page - 1) * most, most)).to_dicts()


def pages(total: int, most: int = ROWS) -> int:
    """How many pages so many rows have."""
    return max(1, math.ceil(total / most))


def with_tickets(look: Look, rows: pl.DataFrame) -> pl.DataFrame:
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


WORDS = {
    "near_miss": "nearly missed",
    "off_hours": "answered outside of open hours",
    "open": "not ended yet",
    "judged": "met or breached",
    "fcr": "resolved by one answer",
    "repeat_contact": "asked again",
}
"""States whose names are no words."""


def told(which: Which, total: int, tickets: int) -> str:
    """``7 first responses, breached, of 6 tickets``."""
    state = f", {WORDS.get(which.state, which.state)}" if which.state in {**STATES, **OUTCOMES} else ""
    of = "" if which.figure == "ticket" else f", of {counted(tickets, 'ticket')}"
    return f"{counted(total, NOUNS[which.figure])}{state}{of}"


NOUNS = {
    "any": "promise",
    "responses": "answer that was called for",
    "ticket": "ticket",
    "mail": "mail",
    **{figure: one.name for figure, one in PROMISED.items()},
}


def permitted(which: Which, rule: People, viewer: str | None) -> Which:
    """The same without asking for one person's, unless somebody may see that person's figures."""
    alone = rule == "all" or (rule == "self" and which.agent.lower() == (viewer or "").lower())
    return which if alone else which.model_copy(update={"agent": ""})


def _asked(look: Look) -> tuple[Which, bool]:
    """What is asked for, as far as it may be; and whether the list may name agents."""
    rule = look.visit.site.settings().privacy.people
    which = read(Which, dict(look.visit.query))
    return permitted(which, rule, look.visit.viewer.address), rule == "all"


def show(visit: Visit) -> Response:
    """The list."""
    look = Look(visit)
    which, with_agent = _asked(look)
    found = behind(look, which).collect()
    total = found.height
    page = min(which.page, pages(total))
    of_account = look.accounts.filter(pl.col("account_id") == which.account)["name"]
    return look.render(
        "sla/tickets.html.j2",
        which=which,
        rows=listed(look, found, page=page),
        total=total,
        told=told(which, total, found["conversation"].n_unique()),
        account=next(iter(of_account.drop_nulls()), which.account),
        hour=_moment(which),
        mixed=which.figure in {"any", "responses"},
        promises=which.figure not in {"ticket", "mail"},
        with_agent=with_agent,
        page=page,
        pages=pages(total),
        kept=which.model_dump(exclude_defaults=True, exclude={"page"}),
    )


def _moment(which: Which) -> str:
    """``asked on Mondays from 9 to 10``; nothing where no hour was asked for."""
    day = "" if which.weekday is None else f" on {DAYS[which.weekday]}s"
    at = (
        ""
        if which.hour is None
        else f" from {which.hour} to {which.hour + 1} o\N{RIGHT SINGLE QUOTATION MARK}clock"
    )
    what = "sent" if which.figure == "mail" else which.at
    return f"{what}{day}{at}" if day or at else ""


EXPORTED = (
    *("ticket", "account_id", "name", "tier", "contact", "subject", "opened_at", "figure", "agent"),
    *COLUMNS[5:],
)


def export(visit: Visit) -> Response:
    """All of it as a file for a spreadsheet."""
    look = Look(visit)
    which, with_agent = _asked(look)
    rows = with_tickets(look, behind(look, which).collect()).select(EXPORTED)
    return csv_of(rows if with_agent else rows.drop("agent"), name="tickets.csv")


PAGES = (
    Page(path="/sla/tickets", roles=ROLES, show=show),
    Page(path="/sla/tickets.csv", roles=ROLES, show=export),
)
