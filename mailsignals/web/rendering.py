"""Templates that only print, with the filters that word numbers, dates and names."""

import datetime as dt
import functools
import hashlib
from collections.abc import Callable
from importlib import resources
from typing import TypeVar
from zoneinfo import ZoneInfo

import jinja2
from markupsafe import Markup

from mailsignals.wording.html import NAME_LENGTH, commands, isolate, one_line
from mailsignals.wording.money import money
from mailsignals.wording.numbers import (
    count_noun,
    day_count,
    days_ago,
    duration_words,
    number_of,
    on_day,
    percent,
)
from mailsignals.wording.risk import STATES, band
from mailsignals.wording.templates import environment

T = TypeVar("T")

SENTENCE_LENGTH = 1000
NO_FIGURE = "\N{EN DASH}"
"""The text in place of a missing figure."""


def render(template: str, *, timezone: str, **view: object) -> str:
    """Return a page as HTML, with dates and times in a time zone (an IANA name)."""
    zone = ZoneInfo(timezone)
    return _templates().get_template(template).render(timezone=timezone, zone=zone, **view)


@functools.cache
def _templates() -> jinja2.Environment:
    templates = environment("mailsignals.web")
    templates.globals.update(static=static)
    templates.filters.update(
        name=functools.partial(isolate, most=NAME_LENGTH),
        isolated=isolate,
        plain=functools.partial(one_line, most=NAME_LENGTH),
        commands=commands,
        told=escaped_sentence,
        counted=count_noun,
        chance=_or_nothing(band),
        state=STATES.__getitem__,
        number=_or_nothing(number_of),
        percent=_or_nothing(percent),
        hours=_or_nothing(duration_words),
        day=_or_nothing(on_day),
        date=_or_nothing(on_day),
        month=_or_nothing(lambda day: f"{day:%b %Y}"),
        moment=moment,
        person=person,
        money=amount,
        since=time_since,
        local_date=viewer_date,
        days=_or_nothing(day_count),
        days_ago=days_ago,
        short_day=lambda day: f"{day.day} {day:%b}",
        of_seconds=lambda seconds: on_day(dt.datetime.fromtimestamp(seconds, dt.UTC)),
        list_pair=lambda text: (text, text),
    )
    return templates


def _or_nothing(say: Callable[[T], str]) -> Callable[[T | None], str]:
    """Return a function that words null as ``NO_FIGURE``, and everything else as ``say`` does."""
    return lambda figure: NO_FIGURE if figure is None else say(figure)


def escaped_sentence(sentence: str) -> Markup:
    """Return a sentence as HTML, escaped and isolated, with commands between backquotes as code."""
    return Markup("<bdi>{}</bdi>").format(commands(one_line(sentence, most=SENTENCE_LENGTH)))


@jinja2.pass_context
def moment(context: jinja2.runtime.Context, at: dt.datetime | None) -> str:
    """Return a date and time in the viewer's time zone, to the minute: ``25 Nov 2026 14:03``."""
    if at is None:
        return NO_FIGURE
    local = at.astimezone(context["zone"])
    return f"{on_day(local)} {local:%H:%M}"


@jinja2.pass_context
def person(context: jinja2.runtime.Context, address: str | None) -> Markup | str:
    """Return the name of a person, with the address in its title; the address where no name is known.

    A remark after a comma, as in ``kim@example.com, by email link``, follows the name.
    """
    if address is None:
        return NO_FIGURE
    address, comma, remark = address.partition(",")
    name = context["person_names"].of(address)
    if name == address:
        return isolate(f"{address}{comma}{remark}", most=NAME_LENGTH)
    return Markup('<bdi title="{}">{}</bdi>{}{}').format(
        one_line(address, most=NAME_LENGTH), one_line(name, most=NAME_LENGTH), comma, remark
    )


@jinja2.pass_context
def amount(context: jinja2.runtime.Context, figure: float | None) -> str:
    """Return an amount of money in the currency of the account list: ``€120,000``."""
    return NO_FIGURE if figure is None else money(figure, context["currency"])


@jinja2.pass_context
def viewer_date(context: jinja2.runtime.Context, at: dt.datetime | None) -> str:
    """Return the date of a point in time in the viewer's time zone: ``25 Nov 2026``."""
    return NO_FIGURE if at is None else on_day(at.astimezone(context["zone"]))


@jinja2.pass_context
def time_since(context: jinja2.runtime.Context, at: dt.datetime | None) -> str:
    """Return the time since a date and time in words: ``12 min ago``; in full days from two days on."""
    if at is None:
        return NO_FIGURE
    hours = (context["now"] - at).total_seconds() / 3600
    if hours >= 48:
        return days_ago(hours / 24)
    return "just now" if hours < 1 / 60 else f"{duration_words(hours)} ago"


@functools.cache
def static(name: str) -> str:
    """Return the URL of a static file; it changes with the content, so browsers may cache it without limit."""
    content = (resources.files("mailsignals.web") / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"
