"""The tickets that a viewer may see: of a period, one by one, and as a list for programs."""

import dataclasses
import datetime as dt
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import polars as pl

from mailsignals.readmodel.queries.accounts import visible_accounts
from mailsignals.readmodel.queries.scope import Scope
from mailsignals.readmodel.tables.tickets import Clock, on_clock
from mailsignals.sla.compliance import Period

T = TypeVar("T")

JUST_AFTER = dt.timedelta(microseconds=1)


def ticket_accounts(scope: Scope) -> pl.DataFrame:
    """Return the accounts whose tickets the viewer may see.

    Returns:
        ``account``, ``account_id``, ``name``, ``tier`` and ``csm``.
    """
    rows = scope.edition.table("accounts") if scope.viewer.sees_all_tickets else visible_accounts(scope)
    return rows.select("account", "account_id", "name", "tier", "csm")


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class TicketScope:
    """The tickets of a period that a viewer may see, in business or calendar hours."""

    scope: Scope
    period: Period
    clock: Clock = "calendar"

    @functools.cached_property
    def accounts(self) -> pl.DataFrame:
        """The accounts whose tickets the viewer may see, as ``ticket_accounts`` returns them."""
        return ticket_accounts(self.scope)

    def cases(self, period: Period | None = None) -> pl.LazyFrame:
        """Return the cases that started in a period, by default its own."""
        within = (period or self.period).holds("started_at")
        return on_clock(self._own("sla_cases").filter(within), self.clock)

    def tickets(self, period: Period | None = None) -> pl.LazyFrame:
        """Return the tickets that were opened in a period, by default its own."""
        return self._own("sla_tickets").filter((period or self.period).holds("opened_at"))

    def mails(self, period: Period | None = None) -> pl.LazyFrame:
        """Return the emails of agents in tickets in a period, by default its own."""
        within = (period or self.period).holds("sent_at")
        return self._own("sla_mails").filter(within, pl.col("outbound"))

    def _own(self, table: str) -> pl.LazyFrame:
        rows = self.scope.edition.scan(table)
        if self.scope.viewer.sees_all_tickets:
            return rows
        return rows.filter(pl.col("account").is_in(self.accounts["account"].implode()))

    def remembered(self, what: str, make: Callable[[], T]) -> T:
        """Return figures for this period, clock and viewer, computed once per edition."""
        viewer = self.scope.viewer
        whose = None if viewer.sees_all_tickets else viewer.address
        period = self.period
        key = ("sla", what, period.since, period.until, self.clock, self.scope.timezone, whose)
        return self.scope.edition.remembered(key, make)


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Ticket:
    """One ticket with its cases and emails."""

    row: Mapping[str, Any]
    """Of ``sla_tickets``, with the account's ``name`` and ``csm``."""
    cases: pl.DataFrame
    """Its cases with verdicts in business and calendar hours, for ``on_clock``."""
    mails: pl.DataFrame
    """Its emails by time."""


def find_ticket(scope: Scope, ticket: str) -> Ticket | None:
    """Return the ticket with an id; None if it is unknown or the viewer may not see it."""
    place = scope.edition.scan("sla_ids").filter(pl.col("ticket") == ticket).collect()
    own = ticket_accounts(scope).select("account", "name", "csm")
    found = (
        scope.edition.scan("sla_tickets")
        .filter(pl.col("opened_at") == pl.lit(place["opened_at"].first()), pl.col("ticket") == ticket)
        .collect()
        .join(own, on="account", how="inner")
    )
    if found.is_empty():
        return None
    row = found.row(0, named=True)
    cases, mails = (
        _of(scope, table, moment, row)
        for table, moment in (("sla_cases", "started_at"), ("sla_mails", "sent_at"))
    )
    return Ticket(row=row, cases=cases, mails=mails)


def _of(scope: Scope, table: str, moment: str, ticket: Mapping[str, Any]) -> pl.DataFrame:
    """Return the rows of a ticket, which lie between its first and last email."""
    within = Period(since=ticket["opened_at"], until=ticket["until"] + JUST_AFTER)
    of_ticket = pl.col("conversation") == ticket["conversation"]
    return scope.edition.scan(table).filter(within.holds(moment), of_ticket).collect()


@dataclasses.dataclass(frozen=True, kw_only=True)
class TicketFilter:
    """Filters of tickets for programs; None matches everything."""

    account_id: str | None = None
    tier: str | None = None
    agent: str | None = None
    """An address; matches nothing if the viewer may not see the agent's figures."""
    first_response: str | None = None
    """A verdict."""
    resolution: str | None = None
    """A verdict."""
    open: bool | None = None
    """True for open tickets, false for resolved ones."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class TicketList:
    """A list of tickets, oldest first, and the conditions of a filter."""

    rows: pl.DataFrame | pl.LazyFrame
    """``agent`` and ``first_agent`` are null where ``privacy.people`` hides them from the viewer."""
    conditions: Sequence[pl.Expr]
    keys: pl.DataFrame | None
    """The columns of the conditions for all rows in order, if they are in memory."""


def account_of_ticket(scope: Scope, ticket: str) -> str | None:
    """Return the id of the account of a ticket, visible to the viewer or not; None for an unknown ticket."""
    place = scope.edition.scan("sla_ids").filter(pl.col("ticket") == ticket).select("opened_at")
    found = (
        scope.edition.scan("sla_tickets")
        .filter(pl.col("ticket") == ticket)
        .join(place, on="opened_at", how="semi")
        .select("account")
        .join(scope.edition.table("accounts").lazy().select("account", "account_id"), on="account")
        .collect()
    )
    return None if found.is_empty() else str(found["account_id"][0])


def ticket_list(scope: Scope, wanted: TicketFilter, period: Period, columns: Sequence[str]) -> TicketList:
    """Return the tickets that were opened in a period; only for viewers who see all tickets.

    Args:
        scope: of the viewer.
        wanted: filters.
        period: of their opening.
        columns: of ``ticket_rows``.
    """
    conditions = _conditions(scope, wanted, period)
    people = [pl.when(scope.may_show(name)).then(name).alias(name) for name in ("agent", "first_agent")]
    if wanted.account_id is not None:
        own = scope.edition.scan("tickets_by_account").filter(pl.col("account_id") == wanted.account_id)
        rows = own.select(columns).with_columns(people).collect()
        return TicketList(rows=rows, conditions=conditions, keys=None)
    everything = scope.edition.scan("ticket_rows").select(columns).with_columns(people)
    return TicketList(rows=everything, conditions=conditions, keys=_keys(scope))


def _conditions(scope: Scope, wanted: TicketFilter, period: Period) -> list[pl.Expr]:
    names = ("account_id", "tier", "agent", "first_response", "resolution")
    found = [pl.col(name) == value for name in names if (value := getattr(wanted, name)) is not None]
    if wanted.open is not None:
        found.append(pl.col("resolved_at").is_null() == wanted.open)
    if wanted.agent is not None:
        found.append(scope.may_show("agent"))
    found.append(period.holds("opened_at"))
    return found


def _keys(scope: Scope) -> pl.DataFrame:
    """Return the columns of conditions for all tickets, in a compact form."""
    texts = pl.col("tier", "agent", "first_response", "resolution").cast(pl.Categorical)
    rows = scope.edition.scan("ticket_rows").select("opened_at", "resolved_at", texts)
    return scope.edition.remembered("api ticket keys", rows.collect)
