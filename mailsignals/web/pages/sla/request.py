"""A request for a page about service levels, with the switches and links of all those pages."""

import dataclasses
import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

import pydantic
from starlette.responses import Response

from mailsignals.readmodel.queries.accounts import visible_accounts
from mailsignals.readmodel.queries.tickets import TicketScope
from mailsignals.readmodel.roles import Role
from mailsignals.readmodel.tables.tickets import Clock
from mailsignals.sla import definitions
from mailsignals.sla.promises import Promises
from mailsignals.web import urls
from mailsignals.web.page import PageRequest
from mailsignals.web.pages.accounts import ROLES as ACCOUNT_ROLES
from mailsignals.web.pages.sla.figures import FEW
from mailsignals.web.pages.sla.periods import SWITCHES, USUAL, Span, period_address, span_of

ROLES = frozenset({Role.LEAD, Role.HEAD, Role.CSM})

ROWS = 50
"""Rows per page of a list."""

TABS = {
    "/sla": "By tier",
    "/sla/queue": "Queue",
    "/sla/accounts": "By account",
    "/sla/agents": "By agent",
    "/sla/workload": "Workload",
    "/sla/hours": "Hours of the week",
}
CLOCKS = {"calendar": "Business hours", "wall": "Calendar hours"}
NAMES = {figure: one.name.capitalize() for figure, one in definitions.PROMISED.items()}

USUALLY: Mapping[str, object] = MappingProxyType({"period": USUAL, "clock": "calendar", "page": 1})
"""Default values, which addresses leave out."""

Figure = Literal["first_response", "next_response", "resolution"]


class SlaQuery(pydantic.BaseModel):
    """The parameters of these pages; invalid values are ignored."""

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    period: str = USUAL
    since: Annotated[str, pydantic.Field(alias="from")] = ""
    until: Annotated[str, pydantic.Field(alias="to")] = ""
    clock: Clock = "calendar"
    figure: Figure = "first_response"
    sort: str = ""
    tier: str = ""
    csm: str = ""
    agent: str = ""
    state: str = ""
    q: str = ""
    page: Annotated[int, pydantic.Field(ge=1, le=1_000_000)] = 1


@dataclasses.dataclass(frozen=True, eq=False)
class SlaRequest:
    """One request for a page about service levels."""

    visit: PageRequest

    @functools.cached_property
    def asked(self) -> SlaQuery:
        """The parameters of the address."""
        return urls.read_query(SlaQuery, dict(self.visit.query))

    @property
    def timezone(self) -> str:
        """The company's time zone, in which days start."""
        return self.visit.scope.timezone

    @functools.cached_property
    def tickets(self) -> TicketScope:
        """The tickets of the period that the viewer may see."""
        return TicketScope(scope=self.visit.scope, period=self.span.period, clock=self.asked.clock)

    @property
    def promises(self) -> Promises:
        """The targets of the accounts of the edition."""

        def make() -> Promises:
            tiers = self.visit.edition.table("accounts").sort("account")["tier"]
            return self.visit.site.settings().promises(tiers)

        return self.visit.edition.remembered("promises", make)

    @functools.cached_property
    def span(self) -> Span:
        """The requested period; the default one if the request is invalid."""
        found = self._span(period_address(self.asked.since, self.asked.until, today=self._usual.last_on))
        return found or self._span(self.asked.period) or self._usual

    @functools.cached_property
    def misread(self) -> bool:
        """True if the requested period is invalid."""
        named = self.asked.since or self.asked.until or self.asked.period != USUAL
        return bool(named) and self.span.key == USUAL

    def _span(self, asked: str) -> Span | None:
        return span_of(asked, as_of=self.visit.edition.as_of, timezone=self.timezone)

    @functools.cached_property
    def _usual(self) -> Span:
        found = self._span(USUAL)
        assert found is not None
        return found

    def link(self, path: str = "", **changes: Any) -> str:  # noqa: ANN401  # whatever a query may hold
        """Return the address of a page for the same period and hours, with some parameters changed."""
        kept = {"period": self.span.key, "clock": self.asked.clock}
        return urls.shortest(path or self.visit.request.url.path, kept | changes, usual=USUALLY)

    def behind(self, **which: Any) -> str:  # noqa: ANN401
        """Return the address of the list of cases that a number counts."""
        return self.link("/sla/tickets", **which)

    def opens(self, account_id: str) -> bool:
        """Return true if the viewer may open the page of an account."""
        return self.visit.viewer.sees_all_accounts or account_id in self._theirs

    @functools.cached_property
    def _theirs(self) -> frozenset[str]:
        if not self.visit.viewer.may_see(ACCOUNT_ROLES):
            return frozenset()
        return frozenset(visible_accounts(self.visit.scope)["account_id"])

    def render(self, template: str, *, status: int = 200, clocked: bool = True, **view: object) -> Response:
        """Return a page with its switches; ``clocked`` adds the switch between business and calendar hours."""
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
