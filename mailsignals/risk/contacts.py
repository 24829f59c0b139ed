"""Sentences about the main contacts of an account: who fell silent, who can't be reached, who is away."""

from collections.abc import Mapping, Sequence
from typing import Any

from mailsignals.wording.numbers import count_noun, number_of, on_day

Contact = Mapping[str, Any]
"""In ``outlook.MAIN_CONTACT``."""

NAMED = 3
"""So many people are named, the others counted."""


def quiet_text(row: Mapping[str, Any]) -> str:
    """Return one sentence on the main contacts who have not written for 30 days, and who of them is away."""
    quiet = [one for one in row["main_contacts"] if _is_quiet(one)]
    counts = [number_of(one["mails"]) for one in quiet[:NAMED]]
    mails = word_list([*counts[:-1], count_noun(quiet[len(counts) - 1]["mails"], "mail")])
    has = "has" if len(quiet) == 1 else "have"
    text = (
        f"{names(quiet)}, {_who_wrote_most(row, quiet)} ({mails} in the five months before), "
        f"{has} not written for 30 days."
    )
    if len(quiet) == 1 and quiet[0]["away_since"] is not None:
        since = on_day(quiet[0]["away_since"])
        return f"{text} Their automatic reply of {since} says that they are away."
    return text + absence_text(row)


def gone_text(row: Mapping[str, Any]) -> str:
    """Return one sentence on the main contacts to whom mail comes back."""
    gone = [one for one in row["main_contacts"] if one["bounced_at"] is not None]
    told = f"Mail to {names(gone)}, {_who_wrote_most(row, gone)}, came back"
    last = on_day(max(one["bounced_at"] for one in gone))
    if len(gone) == 1:
        return f"{told} on {last}: the address can no longer be reached."
    return f"{told}, last on {last}: these addresses can no longer be reached."


def absence_text(row: Mapping[str, Any]) -> str:
    """Return a sentence on who is away by automatic replies, to follow one on silence; empty if nobody is."""
    away = [one for one in row["main_contacts"] or () if one["away_since"] is not None]
    if len(away) == 1:
        return f" By an automatic reply of {on_day(away[0]['away_since'])}, {away[0]['address']} is away."
    if away:
        return f" By their automatic replies, {names(away)} are away."
    others = row["away_contacts"] or 0
    if others == 1:
        return " By an automatic reply one of their contacts is away."
    return f" By automatic replies {number_of(others)} of their contacts are away." if others else ""


def _is_quiet(contact: Contact) -> bool:
    """Return whether a main contact has not written for 30 days, though mail reaches them."""
    return contact["mails_30"] == 0 and contact["bounced_at"] is None


def names(contacts: Sequence[Contact]) -> str:
    """Return the addresses of some people as a list in words, those beyond three counted."""
    shown = [one["address"] for one in contacts[:NAMED]]
    more = len(contacts) - len(shown)
    return word_list([*shown, *([count_noun(more, "other")] if more else [])])


def word_list(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _who_wrote_most(row: Mapping[str, Any], contacts: Sequence[Contact]) -> str:
    first = row["main_contacts"][0]["address"]
    leads = contacts[0]["address"] == first
    return "who used to write most" if leads else "among those who used to write most"
