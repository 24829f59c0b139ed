"""The rows of service levels, field by field."""

from typing import Annotated, Literal, TypeAlias

import pydantic

from mailsignals.web.api.lists import Row

Share: TypeAlias = Annotated[float, pydantic.Field(ge=0, le=1)] | None
Verdict: TypeAlias = Literal["met", "breached", "pending"] | None


class FigureRow(Row):
    """One group and figure; which of the first four fields is there is decided by ``by``."""

    tier: str | None = None
    """The tier, or ``no target``."""
    account_id: str | None = None
    """The account, as in the account book."""
    agent: str | None = None
    """Who of us, by address."""
    week: str | None = None
    """The ISO week in the company's time zone, such as 2026-W40."""
    figure: Literal["first_response", "next_response", "resolution"]
    """What was promised."""
    met: int
    """How many promises were kept."""
    breached: int
    """How many were not."""
    pending: int
    """How many are not due yet."""
    compliance: Share
    """Met of met and breached, 0 to 1; null where there is neither."""
    median_hours: float | None
    """Half took no longer, in hours by the clock."""
    median_business_hours: float | None
    """The same in open hours, without what took none of them."""
    p90_hours: float | None
    """Nine in ten took no longer, in hours by the clock."""
    p90_business_hours: float | None
    """The same in open hours."""
    off_hours: int
    """How many came and were answered outside of open hours."""
    near_miss: int
    """How many were kept with less than a fifth of the target left."""
    open: int
    """How many are not answered or not resolved yet."""
    cases: int
    """All, also those that nothing was promised of."""
    compliance_before: Share
    """Compliance in the period of the same length before, 0 to 1."""
    tickets: int
    """Tickets of the group that were opened in the period; the same in each of its rows, like what follows."""
    resolved: int
    """How many of them are resolved."""
    fcr_share: Share
    """Of the resolved, those with one mail of each side, 0 to 1."""
    reopened_share: Share
    """Of the resolved, those that the customer came back to, 0 to 1."""
    escalated_share: Share
    """Of the answered, those in which several of us wrote, 0 to 1."""
    repeat_contact_share: Share
    """Of all, those whose contact had another one resolved in the 7 days before, 0 to 1."""
    dismissed: int
    """Mails that somebody said need no answer."""
    closed: int
    """Lone last words that need none."""
    first_answers: int | None = None
    """With ``by=agent``: tickets that they answered first."""
    outbound: int | None = None
    """With ``by=agent``: mails that they wrote in tickets."""
    outbound_share: Share = None
    """With ``by=agent``: of all agents' mails in tickets, 0 to 1."""


class TicketRow(Row):
    """A ticket with its responses and verdicts."""

    ticket: str
    """Its id, the same in every edition."""
    account_id: str
    """As in the account book."""
    tier: str
    """The tier at the opening, or ``no target``."""
    contact: str
    """Who of the customer wrote, by address."""
    opened_at: pydantic.AwareDatetime
    """When it was opened."""
    agent: str | None
    """Who resolved it or has it now, by address."""
    first_response: Verdict
    """Of the first response; null where nothing was promised."""
    first_response_due_at: pydantic.AwareDatetime | None
    """When it was due."""
    first_response_at: pydantic.AwareDatetime | None
    """When it was given."""
    first_response_hours: float | None
    """How long it took, in hours by the clock."""
    first_response_business_hours: float | None
    """The same in open hours."""
    first_agent: str | None
    """Who gave it or was asked, by address."""
    next_responses_met: int
    """How many of the later responses were in time."""
    next_responses_breached: int
    """How many were not."""
    next_responses_pending: int
    """How many are not due yet."""
    resolution: Verdict
    """Of the resolution; null where nothing was promised."""
    resolution_due_at: pydantic.AwareDatetime | None
    """When it was due."""
    resolved_at: pydantic.AwareDatetime | None
    """When it was resolved."""
    resolution_hours: float | None
    """How long it took, in hours by the clock."""
    resolution_business_hours: float | None
    """The same in open hours."""
    waiting_for: Literal["us", "them"]
    """Who has to write next."""
    inbound_turns: int
    """Turns of the customer."""
    outbound_turns: int
    """Turns of ours."""
    fcr: bool | None
    """Whether it took one mail of each side; null unless resolved."""
    reopened: bool | None
    """Whether the customer came back to it; null unless resolved."""
    escalated: bool | None
    """Whether several of us wrote; null unless answered."""
    repeat_contact: bool
    """Whether the contact had another one resolved in the 7 days before."""
    dismissed: int
    """Mails that somebody said need no answer."""
    closed: int
    """Lone last words that need none."""
