"""Periods in the parameters of API requests."""

import datetime as dt
from typing import Annotated, Self

import pydantic
from pydantic_core import PydanticCustomError

from mailsignals.config.section import midnight
from mailsignals.sla.compliance import Period
from mailsignals.web.api.lists import ListQuery

USUAL_DAYS, MOST_DAYS = 30, 3650

INSTANT = (
    r"^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d))?$"
)
"""The pattern of a date, or of a date and time with its offset from UTC."""


def _instant(text: str) -> str:
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is not a valid date") from None
    return text


Instant = Annotated[
    str, pydantic.Field(pattern=INSTANT, examples=["2026-10-01"]), pydantic.AfterValidator(_instant)
]


class PeriodQuery(ListQuery):
    """A period; by default the last 30 days."""

    days: Annotated[int, pydantic.Field(ge=1, le=MOST_DAYS)] | None = None
    """The number of days up to ``to``; 30 if ``from`` is not given either."""
    since: Annotated[Instant | None, pydantic.Field(alias="from")] = None
    """The start: a day in the company's time zone, or a date and time with its offset."""
    until: Annotated[Instant | None, pydantic.Field(alias="to")] = None
    """The end, which is not included; by default the date and time of the figures."""

    @pydantic.model_validator(mode="after")
    def _one_length(self) -> Self:
        if self.days is not None and self.since is not None:
            raise PydanticCustomError("length", "from and days both set the start. Remove one of them")
        return self

    def period(self, *, as_of: dt.datetime, timezone: str) -> Period:
        """Return the period that the parameters mean at a date and time.

        Raises:
            ValueError: ``from`` is not before ``to``, or too many days before it.
        """
        until = _moment(self.until, timezone) if self.until else as_of
        if self.since is None:
            return Period(since=until - dt.timedelta(days=self.days or USUAL_DAYS), until=until)
        since = _moment(self.since, timezone)
        if not since < until <= since + dt.timedelta(days=MOST_DAYS):
            raise ValueError(f"from: must be before to, by at most {MOST_DAYS} days.")
        return Period(since=since, until=until)


def _moment(text: str, timezone: str) -> dt.datetime:
    if "T" in text:
        return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    return midnight(dt.date.fromisoformat(text), timezone)
