"""Service levels: what `mailsignals sla` writes by group, and every ticket."""

from typing import Annotated, Literal

import polars as pl
from fastapi import APIRouter, Depends
from fastapi import Query as In
from starlette.responses import Response

from mailsignals.readmodel.editions import Edition
from mailsignals.sla.compliance import By, Period
from mailsignals.sla.promises import Promises
from mailsignals.sla.report import report
from mailsignals.sla.tickets import Tickets as Desk
from mailsignals.web.api.lists import WHOLE, Rows, listed
from mailsignals.web.api.periods import PeriodQuery
from mailsignals.web.api.problems import ProblemError
from mailsignals.web.api.request import ApiRequest, asks
from mailsignals.web.api.slarows import FigureRow, TicketRow
from mailsignals.web.people import may_be_shown
from mailsignals.web.roles import Role

router = APIRouter(tags=["service levels"])

ROLES = frozenset({Role.LEAD, Role.HEAD})

GROUPS = {By.TIER: "tier", By.ACCOUNT: "account_id", By.AGENT: "agent", By.WEEK: "week"}
"""The column that names the group."""

COUNTED = {
    "ticket_rows": (
        *("opened_at", "tier", "account", "agent", "resolved_at"),
        *("fcr", "reopened", "escalated", "repeat_contact", "dismissed", "closed"),
    ),
    "sla_cases": (
        *("started_at", "ended_at", "figure", "group", "account", "agent"),
        *("verdict", "hours", "business_hours", "off_hours", "near_miss"),
    ),
    "answers": ("sent_at", "person"),
}
"""What ``report`` counts of the prepared tables, the column of time first."""

Verdict = Literal["met", "breached", "pending"]


class Figures(Rows[FigureRow]):
    """A page of figures."""


class Tickets(Rows[TicketRow]):
    """A page of tickets."""


class FigureQuery(PeriodQuery):
    """Which figures."""

    by: By = By.TIER
    """What they are grouped by."""


class TicketQuery(PeriodQuery):
    """Which tickets: those opened in the period."""

    account_id: str | None = None
    """Only those of this account."""
    tier: str | None = None
    """Only those of this tier, or of ``no target``."""
    agent: str | None = None
    """Only those of this agent, by address."""
    first_response: Verdict | None = None
    """Only those whose first response has this verdict."""
    resolution: Verdict | None = None
    """Only those whose resolution has this verdict."""
    open: bool | None = None
    """Only those that are not resolved, or only those that are."""


@router.get("/sla", response_model=Figures, responses=WHOLE, summary="Were promises kept, by group")
def figures(
    query: Annotated[FigureQuery, In()], ask: Annotated[ApiRequest, Depends(asks(ROLES))]
) -> Response:
    """How many promises of the period were kept, and how long customers waited, by tier, account, agent or week.

    By agent as far as `privacy.people` lets figures of single people be shown.
    """
    period = _period(ask, query)
    rows = ask.edition.remembered(("api sla", query.by, period), lambda: _figures(ask, period, query.by))
    if query.by is By.AGENT:
        rows = rows.filter(_may_be_shown(ask, "agent"))
    return listed(ask, query, rows)


@router.get("/sla/tickets", response_model=Tickets, responses=WHOLE, summary="Every ticket")
def tickets(
    query: Annotated[TicketQuery, In()], ask: Annotated[ApiRequest, Depends(asks(ROLES))]
) -> Response:
    """What was asked of support in the period, the oldest first, with what came of it.

    `agent` and `first_agent` are null where `privacy.people` keeps who it was from whoever asks.
    """
    period = _period(ask, query)
    names = ("account_id", "tier", "agent", "first_response", "resolution")
    wanted = [pl.col(name) == value for name in names if (value := getattr(query, name)) is not None]
    if query.open is not None:
        wanted.append(pl.col("resolved_at").is_null() == query.open)
    if query.agent is not None:
        wanted.append(_may_be_shown(ask, "agent"))
    wanted.append(period.holds("opened_at"))
    people = [pl.when(_may_be_shown(ask, name)).then(name).alias(name) for name in ("agent", "first_agent")]
    if query.account_id is not None:
        own = ask.edition.scan("tickets_by_account").filter(pl.col("account_id") == query.account_id)
        return listed(ask, query, own.select(TicketRow.columns()).with_columns(people).collect(), *wanted)
    rows = ask.edition.scan("ticket_rows").select(TicketRow.columns()).with_columns(people)
    return listed(ask, query, rows, *wanted, keys=_keys(ask.edition))


def _keys(edition: Edition) -> pl.DataFrame:
    """What tickets are chosen by, of all of them and in small."""
    texts = pl.col("tier", "agent", "first_response", "resolution").cast(pl.Categorical)
    rows = edition.scan("ticket_rows").select("opened_at", "resolved_at", texts)
    return edition.remembered("api ticket keys", rows.collect)


def figures_of(
    edition: Edition, period: Period, *, by: By, timezone: str, promises: Promises
) -> pl.DataFrame:
    """What ``report`` says of a period, with the group's own column."""
    found = report(desk_of(edition, period), period, by=by, timezone=timezone, promises=promises)
    if by is By.ACCOUNT:
        ids = edition.table("accounts").select(by="account", id="account_id")
        found = found.join(ids, on="by", how="inner", maintain_order="left").with_columns(by="id").drop("id")
    return found.rename({"by": GROUPS[by]})


def desk_of(edition: Edition, period: Period) -> Desk:
    """The desk, as far as a period and the one before it need it, with addresses for the numbers of agents."""
    whole = Period(since=period.before.since, until=period.until)
    tickets, cases, answers = pl.collect_all(
        edition.scan(table).filter(whole.holds(moment)).select(moment, *columns)
        for table, (moment, *columns) in COUNTED.items()
    )
    return Desk(as_of=edition.as_of, tickets=tickets, cases=cases, sent=answers)


def _may_be_shown(ask: ApiRequest, column: str) -> pl.Expr:
    """Whether whoever asks may see a row as one of the person in a column, as ``privacy.people`` has it."""
    return may_be_shown(
        pl.col(column).cast(pl.String), ask.site.settings().privacy.people, ask.viewer.address
    )


def _period(ask: ApiRequest, query: PeriodQuery) -> Period:
    try:
        return query.period(as_of=ask.edition.as_of, timezone=ask.timezone)
    except ValueError as error:
        raise ProblemError(422, "bad-parameter", f"{error}") from None


def _figures(ask: ApiRequest, period: Period, by: By) -> pl.DataFrame:
    """The names of tiers are those of the configuration; which accounts they have does not matter here."""
    promises = ask.site.settings().promises(pl.Series([], dtype=pl.String))
    return figures_of(ask.edition, period, by=by, timezone=ask.timezone, promises=promises)
