"""The fields of an account and of its recorded days in API responses."""

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
    """A reason why the risk of an account is above average."""

    cause: Literal["quiet", "leaving"] | None
    """``quiet`` (chance of going quiet) or ``leaving`` (churn); null for the reason why an account has no level."""
    mark: str
    """Its theme: ``silence``, ``people``, ``answers``, ``friction``, ``service`` or ``contract``."""
    signal: str
    """The signal behind it."""
    value: float | None
    """The value, in the unit of the signal."""
    before: float | None
    """The earlier or usual value, in the same unit."""
    share: Chance | None
    """Its share of the risk, 0 to 1."""
    text: str
    """The reason as a sentence."""


class Fact(Row):
    """A fact that is also worth knowing, but does not affect the risk."""

    mark: str
    """The name of the rule."""
    signal: str
    """The signal behind it."""
    value: float | None
    """The value, in the unit of the signal."""
    before: float | None
    """The earlier value, in the same unit."""
    text: str
    """The fact as a sentence."""


class _Known(Row):
    account_id: str
    """As in the account list."""
    as_of: pydantic.AwareDatetime
    """The date and time of the figures, which contain nothing later."""
    name: str | None
    """As in the account list."""
    tier: str | None
    """As in the account list."""
    csm: str | None
    """The address of its CSM."""
    started_on: dt.date | None
    """The date on which it became a customer."""
    churned_on: dt.date | None
    """The churn date, from the account list or from feedback."""
    renewal_on: dt.date | None
    """The date of the next renewal."""
    arr: float | None
    """Annual recurring revenue, in the currency of the account list (``accounts.currency``)."""
    state: State
    """Its state; only active accounts have a level."""
    risk: Chance | None
    """The risk, 0 to 1: the chance of going quiet or churning within 90 days, by which accounts are sorted."""
    quiet: Chance | None
    """The chance of going quiet within 90 days, 0 to 1; null for accounts that are already silent."""
    leaving: Chance | None
    """The chance of churn within 90 days, 0 to 1; an assumption until churn dates are known."""
    level: Level | None
    """The level, by risk and by the number of accounts a CSM can handle."""
    source: str
    """The method behind ``risk``: ``quiet+scorecard``, ``quiet+`` and a model's id, or a model's id."""
    expected_loss: float | None
    """``leaving`` times ``arr``; null while fewer than 20 churned accounts are known."""
    reasons: list[Reason]
    """Its reasons, largest share first."""
    also: list[Fact]
    """Facts that are also worth knowing."""
    back_again: Chance | None
    """For accounts in the state ``lapsed``: the chance of an email within 90 days, 0 to 1; null if unknown."""
    days_silent: int | None
    """Whole days since its last email; null if it never wrote."""
    flagged_on: dt.date | None
    """The first day of its open flag; null without one."""


AccountRow = pydantic.create_model(
    "AccountRow",
    __base__=_Known,
    __doc__="An account with its risk and most important signals.",
    **figures.fields(MOMENT),
    **figures.fields(FIGURES, window_days=30),
    **figures.fields(FIGURES, window_days=90),
)


class Day(Row):
    """The recorded risk of an account on one day."""

    account_id: str
    """As in the account list."""
    scored_on: dt.date
    """The day, in the company's time zone."""
    scored_at: pydantic.AwareDatetime
    """The date and time of the record."""
    state: str
    """Its state, as recorded."""
    level: Level | None
    """Its level."""
    risk: Chance | None
    """The risk, 0 to 1; null on days that were recorded without one."""
    quiet: Chance | None
    """The chance of going quiet within 90 days; null on days before it was computed."""
    leaving: Chance | None
    """The chance of churn within 90 days; null on days before it was computed."""
    source: str | None
    """The method behind ``risk``. Days of different methods can't be compared."""
