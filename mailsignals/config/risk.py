"""Levels of risk, and from where on a rule is worth naming: ``[risk]``."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from mailsignals.config.section import Chance, Count, Days, Number, Section, Share

_Positive = Annotated[int, Field(strict=True, ge=1)]


class Weights(Section):
    """``[risk.weights]``: how much each block of the scorecard counts."""

    activity: Number = 2.0
    """How much and how regularly the customer writes."""
    response: Number = 2.0
    """How soon and how often the customer answers."""
    breadth: Number = 1.0
    """How many people there write."""
    friction: Number = 1.0
    """Urgent mail, more people copied, bursts of support mail."""
    ours: Number = 0.5
    """How soon and how often we write."""

    @model_validator(mode="after")
    def _weigh_something(self) -> Self:
        if not any((self.activity, self.response, self.breadth, self.friction, self.ours)):
            raise ValueError("all weights are 0, so nothing could be ranked; raise one of them")
        return self


class Marks(Section):
    """``[risk.marks]``: from where on a mark explains a score."""

    no_checkin_days: Days = 30
    """Days since we last opened a conversation from customer success."""
    inbound_drop: Share = 0.4
    """Share by which the customer's mail fell against the 90 days before."""
    inbound_drop_from: _Positive = 5
    """Mails in those 90 days before, under which a drop is not named."""
    customer_slowdown: Annotated[float, Field(strict=True, gt=1, allow_inf_nan=False)] = 3.0
    """The customer's median response time of 30 days, as a multiple of that of the 90 days before."""
    customer_slowdown_turns: _Positive = 3
    """Answers in each of the two periods, under which a slowdown is not named."""
    response_rate_drop: Share = 0.25
    """How far the thread response rate of 30 days lies under that of 90, as a share of 1."""
    response_rate_threads: _Positive = 3
    """Conversations that we opened, under which this is not named."""
    unanswered_checkin_days: Days = 7
    """Days that a check-in has waited for the customer's answer."""
    followups: _Positive = 2
    """Times that we wrote again in 60 days without an answer."""
    single_contact_breadth: Annotated[float, Field(strict=True, ge=1, allow_inf_nan=False)] = 1.2
    """Contact breadth of 90 days under which everything hangs on one person."""
    single_contact_inbound: _Positive = 10
    """Mails of the customer in 90 days, under which this is not named."""
    no_meeting_times: Annotated[float, Field(strict=True, gt=1, allow_inf_nan=False)] = 2.0
    """Days without a meeting, as a multiple of the usual pause between meetings."""
    no_meeting_from: _Positive = 4
    """Days with a meeting in a year, under which no pause is usual."""


class RiskSection(Section):
    """``[risk]``: levels, the assumed churn rate, and what the comparison with an account's own past needs."""

    accounts_per_csm: _Positive = 5
    """How many accounts per CSM can be at high risk on one day; at most a tenth of the CSM's active accounts."""
    high_risk: Chance = 0.20
    """The risk, over 0 and under 1, from which an account can be at high risk."""
    medium_risk: Chance = 0.10
    """The risk from which an account is at medium risk; not above ``high_risk``."""
    churn_a_year: Chance = 0.12
    """The share of customers assumed to churn in a year, until churn dates are known."""
    min_touches: Count = 5
    """Under this many mails in 180 days an account isn't compared with its own past."""
    max_visibility_gap: Share = 0.5
    """An account has no risk if more than this share of the mails that its mails refer to is not stored."""
    weights: Weights = Weights()
    """How much each block of the scorecard counts."""
    marks: Marks = Marks()
    """From where on a mark is named."""

    @model_validator(mode="after")
    def _order_levels(self) -> Self:
        if self.medium_risk > self.high_risk:
            raise ValueError(
                f"medium_risk ({self.medium_risk:g}) is above high_risk ({self.high_risk:g}); lower medium_risk or "
                "raise high_risk"
            )
        return self
