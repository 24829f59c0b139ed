"""Numbers, durations and dates in the form in which people read them."""

import datetime as dt
import math
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


def chance(probability: float) -> str:
    """Return a chance no finer than tens of churned accounts support: ``about 1 in 8``."""
    if probability >= 0.45:
        return "about even odds" if probability < 0.6 else "more likely than not"
    nearest = min(_ONE_IN, key=lambda n: abs(math.log(probability * n)) if probability > 0 else 1 / n)
    return f"under 1 in {_ONE_IN[-1]}" if nearest == _ONE_IN[-1] else f"about 1 in {nearest}"


_ONE_IN = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 50, 100)


def predicted_event(source: str) -> str:
    """Return the event that a model predicts, as a verb, from the model's id: ``go silent`` or ``leave``."""
    return "go silent" if source.startswith("silence-") else "leave"


def on_day(moment: dt.datetime | dt.date) -> str:
    """Return the date as pages and emails show it: ``15 Aug 2026``."""
    return f"{moment.day} {moment:%b %Y}"


def date_and_time(moment: dt.datetime, timezone: str) -> str:
    """Return ``2026-08-15 14:30`` in a time zone, or ``2026-08-15`` at its midnight."""
    local = moment.astimezone(ZoneInfo(timezone))
    return f"{local:%Y-%m-%d}" if local.time() == dt.time() else f"{local:%Y-%m-%d %H:%M}"
