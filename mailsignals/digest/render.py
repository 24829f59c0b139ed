"""A digest as a page that reads well without images, scripts or style sheets from elsewhere."""

import dataclasses
from collections.abc import Sequence

import jinja2
from markupsafe import Markup

from mailsignals.digest.content import Digest

_WIDTH, _HEIGHT, _BAR = 260, 44, 16


@dataclasses.dataclass(frozen=True)
class Bar:
    """One week of a chart, in pixels."""

    x: int
    theirs: float
    ours: float


def chart(weeks: Sequence[tuple[int, int]]) -> list[Bar]:
    """Bars of both sides' mail by week, scaled to the busiest week; theirs grow up, ours down."""
    most = max((max(week) for week in weeks), default=0) or 1
    half = _HEIGHT / 2
    return [
        Bar(
            x=4 + index * (_BAR + 4), theirs=round(theirs / most * half, 1), ours=round(ours / most * half, 1)
        )
        for index, (theirs, ours) in enumerate(weeks)
    ]


def in_words(weeks: Sequence[tuple[int, int]]) -> str:
    """The chart for whoever does not see it."""
    theirs = ", ".join(str(week[0]) for week in weeks)
    ours = ", ".join(str(week[1]) for week in weeks)
    return f"Mails by week, oldest first. From them: {theirs}. From us: {ours}."


def html(digest: Digest) -> str:
    """The digest as one HTML page; every name and address in it is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mailsignals.digest"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(chart=chart, in_words=in_words, isolated=_isolated)
    template = environment.get_template("digest.html.j2")
    return template.render(digest=digest, width=_WIDTH, height=_HEIGHT, bar=_BAR)


def _isolated(text: str) -> Markup:
    """Text from outside, kept from turning the direction of the text around it."""
    return Markup("<bdi>{}</bdi>").format(text)
