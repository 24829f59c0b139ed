"""Risk levels, weights of the scorecard, and thresholds of remarks: ``[risk]``."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from mailsignals.config.section import Chance, Count, Days, Number, Section, Share

_Positive = Annotated[int, Field(strict=True, ge=1)]


class Weights(Section):
    """``[risk.weights]``: the weight of each block of the scorecard."""

    activity: Number = 2.0
    """Volume and regularity of the customer's emails."""
    response: Number = 2.0
    """Response time and response rate of the customer."""
    breadth: Number = 1.0
    """Number of active contacts."""
    friction: Number = 1.0
    """Urgent emails, more people in CC, bursts of support emails."""
    ours: Number = 0.5
    """Our response time and frequency."""

    @model_validator(mode="after")
    def _weigh_something(self) -> Self:
        if not any((self.activity, self.response, self.breadth, self.friction, self.ours)):
            raise ValueError("all weights are 0, so accounts can't be ranked; raise one of them")
        return self


class Marks(Section):
    """``[risk.marks]``: the thresholds of the remarks under "Also worth knowing"."""

    no_checkin_days: Days = 30
    """Days since customer success last started a conversation."""
    inbound_drop: Share = 0.4
    """Share (0 to 1) by which the customer's emails fell compared with the 90 days before."""
    inbound_drop_from: _Positive = 5
    """Smallest number of emails in those 90 days before; with fewer, a drop isn't shown."""
    customer_slowdown: Annotated[float, Field(strict=True, gt=1, allow_inf_nan=False)] = 3.0
    """The customer's median response time of 30 days, as a multiple of that of the 90 days before."""
    customer_slowdown_turns: _Positive = 3
    """Smallest number of replies in each of the two periods; with fewer, a slowdown isn't shown."""
    response_rate_drop: Share = 0.25
    """Difference (0 to 1) between the thread response rates of 90 and of 30 days."""
    response_rate_threads: _Positive = 3
    """Smallest number of conversations that we started; with fewer, this isn't shown."""
    unanswered_checkin_days: Days = 7
    """Days for which a check-in is unanswered."""
    followups: _Positive = 2
    """Number of follow-ups without a response in 60 days."""
    single_contact_breadth: Annotated[float, Field(strict=True, ge=1, allow_inf_nan=False)] = 1.2
    """Contact breadth of 90 days below which an account depends on one person."""
    single_contact_inbound: _Positive = 10
    """Smallest number of the customer's emails in 90 days; with fewer, this isn't shown."""
    no_meeting_times: Annotated[float, Field(strict=True, gt=1, allow_inf_nan=False)] = 2.0
    """Days without a meeting, as a multiple of the usual interval between meetings."""
    no_meeting_from: _Positive = 4
    """Smallest number of days with a meeting in a year; with fewer, no usual interval is known."""


class RiskSection(Section):
    """``[risk]``: levels, the assumed churn rate, and thresholds for comparing an account with its own past."""

    accounts_per_csm: _Positive = 5
    """Largest number of accounts at high risk per CSM and day, at most a tenth of the CSM's active accounts."""
    high_risk: Chance = 0.20
    """The risk, above 0 and below 1, from which an account can be at high risk."""
    medium_risk: Chance = 0.10
    """The risk from which an account is at medium risk; not above ``high_risk``."""
    churn_a_year: Chance = 0.12
    """The share of customers assumed to churn in a year, until churn dates are known."""
    min_touches: Count = 5
    """With fewer emails in 180 days, an account isn't compared with its own past."""
    max_visibility_gap: Share = 0.5
    """An account has no risk if more than this share (0 to 1) of the emails that its emails refer to isn't stored."""
    weights: Weights = Weights()
    """The weight of each block of the scorecard."""
    marks: Marks = Marks()
    """The thresholds of remarks."""

    @model_validator(mode="after")
    def _order_levels(self) -> Self:
        if self.medium_risk > self.high_risk:
            raise ValueError(
                f"medium_risk ({self.medium_risk:g}) is above high_risk ({self.high_risk:g}); lower medium_risk or "
                "raise high_risk"
            )
        return self
