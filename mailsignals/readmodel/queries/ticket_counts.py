"""The cases, tickets or emails that a number on the pages about service levels counts."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar

import polars as pl
import pydantic

from mailsignals.readmodel.queries.scope import Scope
from mailsignals.readmodel.queries.tickets import TicketScope
from mailsignals.sla.cases import BREACHED, MET, PENDING
from mailsignals.sla.compliance import hour, weekday

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
"""States of cases that a number may count."""

OUTCOMES: Mapping[str, pl.Expr] = MappingProxyType(
    {
        "resolved": pl.col("resolved_at").is_not_null(),
        **{flag: pl.col(flag) for flag in ("fcr", "reopened", "escalated", "repeat_contact", "answered")},
    }
)
"""States of tickets that a number may count."""

TRUE = pl.lit(value=True)

MOMENTS = {"asked": "started_at", "answered": "ended_at"}


class TicketCount(pydantic.BaseModel):
    """The selection of cases, tickets or emails that a number counts."""

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    figure: Literal["first_response", "next_response", "responses", "resolution", "any", "ticket", "mail"] = (
        "any"
    )
    """A kind of target; ``responses`` means the first two, and ``ticket`` and ``mail`` count those instead."""
    state: str = ""
    """Of ``STATES``, or ``OUTCOMES`` of tickets."""
    tier: str = ""
    account: str = ""
    agent: str = ""
    at: Literal["asked", "answered"] = "asked"
    """The time that weekday and hour refer to."""
    weekday: Annotated[int | None, pydantic.Field(ge=0, le=6)] = None
    hour: Annotated[int | None, pydantic.Field(ge=0, le=23)] = None


COLUMNS = (
    *("conversation", "opened_at", "account", "figure", "agent", "started_at", "due_at", "ended_at"),
    *("hours", "business_hours", "verdict", "near_miss", "off_hours"),
)
"""The columns of each row; for tickets and emails, columns that don't apply are null."""

OF_TICKET = ("conversation", "ticket", "account_id", "tier", "contact", "subject")


def counted_rows(look: TicketScope, which: TicketCount) -> pl.LazyFrame:
    """Return the rows that a number counts, oldest first, with ``COLUMNS``."""
    numbers = account_of(look, which)["account"].implode() if which.account else None
    account = [] if numbers is None else [pl.col("account").is_in(numbers)]
    sources = {"ticket": _tickets, "mail": _mails}
    rows = sources.get(which.figure, _promises)(look, which)
    return rows.filter(TRUE, *account, *_at(which, look.scope.viewer.timezone)).select(COLUMNS)


def account_of(look: TicketScope, which: TicketCount) -> pl.DataFrame:
    """Return the requested account as one row; empty if the viewer may not see its tickets."""
    return look.accounts.filter(pl.col("account_id") == which.account)


def _promises(look: TicketScope, which: TicketCount) -> pl.LazyFrame:
    figure = {"any": [], "responses": [pl.col("figure") != "resolution"]}.get(
        which.figure, [pl.col("figure") == which.figure]
    )
    return look.cases().filter(
        TRUE, *figure, *_is("group", which.tier), *_is("agent", which.agent), *_of(STATES, which.state)
    )


def _tickets(look: TicketScope, which: TicketCount) -> pl.LazyFrame:
    found = look.tickets().filter(
        TRUE, *_is("tier", which.tier), *_is("agent", which.agent), *_of(OUTCOMES, which.state)
    )
    return _shaped(
        found.rename({"resolved_at": "ended_at"}).with_columns(started_at="opened_at"), figure="ticket"
    )


def _mails(look: TicketScope, which: TicketCount) -> pl.LazyFrame:
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
    """Return rows of tickets or emails with null in the columns of cases."""
    known = rows.collect_schema().names()
    missing = {name: pl.lit(None, dtype=dtype) for name, dtype in _TYPES.items() if name not in known}
    return rows.with_columns(figure=pl.lit(figure), **missing)


def _is(column: str, value: str) -> list[pl.Expr]:
    return [pl.col(column) == value] if value else []


def _of(states: Mapping[str, pl.Expr], state: str) -> list[pl.Expr]:
    return [states[state]] if state in states else []


def _at(which: TicketCount, timezone: str) -> list[pl.Expr]:
    moment = MOMENTS[which.at]
    day = [] if which.weekday is None else [weekday(moment, timezone) == which.weekday]
    return [*day, *([] if which.hour is None else [hour(moment, timezone) == which.hour])]


Count = TypeVar("Count", bound=TicketCount)


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class CountList:
    """The list of rows that a number counts, which is read in parts because it may be long."""

    look: TicketScope
    plan: pl.LazyFrame
    """All rows, oldest first, with ``COLUMNS``."""
    keys: pl.DataFrame
    """``started_at`` and ``conversation`` of all of them."""

    @property
    def total(self) -> int:
        """The number of rows."""
        return self.keys.height

    @property
    def tickets(self) -> int:
        """The number of tickets of these rows."""
        return self.keys["conversation"].n_unique()

    def newest(self, most: int, *, skip: int = 0) -> list[dict[str, Any]]:
        """Return rows with the columns of their tickets, newest first.

        Args:
            most: the largest number of rows.
            skip: the number of newer rows to leave out.
        """
        until = self.total - skip
        since = max(0, until - most)
        if until <= since:
            return []
        times = self.keys["started_at"]
        first, last = times.slice(since, 1).min(), times.slice(until - 1, 1).max()
        within = self.plan.filter(pl.col("started_at").is_between(pl.lit(first), pl.lit(last))).collect()
        newest = within.slice(since - int((times < first).sum()), until - since).reverse()
        return with_tickets(self.look, newest).to_dicts()


def count_list(look: TicketScope, which: TicketCount) -> CountList:
    """Return the list of rows that a number counts."""
    plan = counted_rows(look, which)
    return CountList(look=look, plan=plan, keys=plan.select("started_at", "conversation").collect())


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class NewestRows:
    """The newest rows of a list, and its total."""

    rows: list[dict[str, Any]]
    total: int


def newest_promises(look: TicketScope, state: str, most: int) -> NewestRows:
    """Return the newest cases of the period in a state of ``STATES``, at most ``most``; computed once per edition."""

    def made() -> NewestRows:
        found = count_list(look, TicketCount(figure="any", state=state))
        return NewestRows(rows=found.newest(most), total=found.total)

    return look.remembered(f"latest {state}", made)


def without_hidden_agent(which: Count, scope: Scope) -> Count:
    """Return the selection without its agent, unless the viewer may see that agent's figures."""
    rule, viewer = scope.people, scope.viewer.address
    alone = rule == "all" or (rule == "self" and which.agent.lower() == (viewer or "").lower())
    return which if alone else which.model_copy(update={"agent": ""})


def with_tickets(look: TicketScope, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with ``OF_TICKET`` and the account's ``name`` added."""
    opened_at, conversation = pl.col("opened_at"), pl.col("conversation")
    near = opened_at.is_between(pl.lit(rows["opened_at"].min()), pl.lit(rows["opened_at"].max()))
    tickets = (
        look.scope.edition.scan("sla_tickets")
        .filter(near, conversation.is_in(rows["conversation"].unique().implode()))
        .select(OF_TICKET)
        .collect()
    )
    names = look.accounts.select("account", "name")
    return rows.join(tickets, on="conversation", how="left", maintain_order="left").join(
        names, on="account", how="left", maintain_order="left"
    )
