"""The fields of a feedback form, the same on every page that has one."""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

from starlette.datastructures import FormData

from mailsignals.flags.episodes import EVENTS, RETURNS, WORSE
from mailsignals.flags.feedback_rules import About, FeedbackRules, NotSaidError
from mailsignals.store.tables.feedback import FeedbackEntry
from mailsignals.wording.numbers import on_day

ON_A_DAY = "day"
FIELDS = ("kind", "note", "until", "day", "on")
"""The fields of a form, which it shows again with their values after an error."""
SNOOZE_EVENTS: Mapping[str, str] = MappingProxyType(
    {WORSE: "the risk rises by half", RETURNS: "it is high again after it recovered"}
)
"""The events until which a flag can be snoozed, in words that follow "until"."""


def feedback_in(form: FormData, saying: FeedbackRules) -> FeedbackEntry | None:
    """Return the feedback entry that a form holds; None if the entry to undo is already undone.

    Raises:
        NotSaidError: the form is not valid, or the entry is not allowed.
    """
    note = text_in(form, "note")
    match text_in(form, "kind"):
        case "dismissed":
            return saying.dismissed(note)
        case "snoozed":
            return saying.snoozed(_until(form), note)
        case "saved":
            return saying.saved(note)
        case "churned":
            return saying.churned(_day(text_in(form, "on"), About.CHURNED_ON), note)
        case "undone":
            return saying.undone(_instant(text_in(form, "given_at")))
        case _:
            raise NotSaidError(About.ACCOUNT, "Choose one of the actions.")


def text_in(form: FormData, name: str) -> str:
    """Return the text of a field without surrounding white space; empty if the form has no such field."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def snooze_end(until: str | None) -> str | None:
    """Return the end of a snooze in words: an event, or a date such as ``1 Apr 2026``; None without an end.

    Args:
        until: a key of ``SNOOZE_EVENTS``, or an ISO date.
    """
    return until if until is None else SNOOZE_EVENTS.get(until) or on_day(dt.date.fromisoformat(until))


def _until(form: FormData) -> dt.date | str:
    until = text_in(form, "until")
    if until in EVENTS:
        return until
    day = _day(text_in(form, "day"), About.UNTIL)
    if until != ON_A_DAY or day is None:
        raise NotSaidError(About.UNTIL, "Choose a date or an event that ends the snooze.")
    return day


def _day(text: str, about: About) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise NotSaidError(about, f"Invalid date '{text}'. Use a date such as 2026-12-31.") from None


def _instant(text: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise NotSaidError(About.ACCOUNT, "Choose the feedback to undo.") from None
