"""Numbers, durations and dates in the form in which people read them."""

import datetime as dt
from zoneinfo import ZoneInfo


def count_noun(number: float, noun: str) -> str:
    """Return a number with its noun: ``1 email``, ``12 emails``; a fraction keeps one digit: ``2.5 days``."""
    shown = number_of(number)
    return f"{shown} {noun}" if shown == "1" else f"{shown} {noun}s"


def number_of(number: float) -> str:
    """Return a number as text: whole from 10 on, with one decimal below, without a trailing zero."""
    rounded = round(number) if abs(number) >= 10 else round(number, 1)
    return f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:,.1f}"


def times(number: float) -> str:
    """Return a count of repetitions: ``never``, ``once``, ``twice``, ``3 times``."""
    return {0: "never", 1: "once", 2: "twice"}.get(int(number), count_noun(number, "time"))


class Quantity(float):
    """A number that a sentence formats: ``{:email}`` counts emails, ``{:%}`` is a percentage, ``{}`` the number alone.

    ``{:~day}`` rounds to whole days (``under 1 day`` for a smaller fraction), ``{:_day}`` counts full days that have
    passed.
    """

    def __format__(self, noun: str) -> str:
        """Return the number as text; hours under 1 are counted in minutes."""
        if noun.startswith("~"):
            whole = Quantity(round(self)).__format__(noun[1:])
            return f"under {Quantity(1):{noun[1:]}}" if 0 < self < 0.5 else whole
        if noun.startswith("_"):
            return Quantity(int(self)).__format__(noun[1:])
        if noun == "%":
            return percent(self)
        if noun.endswith("hour") and self < 1:
            return count_noun(max(1, round(self * 60)), noun.removesuffix("hour") + "minute")
        return count_noun(self, noun) if noun else number_of(self)


def duration_words(hours: float) -> str:
    """Return a duration in the unit that suits it: ``45 min``, ``1.2 h``, ``3 days`` from two days on."""
    if hours < 1:
        return f"{max(1, round(60 * hours))} min"
    return f"{number_of(hours)} h" if hours < 48 else count_noun(hours / 24, "day")


def sla_duration(hours: float, *, business: bool) -> str:
    """Return a duration in business hours (``2 business hours``) or in calendar hours (``2 h``, ``3 days``)."""
    return f"{Quantity(hours):business hour}" if business else duration_words(hours)


def whole_days(days: float) -> str:
    """Return full days that have passed: ``1 day``, ``12 days``."""
    return count_noun(int(days), "day")


def day_count(days: float) -> str:
    """Return full days that have passed as a number, for columns that name the unit."""
    return f"{int(days):,}"


def days_ago(days: float | None) -> str:
    """Return ``never``, ``less than a day ago`` or ``1 day ago``, in full days of 24 hours."""
    if days is None:
        return "never"
    return f"{whole_days(days)} ago" if days >= 1 else "less than a day ago"


def percent(share: float) -> str:
    """Return a share (0 to 1) as a whole percentage: ``33%``."""
    return f"{round(100 * share)}%"


def on_day(moment: dt.datetime | dt.date) -> str:
    """Return the date as pages and emails show it: ``15 Aug 2026``."""
    return f"{moment.day} {moment:%b %Y}"


def date_and_time(moment: dt.datetime, timezone: str) -> str:
    """Return ``2026-08-15 14:30`` in a time zone, or ``2026-08-15`` at its midnight."""
    local = moment.astimezone(ZoneInfo(timezone))
    return f"{local:%Y-%m-%d}" if local.time() == dt.time() else f"{local:%Y-%m-%d %H:%M}"
