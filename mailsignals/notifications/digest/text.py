"""A digest or report in plain text, in a short form for chat channels, and as a subject."""

import functools

import jinja2

from mailsignals.notifications.digest.bulletin import Bulletin
from mailsignals.notifications.digest.chart import in_words
from mailsignals.notifications.digest.digest import Digest
from mailsignals.notifications.digest.summary import at_risk_words
from mailsignals.wording.html import one_line
from mailsignals.wording.numbers import count_noun
from mailsignals.wording.templates import environment

SHORT_SHOWN = 5
"""The number of accounts that the short form names."""
LENGTH = 400
"""The number of characters that are shown of a text from outside."""


def subject(content: Digest | Bulletin) -> str:
    """Return the subject of an email: a summary and the company; it names no customer."""
    return f"{_summary(content)} - {content.company}"


def _summary(content: Digest | Bulletin) -> str:
    if isinstance(content, Bulletin):
        return content.title
    return at_risk_words(content.at_risk, new=content.new)


def text(content: Digest | Bulletin) -> str:
    """Return all of a digest or report as plain text, charts in words."""
    name = "digest" if isinstance(content, Digest) else "bulletin"
    return _templates().get_template(f"{name}.txt.j2").render(content=content)


@functools.cache
def _templates() -> jinja2.Environment:
    templates = environment("mailsignals.notifications.digest", plain_text=True)
    templates.filters.update(flat=flat, in_words=in_words)
    return templates


def short(content: Digest | Bulletin) -> str:
    """Return the short form of a digest or report, for a chat channel."""
    return _short_bulletin(content) if isinstance(content, Bulletin) else _short_digest(content)


def _short_bulletin(bulletin: Bulletin) -> str:
    """Return the groups of each section, each with its first sentence."""
    lines = [bulletin.headline]
    for section, groups in bulletin.sections:
        lines.append(f"{section}:")
        lines += [
            f"\N{BULLET} {flat(name)}: {flat(told[0])}"
            if told and isinstance(told[0], str)
            else f"\N{BULLET} {flat(name)}"
            for name, told in groups
        ]
    return "\n".join(lines)


def _short_digest(digest: Digest) -> str:
    """Return the CSM, the headline, and the first accounts with their first reasons."""
    shown = [
        f"\N{BULLET} {flat(card.name)}: {flat(card.reasons[0].text)}"
        if card.reasons
        else f"\N{BULLET} {flat(card.name)}"
        for card in digest.cards[:SHORT_SHOWN]
    ]
    more = len(digest.cards) - len(shown) + digest.more
    waiting = digest.waiting.length
    lines = [
        f"{'Accounts without a CSM' if digest.csm is None else flat(digest.reader)}: {digest.headline}",
        *([digest.change] if digest.change else []),
        *shown,
        *([f"{count_noun(more, 'more account')}."] if more else []),
        *([f"{count_noun(waiting, 'open ticket')}."] if waiting else []),
    ]
    return "\n".join(lines)


def flat(words: str) -> str:
    """Return text from outside on one line, without characters that affect the text around it."""
    return one_line(words, most=LENGTH)
