"""A digest in plain text: whole, for whoever reads no HTML; short, for a channel; and in the line of a subject."""

import jinja2

from mailsignals.digest.content import Digest
from mailsignals.risk.words import counted

SHORT_SHOWN = 5
"""Accounts that the short form names."""


def subject(digest: Digest) -> str:
    """How many accounts are at risk and how many of them are new; no customer is named, for subjects are seen."""
    cards = [card for _, group in digest.groups for card in group]
    new = sum(card.change.startswith("new") for card in cards)
    at_risk = f"{counted(len(cards), 'account')} at risk" if cards else "No account at risk"
    return f"{at_risk}{f', {new} new' if new else ''} \N{EN DASH} {digest.company}"


def text(digest: Digest) -> str:
    """All that the page says, apart from its charts."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mailsignals.digest"),
        autoescape=jinja2.select_autoescape(),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["flat"] = flat
    return environment.get_template("digest.txt.j2").render(digest=digest)


def short(digest: Digest) -> str:
    """Whose accounts, and the first of them with their first reasons."""
    cards = [card for _, group in digest.groups for card in group]
    shown = [
        f"\N{BULLET} {flat(card.name)}: {flat(card.reasons[0])}"
        if card.reasons
        else f"\N{BULLET} {flat(card.name)}"
        for card in cards[:SHORT_SHOWN]
    ]
    more = len(cards) - len(shown)
    waiting = len(digest.waiting) + digest.waiting_more
    lines = [
        f"{flat(digest.csm or 'Accounts without a CSM')}: {digest.headline}",
        *shown,
        *([f"and {more} more"] if more else []),
        *([f"{counted(waiting, 'account')} wait for our answer."] if waiting > 1 else []),
        *(["1 account waits for our answer."] if waiting == 1 else []),
    ]
    return "\n".join(lines)


def flat(words: str) -> str:
    """Text from outside on one line, so that it makes no lines of its own."""
    return " ".join(words.split())
