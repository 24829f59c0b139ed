"""Sentences about the main contacts of an account: silent, unreachable or away."""

from collections.abc import Mapping, Sequence
from typing import Any

from mailsignals.wording.numbers import count_noun, on_day

Contact = Mapping[str, Any]
"""A main contact, in ``outlook.MAIN_CONTACT``."""

NAMED = 3
"""The number of people that a sentence names; others are counted."""


def quiet_text(row: Mapping[str, Any]) -> str:
    """Return one sentence on the main contacts who have not written for 30 days, and another on their absence."""
    quiet = [one for one in row["main_contacts"] if _is_quiet(one)]
    days = min((row["as_of"] - one["last_at"]).days for one in quiet)
    if len(quiet) > 1:
        return f"Main contacts {names(quiet)} have been silent for at least {days} days.{absence_text(row)}"
    text = f"Main contact {names(quiet)} has been silent for {days} days."
    if quiet[0]["away_since"] is None:
        return text + absence_text(row)
    return f"{text} They are away (automatic reply of {on_day(quiet[0]['away_since'])})."


def gone_text(row: Mapping[str, Any]) -> str:
    """Return one sentence on the main contacts whose address bounces."""
    gone = [one for one in row["main_contacts"] if one["bounced_at"] is not None]
    last = on_day(max(one["bounced_at"] for one in gone))
    if len(gone) == 1:
        name, address = gone[0]["name"], gone[0]["address"]
        who = name if name == address else f"{name} ({address})"
        return f"Email to main contact {who} bounced on {last}: the address no longer works."
    return f"Email to main contacts {names(gone)} bounced, last on {last}: these addresses no longer work."


def absence_text(row: Mapping[str, Any]) -> str:
    """Return a sentence on contacts who are away, with a space before it; empty if nobody is."""
    away = [one for one in row["main_contacts"] or () if one["away_since"] is not None]
    if len(away) == 1:
        return f" {names(away)} is away (automatic reply of {on_day(away[0]['away_since'])})."
    if away:
        return f" {names(away)} are away (automatic replies)."
    others = row["away_contacts"] or 0
    if others == 1:
        return " One of their contacts is away (automatic reply)."
    return f" {others} of their contacts are away (automatic replies)." if others else ""


def without_absence(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an account as if nobody were away, for sentences beside one that names the absent contacts."""
    contacts = [{**one, "away_since": None} for one in row.get("main_contacts") or ()]
    return {**row, "main_contacts": contacts, "away_contacts": 0}


def _is_quiet(contact: Contact) -> bool:
    """Return whether a main contact has not written for 30 days, although emails to them do not bounce."""
    return contact["mails_30"] == 0 and contact["bounced_at"] is None


def names(contacts: Sequence[Contact]) -> str:
    """Return some people as a list in words; those beyond three are counted."""
    shown = [one["name"] for one in contacts[:NAMED]]
    more = len(contacts) - len(shown)
    return word_list([*shown, *([count_noun(more, "other")] if more else [])])


def word_list(words: Sequence[str]) -> str:
    """Return ``a``, ``a and b`` or ``a, b and c``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
