"""Which period an address asks for, in days of the company."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from types import MappingProxyType

from mailsignals.clock import local_date
from mailsignals.config.section import midnight
from mailsignals.sla.compliance import Period
from mailsignals.wording.numbers import on_day

USUAL = "30d"
DAY = dt.timedelta(days=1)
EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(2100, 1, 1)
"""No mail is dated outside of these."""

SWITCHES: Mapping[str, str] = MappingProxyType(
    {
        "yesterday": "Yesterday",
        "this-week": "This week",
        "last-week": "Last week",
        "7d": "7 days",
        "30d": "30 days",
        "90d": "90 days",
        "this-month": "This month",
        "last-month": "Last month",
    }
)
"""The periods that have a name, with what is written on the switch."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Span:
    """A period, as an address and a sentence have it."""

    key: str
    """What stands in the address."""
    period: Period
    since_on: dt.date
    """Its first day."""
    last_on: dt.date
    """Its last, which may be today and not over."""

    @property
    def title(self) -> str:
        """``1 Mar 2026 to 30 Mar 2026``."""
        same = self.since_on == self.last_on
        return on_day(self.since_on) if same else f"{on_day(self.since_on)} to {on_day(self.last_on)}"


def span_of(asked: str, *, as_of: dt.datetime, timezone: str) -> Span | None:
    """The period of a name in ``SWITCHES``, or of two days such as ``2026-03-01..2026-03-31``, both included.

    A number of days ends at the as-of instant, as with ``mailsignals sla``. None for what makes no sense.
    """
    today = local_date(as_of, timezone)
    if asked in _ROLLING:
        since = as_of - _ROLLING[asked]
        period = Period(since=since, until=as_of)
        return Span(key=asked, period=period, since_on=local_date(since, timezone), last_on=today)
    days = _NAMED[asked](today) if asked in _NAMED else _written(asked)
    if days is None:
        return None
    first, last = days
    period = Period(since=midnight(first, timezone), until=midnight(last + DAY, timezone))
    return Span(key=asked, period=period, since_on=first, last_on=last)


_ROLLING = {f"{number}d": number * DAY for number in (7, 30, 90)}


def _month(day: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last day of the month of a day."""
    first = day.replace(day=1)
    return first, (first + 31 * DAY).replace(day=1) - DAY


def _week(day: dt.date) -> tuple[dt.date, dt.date]:
    """Monday and Sunday of the week of a day."""
    monday = day - day.weekday() * DAY
    return monday, monday + 6 * DAY


_NAMED: Mapping[str, Callable[[dt.date], tuple[dt.date, dt.date]]] = {
    "yesterday": lambda today: (today - DAY, today - DAY),
    "this-week": lambda today: (_week(today)[0], today),
    "last-week": lambda today: _week(today - 7 * DAY),
    "this-month": lambda today: (_month(today)[0], today),
    "last-month": lambda today: _month(_month(today)[0] - DAY),
}


def _written(asked: str) -> tuple[dt.date, dt.date] | None:
    """Two days with two dots between them."""
    first, dots, last = asked.partition("..")
    try:
        days = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    except ValueError:
        return None
    return days if dots and EARLIEST <= days[0] <= days[1] <= LATEST else None


def period_address(since: str, until: str, *, today: dt.date) -> str:
    """The period of two date fields, of which either may have been left empty."""
    if not since and not until:
        return ""
    try:
        last = dt.date.fromisoformat(until) if until else today
        first = dt.date.fromisoformat(since) if since else last - 29 * DAY
    except (ValueError, OverflowError):
        return ""
    return f"{first}..{last}"
