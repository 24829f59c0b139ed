"""Numbers as a person says them."""

import datetime as dt
import math
from zoneinfo import ZoneInfo


def count_noun(number: float, noun: str) -> str:
    """``1 mail``, ``12 mails``; a fraction keeps one digit: ``2.5 mails``."""
    shown = number_of(number)
    return f"{shown} {noun}" if shown == "1" else f"{shown} {noun}s"


def number_of(number: float) -> str:
    """Whole from 10 on, one digit below, and no trailing zero."""
    rounded = round(number) if abs(number) >= 10 else round(number, 1)
    return f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:,.1f}"


def times(number: float) -> str:
    """``once``, ``twice``, ``3 times``."""
    return {1: "once", 2: "twice"}.get(int(number), count_noun(number, "time"))


class Quantity(float):
    """A number that a sentence words: ``{:mail}`` counts mails, ``{:%}`` is a percentage, ``{}`` the number alone.

    ``{:~day}`` is about so many days: whole ones, from 1 on.
    """

    def __format__(self, noun: str) -> str:
        """Hours under 1 are counted in minutes."""
        if noun.startswith("~"):
            about = Quantity(round(self)) if self >= 1 else self
            return about.__format__(noun.removeprefix("~"))
        if noun == "%":
            return percent(self)
        if noun.endswith("hour") and self < 1:
            return count_noun(max(1, round(self * 60)), noun.removesuffix("hour") + "minute")
        return count_noun(self, noun) if noun else number_of(self)


def duration_words(hours: float) -> str:
    """``45 minutes``, ``5 hours``, ``3 days``: the unit in which a person would say it."""
    if hours < 48:
        return f"{Quantity(hours):hour}"
    return count_noun(hours / 24, "day")


def short_duration(hours: float) -> str:
    """``45 min``, ``5.5 h``, ``3 d``: a duration where there is little room."""
    if hours < 1:
        return f"{max(1, round(60 * hours))} min"
    return f"{number_of(hours)} h" if hours < 48 else f"{number_of(hours / 24)} d"


def whole_days(days: float) -> str:
    """Full days that have passed."""
    return count_noun(int(days), "day")


def day_count(days: float) -> str:
    """Full days that have passed, where the unit stands elsewhere."""
    return f"{int(days):,}"


def days_ago(days: float | None) -> str:
    """``never``, ``less than a day ago``, ``1 day ago``: full days of 24 hours."""
    if days is None:
        return "never"
    return f"{whole_days(days)} ago" if days >= 1 else "less than a day ago"


def percent(share: float) -> str:
    """Return a share (0 to 1) as a whole percentage: ``33%``."""
    return f"{round(100 * share)}%"


def chance(probability: float) -> str:
    """``about 1 in 8``: as fine as a probability from tens of departures can be said."""
    if probability >= 0.45:
        return "about even odds" if probability < 0.6 else "more likely than not"
    nearest = min(_ONE_IN, key=lambda n: abs(math.log(probability * n)) if probability > 0 else 1 / n)
    return f"under 1 in {_ONE_IN[-1]}" if nearest == _ONE_IN[-1] else f"about 1 in {nearest}"


_ONE_IN = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 50, 100)


def predicted_event(source: str) -> str:
    """Return the event that a model predicts, as a verb, from the model's id: ``go silent`` or ``leave``."""
    return "go silent" if source.startswith("silence-") else "leave"


def on_day(moment: dt.datetime | dt.date) -> str:
    """``15 August 2026``."""
    return f"{moment.day} {moment:%B %Y}"


def date_and_time(moment: dt.datetime, timezone: str) -> str:
    """``2026-08-15 14:30`` in a time zone, or ``2026-08-15`` at its midnight."""
    local = moment.astimezone(ZoneInfo(timezone))
    return f"{local:%Y-%m-%d}" if local.time() == dt.time() else f"{local:%Y-%m-%d %H:%M}"
