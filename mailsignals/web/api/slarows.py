"""The fields of service levels and tickets in API responses."""

from typing import Annotated, Literal, TypeAlias

import pydantic

from mailsignals.web.api.lists import Row

Share: TypeAlias = Annotated[float, pydantic.Field(ge=0, le=1)] | None
Verdict: TypeAlias = Literal["met", "breached", "pending"] | None


class FigureRow(Row):
    """The figures of one group and target; ``by`` decides which of the first four fields is present."""

    tier: str | None = None
    """The tier, or ``no target``."""
    account_id: str | None = None
    """The account, as in the account list."""
    agent: str | None = None
    """The address of the agent."""
    week: str | None = None
    """The ISO week in the company's time zone, such as 2026-W40."""
    figure: Literal["first_response", "next_response", "resolution"]
    """The kind of target."""
    met: int
    """The number of cases that met their target."""
    breached: int
    """The number of cases that breached their target."""
    pending: int
    """The number of open cases that aren't due yet."""
    compliance: Share
    """The share of met among met and breached, 0 to 1; null without either."""
    median_hours: float | None
    """The median in calendar hours."""
    median_business_hours: float | None
    """The median in business hours, without cases that took none."""
    p90_hours: float | None
    """The 90th percentile (P90) in calendar hours."""
    p90_business_hours: float | None
    """The 90th percentile (P90) in business hours."""
    off_hours: int
    """The number of cases that were received and answered outside business hours."""
    near_miss: int
    """The number of near misses: met with less than a fifth of the target left."""
    open: int
    """The number of open cases: not answered or not resolved yet."""
    cases: int
    """The number of all cases, including those without a target."""
    compliance_before: Share
    """Compliance in the previous period of the same length, 0 to 1."""
    tickets: int
    """The number of tickets opened in the period. This and the following fields are equal in all rows of a group."""
    resolved: int
    """The number of resolved tickets among them."""
    fcr_share: Share
    """First-contact resolution: the share of resolved tickets with one email from each side, 0 to 1."""
    reopened_share: Share
    """The share of resolved tickets that the customer reopened, 0 to 1."""
    escalated_share: Share
    """The share of answered tickets in which several agents wrote, 0 to 1."""
    repeat_contact_share: Share
    """The share of tickets whose sender had another ticket resolved in the 7 days before, 0 to 1."""
    dismissed: int
    """The number of emails that a person dismissed."""
    closed: int
    """The number of closing emails that need no response, by rule."""
    first_answers: int | None = None
    """With ``by=agent``: the number of first responses."""
    outbound: int | None = None
    """With ``by=agent``: the number of emails in tickets."""
    outbound_share: Share = None
    """With ``by=agent``: the share of all agents' emails in tickets, 0 to 1."""


class TicketRow(Row):
    """A ticket with its responses and verdicts."""

    ticket: str
    """Its id, which never changes."""
    account_id: str
    """As in the account list."""
    tier: str
    """The tier at the opening, or ``no target``."""
    contact: str
    """The address of the customer who opened it."""
    opened_at: pydantic.AwareDatetime
    """The date and time at which it was opened."""
    agent: str | None
    """The address of the agent who resolved it or has it now."""
    first_response: Verdict
    """The verdict of the first response; null without a target."""
    first_response_due_at: pydantic.AwareDatetime | None
    """The due time of the first response."""
    first_response_at: pydantic.AwareDatetime | None
    """The time of the first response."""
    first_response_hours: float | None
    """The first response time in calendar hours."""
    first_response_business_hours: float | None
    """The first response time in business hours."""
    first_agent: str | None
    """The address of the agent who responded first, or received the email."""
    next_responses_met: int
    """The number of later responses that met their target."""
    next_responses_breached: int
    """The number of later responses that breached their target."""
    next_responses_pending: int
    """The number of later responses that aren't due yet."""
    resolution: Verdict
    """The verdict of the resolution; null without a target."""
    resolution_due_at: pydantic.AwareDatetime | None
    """The due time of the resolution."""
    resolved_at: pydantic.AwareDatetime | None
    """The time of the resolution."""
    resolution_hours: float | None
    """The resolution time in calendar hours."""
    resolution_business_hours: float | None
    """The resolution time in business hours."""
    waiting_for: Literal["us", "them"]
    """The side that has to write next: ``us`` (your team) or ``them`` (the customer)."""
    inbound_turns: int
    """The number of times the customer wrote; consecutive emails count once."""
    outbound_turns: int
    """The number of times your team wrote; consecutive emails count once."""
    fcr: bool | None
    """True if it was resolved with one email from each side; null unless resolved."""
    reopened: bool | None
    """True if the customer reopened it; null unless resolved."""
    escalated: bool | None
    """True if several agents wrote; null unless answered."""
    repeat_contact: bool
    """True if the sender had another ticket resolved in the 7 days before."""
    dismissed: int
    """The number of emails that a person dismissed."""
    closed: int
    """The number of closing emails that need no response, by rule."""
