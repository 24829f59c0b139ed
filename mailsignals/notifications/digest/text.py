"""A digest in plain text: whole, for whoever reads no HTML; short, for a channel; and in the line of a subject."""

import functools

import jinja2

from mailsignals.notifications.digest.bulletin import Bulletin
from mailsignals.notifications.digest.chart import in_words
from mailsignals.notifications.digest.digest import Digest
from mailsignals.wording.html import one_line
from mailsignals.wording.numbers import count_noun
from mailsignals.wording.templates import environment

SHORT_SHOWN = 5
"""Accounts that the short form names."""
LENGTH = 400
"""How much of a text from outside is shown."""


def subject(content: Digest | Bulletin) -> str:
    """Return the subject of a mail: a summary and the company; it names no customer."""
    if isinstance(content, Bulletin):
        told = content.title
    else:
        told = f"{content.new} new at high risk, {content.at_risk} in all" if content.new else "Nothing new"
    return f"{told} - {content.company}"


def text(content: Digest | Bulletin) -> str:
    """All that the page says, its charts in words."""
    name = "digest" if isinstance(content, Digest) else "bulletin"
    return _templates().get_template(f"{name}.txt.j2").render(content=content)


@functools.cache
def _templates() -> jinja2.Environment:
    templates = environment("mailsignals.notifications.digest", plain_text=True)
    templates.filters.update(flat=flat, in_words=in_words)
    return templates


def short(content: Digest | Bulletin) -> str:
    """The short form, for a channel."""
    return _short_bulletin(content) if isinstance(content, Bulletin) else _short_digest(content)


def _short_bulletin(bulletin: Bulletin) -> str:
    """The groups of each section, each with its first sentence."""
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
    """Whose accounts, and the first of them with their first reasons."""
    shown = [
        f"\N{BULLET} {flat(card.name)}: {flat(card.reasons[0].text)}"
        if card.reasons
        else f"\N{BULLET} {flat(card.name)}"
        for card in digest.cards[:SHORT_SHOWN]
    ]
    more = len(digest.cards) - len(shown) + digest.more
    waiting = digest.waiting.length
    lines = [
        f"{flat(digest.csm or 'Accounts without a CSM')}: {digest.headline}",
        *([digest.change] if digest.change else []),
        *shown,
        *([f"and {more} more"] if more else []),
        *([f"{count_noun(waiting, 'ticket')} wait for our answer."] if waiting > 1 else []),
        *(["1 ticket waits for our answer."] if waiting == 1 else []),
    ]
    return "\n".join(lines)


def flat(words: str) -> str:
    """Text from outside on one line, so that it makes no lines of its own and turns nothing around it."""
    return one_line(words, most=LENGTH)
