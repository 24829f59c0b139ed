"""Periods that an address can request, in days of the company's time zone."""

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
"""The bounds of dates that an address may request."""

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
"""Labels of the named periods, by key."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Span:
    """A period with its key in addresses and its title."""

    key: str
    """The value of the parameter ``period``."""
    period: Period
    since_on: dt.date
    """The first day."""
    last_on: dt.date
    """The last day, which may be today."""

    @property
    def title(self) -> str:
        """``1 Mar 2026 to 30 Mar 2026``."""
        same = self.since_on == self.last_on
        return on_day(self.since_on) if same else f"{on_day(self.since_on)} to {on_day(self.last_on)}"


def span_of(asked: str, *, as_of: dt.datetime, timezone: str) -> Span | None:
    """Return the period of a key of ``SWITCHES``, or of two dates such as ``2026-03-01..2026-03-31`` (both included).

    A number of days ends at ``as_of``, as with ``mailsignals sla``. Returns None for any other text.
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
    """Return the first and last day of the month."""
    first = day.replace(day=1)
    return first, (first + 31 * DAY).replace(day=1) - DAY


def _week(day: dt.date) -> tuple[dt.date, dt.date]:
    """Return Monday and Sunday of the week."""
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
    """Return the two dates of ``FIRST..LAST``; None for any other text."""
    first, dots, last = asked.partition("..")
    try:
        days = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    except ValueError:
        return None
    return days if dots and EARLIEST <= days[0] <= days[1] <= LATEST else None


def period_address(since: str, until: str, *, today: dt.date) -> str:
    """Return the period key of two date fields, either of which may be empty."""
    if not since and not until:
        return ""
    try:
        last = dt.date.fromisoformat(until) if until else today
        first = dt.date.fromisoformat(since) if since else last - 29 * DAY
    except (ValueError, OverflowError):
        return ""
    return f"{first}..{last}"
