"""An account and its recorded days as the API answers them, field by field."""

import datetime as dt
from typing import Annotated, Literal, TypeAlias

import pydantic

from mailsignals.readmodel.tables.accounts import FIGURES
from mailsignals.web.api import figures
from mailsignals.web.api.lists import Row

MOMENT = ("days_since_inbound", "days_since_outbound", "days_since_checkin", "open_turns")


Chance: TypeAlias = Annotated[float, pydantic.Field(ge=0, le=1)]
Level: TypeAlias = Literal["high", "medium", "low"]
State: TypeAlias = Literal[
    "active", "seldom_writes", "new", "lapsed", "never_heard", "not_enough_sight", "churned", "not_started"
]


class Reason(Row):
    """A reason for the risk of an account: a theme of terms that raise it above that of the usual account."""

    cause: Literal["quiet", "leaving"] | None
    """The cause that it belongs to; null where it says why an account has no level."""
    mark: str
    """Its theme: ``silence``, ``people``, ``answers``, ``friction``, ``service`` or ``contract``."""
    signal: str
    """The signal that it rests on."""
    value: float | None
    """The number, in the signal's unit."""
    before: float | None
    """What it was before or usually is, in the same unit."""
    share: Chance | None
    """Its share of the risk."""
    text: str
    """The reason in a sentence."""


class Fact(Row):
    """A fact that is also worth knowing: a rule that holds and drives nothing."""

    mark: str
    """The rule."""
    signal: str
    """The signal that it rests on."""
    value: float | None
    """The number, in the signal's unit."""
    before: float | None
    """What it was before, in the same unit."""
    text: str
    """The fact in a sentence."""


class _Known(Row):
    account_id: str
    """As in the account book."""
    as_of: pydantic.AwareDatetime
    """The instant; nothing later counts."""
    name: str | None
    """As in the account book."""
    tier: str | None
    """As in the account book."""
    csm: str | None
    """Who looks after it, by address."""
    started_on: dt.date | None
    """When it became a customer."""
    churned_on: dt.date | None
    """When it left, as the account book or somebody says."""
    renewal_on: dt.date | None
    """When its contract is renewed."""
    arr: float | None
    """Annual recurring revenue, in the currency of the account book."""
    state: State
    """Its state; only an active account has a level."""
    risk: Chance | None
    """What orders accounts: the chance that it goes quiet or churns within 90 days, or a model's of churn alone."""
    quiet: Chance | None
    """The probability that nothing comes from it within 90 days; null for an account that is silent already."""
    leaving: Chance | None
    """The probability that it churns within 90 days; assumed until churn dates are known."""
    level: Level | None
    """By risk, and by how many accounts a CSM can look after."""
    source: str
    """What judged it: ``quiet+scorecard``, ``quiet+`` and a model's id, or the id of the model that sets the order."""
    expected_loss: float | None
    """``leaving`` times ``arr``; null while fewer than 20 churned accounts are known."""
    reasons: list[Reason]
    """What raises its risk, the largest share first."""
    also: list[Fact]
    """What is also worth knowing."""
    back_again: Chance | None
    """Of an account in the state ``lapsed``: the probability that it writes within 90 days; null if unknown."""
    days_silent: int | None
    """Whole days since its last mail; null if it never wrote."""
    flagged_on: dt.date | None
    """Since which day it is flagged, if scores are recorded and it is in the news."""


AccountRow = pydantic.create_model(
    "AccountRow",
    __base__=_Known,
    __doc__="An account with its risk, and the signals that say most.",
    **figures.fields(MOMENT),
    **figures.fields(FIGURES, window_days=30),
    **figures.fields(FIGURES, window_days=90),
)


class Day(Row):
    """The risk of an account on one day, as it was recorded then."""

    account_id: str
    """As in the account book."""
    scored_on: dt.date
    """The day, in the company's time zone."""
    scored_at: pydantic.AwareDatetime
    """The instant that was recorded."""
    state: str
    """Its state, in the words of the program that recorded it."""
    level: Level | None
    """Its level."""
    risk: Chance | None
    """What ordered accounts; null on days that were recorded without a probability."""
    quiet: Chance | None
    """The probability that it went quiet within 90 days; null on days recorded before that was computed."""
    leaving: Chance | None
    """The probability that it churned within 90 days; null on days recorded before that was computed."""
    source: str | None
    """What judged it. Days of different sources can't be compared."""
