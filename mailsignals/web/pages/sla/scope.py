"""What every page on service levels looks at: the prepared tables, cut to a period and to whom somebody may see."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, TypeVar

import polars as pl
from starlette.responses import Response

from mailsignals.readmodel.tables.tickets import on_clock
from mailsignals.sla import definitions
from mailsignals.sla.compliance import Period
from mailsignals.web.page import PageRequest
from mailsignals.web.pages.accounts import ROLES as ACCOUNT_ROLES
from mailsignals.web.pages.accounts import visible
from mailsignals.web.pages.sla.asked import Asked, address, read
from mailsignals.web.pages.sla.figures import FEW
from mailsignals.web.pages.sla.periods import SWITCHES, USUAL, Span, span_of, written
from mailsignals.web.roles import Role, Viewer

ROLES = frozenset({Role.LEAD, Role.HEAD, Role.CSM})

TABS = {
    "/sla": "By tier",
    "/sla/queue": "Queue",
    "/sla/accounts": "By account",
    "/sla/agents": "By agent",
    "/sla/workload": "Workload",
    "/sla/hours": "Hours of the week",
}
CLOCKS = {"calendar": "Open hours", "wall": "Round the clock"}
NAMES = {figure: one.name.capitalize() for figure, one in definitions.PROMISED.items()}

T = TypeVar("T")


def sees_all(viewer: Viewer) -> bool:
    """Whether the tickets of all accounts are theirs to see; a CSM's are those of the own accounts."""
    return not viewer.roles.isdisjoint({Role.LEAD, Role.HEAD})


@dataclasses.dataclass(frozen=True, eq=False)
class TicketScope:
    """One visit to a page on service levels."""

    visit: PageRequest

    @functools.cached_property
    def asked(self) -> Asked:
        """What stands in the address."""
        return read(Asked, dict(self.visit.query))

    @functools.cached_property
    def timezone(self) -> str:
        """That of the company, in which days begin."""
        return self.visit.site.settings().company.timezone

    @functools.cached_property
    def span(self) -> Span:
        """The period that was asked for; the usual one, if that makes no sense."""
        found = self._span(written(self.asked.since, self.asked.until, today=self._usual.last_on))
        return found or self._span(self.asked.period) or self._usual

    @functools.cached_property
    def misread(self) -> bool:
        """Whether a period was asked for that makes no sense."""
        named = self.asked.since or self.asked.until or self.asked.period != USUAL
        return bool(named) and self.span.key == USUAL

    def _span(self, asked: str) -> Span | None:
        return span_of(asked, as_of=self.visit.edition.as_of, timezone=self.timezone)

    @functools.cached_property
    def _usual(self) -> Span:
        found = self._span(USUAL)
        assert found is not None
        return found

    @functools.cached_property
    def accounts(self) -> pl.DataFrame:
        """``account``, ``account_id``, ``name``, ``tier`` and ``csm`` of the accounts whose tickets they may see."""
        rows = self.visit.edition.table("accounts")
        own = rows if sees_all(self.visit.viewer) else visible(rows, self.visit.viewer)
        return own.select("account", "account_id", "name", "tier", "csm")

    def cases(self, period: Period | None = None) -> pl.LazyFrame:
        """The promises that began in a period, by default that of the page, judged by the clock that was asked for."""
        within = (period or self.span.period).holds("started_at")
        return on_clock(self._own("sla_cases").filter(within), self.asked.clock)

    def tickets(self, period: Period | None = None) -> pl.LazyFrame:
        """The tickets that were opened in it."""
        return self._own("sla_tickets").filter((period or self.span.period).holds("opened_at"))

    def mails(self, period: Period | None = None) -> pl.LazyFrame:
        """What we wrote in tickets during it."""
        within = (period or self.span.period).holds("sent_at")
        return self._own("sla_mails").filter(within, pl.col("outbound"))

    def _own(self, table: str) -> pl.LazyFrame:
        rows = self.visit.edition.scan(table)
        if sees_all(self.visit.viewer):
            return rows
        return rows.filter(pl.col("account").is_in(self.accounts["account"].implode()))

    def remembered(self, what: str, make: Callable[[], T]) -> T:
        """Figures of this period, clock and viewer, which are made once an edition."""
        viewer = self.visit.viewer
        whose = None if sees_all(viewer) else viewer.address
        period = self.span.period
        key = ("sla", what, period.since, period.until, self.asked.clock, self.timezone, whose)
        return self.visit.edition.remembered(key, make)

    def link(self, path: str = "", **changes: Any) -> str:  # noqa: ANN401  # whatever a query may hold
        """The address of a page on the same period and clock, with something changed."""
        kept = {"period": self.span.key, "clock": self.asked.clock}
        return address(path or self.visit.request.url.path, **kept | changes)

    def behind(self, **which: Any) -> str:  # noqa: ANN401
        """The address of the list of what a number counts."""
        return self.link("/sla/tickets", **which)

    def opens(self, account_id: str) -> bool:
        """Whether somebody may open the page of an account, which is not for leads of support."""
        return self.visit.viewer.sees_all_accounts or account_id in self._theirs

    @functools.cached_property
    def _theirs(self) -> frozenset[str]:
        viewer = self.visit.viewer
        rows = self.visit.edition.table("accounts")
        return frozenset(visible(rows, viewer)["account_id"] if viewer.may_see(ACCOUNT_ROLES) else ())

    def render(self, template: str, *, status: int = 200, clocked: bool = True, **view: object) -> Response:
        """A page with its switches; ``clocked``: whether its figures depend on the clock."""
        return self.visit.render(
            template,
            status=status,
            asked=self.asked,
            span=self.span,
            misread=self.misread,
            link=self.link,
            behind=self.behind,
            opens=self.opens,
            clocked=clocked,
            few=FEW,
            tabs=TABS,
            periods=SWITCHES,
            clocks=CLOCKS,
            names=NAMES,
            definitions=definitions,
            company_timezone=self.timezone,
            **view,
        )
