"""What a form says of an account at risk: the same fields on every page that has one."""

import datetime as dt

from starlette.datastructures import FormData

from mailsignals.flags.episodes import EVENTS
from mailsignals.flags.feedback_rules import About, FeedbackRules, NotSaidError
from mailsignals.store.tables.feedback import FeedbackEntry

ON_A_DAY = "day"
FIELDS = ("kind", "note", "until", "day", "on")
"""What a form may hold, and shows again if something is wrong with it."""


def said_in(form: FormData, saying: FeedbackRules) -> FeedbackEntry | None:
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
            raise NotSaidError(About.ACCOUNT, "Choose what to say.")


def text_in(form: FormData, name: str) -> str:
    """Return the text of a field, without blanks around it; empty if there is none."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def _until(form: FormData) -> dt.date | str:
    until = text_in(form, "until")
    if until in EVENTS:
        return until
    day = _day(text_in(form, "day"), About.UNTIL)
    if until != ON_A_DAY or day is None:
        raise NotSaidError(About.UNTIL, "Say until when: choose a day, or one of the events.")
    return day


def _day(text: str, about: About) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise NotSaidError(about, f"{text} is not a day. Write one such as 2026-12-31.") from None


def _instant(text: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise NotSaidError(About.ACCOUNT, "Choose what to take back.") from None
