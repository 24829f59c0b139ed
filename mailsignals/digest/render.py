"""A digest as a page that reads well without images, scripts or style sheets from elsewhere."""

import dataclasses
import re
from collections.abc import Sequence

import jinja2
from markupsafe import Markup

from mailsignals.digest.content import Digest
from mailsignals.risk.words import counted

_BEFORE_PERCENT = re.compile(r"(?<=\d) (?=%)")
_BAR, _GAP, _HEIGHT = 16, 4, 44


@dataclasses.dataclass(frozen=True)
class Bar:
    """One week of a chart, in pixels."""

    x: int
    theirs: float
    ours: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class Chart:
    """Both sides' mail by week: theirs grow up from the middle line, ours down."""

    width: int
    height: int
    bar: int
    bars: Sequence[Bar]
    caption: str
    in_words: str
    """For whoever does not see it."""


def chart(weeks: Sequence[tuple[int, int]]) -> Chart:
    """The chart of pairs of weekly counts (theirs, ours), scaled to the largest."""
    most = max((max(week) for week in weeks), default=0)
    half = _HEIGHT / 2 / max(most, 1)
    return Chart(
        width=len(weeks) * (_BAR + _GAP),
        height=_HEIGHT,
        bar=_BAR,
        bars=[
            Bar(x=index * (_BAR + _GAP), theirs=round(theirs * half, 1), ours=round(ours * half, 1))
            for index, (theirs, ours) in enumerate(weeks)
        ],
        caption=f"{len(weeks)} weeks of mail: theirs above the line, ours below; "
        f"the longest bar is {counted(most, 'mail')}.",
        in_words=in_words(weeks),
    )


def in_words(weeks: Sequence[tuple[int, int]]) -> str:
    """What the chart shows."""
    theirs, ours = (", ".join(str(week[side]) for week in weeks) for side in (0, 1))
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
    environment.filters.update(chart=chart, isolated=isolated)
    return environment.get_template("digest.html.j2").render(digest=digest)


def isolated(text: str) -> Markup:
    """Text from outside, kept from turning the direction of the text around it; numbers stay with their percent."""
    return Markup("<bdi>{}</bdi>").format(_BEFORE_PERCENT.sub("\N{NO-BREAK SPACE}", text))
