"""The chart of both sides' mail by week: as a picture, and in words for whoever does not see it."""

import dataclasses
import io
from collections.abc import Sequence

from mailsignals.wording.numbers import count_noun

Weeks = Sequence[tuple[int, int]]
"""Weekly counts of theirs and ours, the oldest first."""

WIDTH, HEIGHT = 260, 44
"""As it is shown."""
SHARPNESS = 2
"""Dots of the picture to one of these, for screens that show more."""

THEIRS, OURS, LINE = (0x2F, 0x81, 0xF7), (0x84, 0x8E, 0x9A), (0x84, 0x8E, 0x9A)
"""Colours that stand out from white and from black alike, because a mail does not know what it is shown on."""
_TRANSPARENT, _THEIRS, _OURS, _LINE = range(4)


@dataclasses.dataclass(frozen=True)
class Bar:
    """One week, in dots of the picture: where it stands, and how far it reaches up and down from the middle."""

    left: int
    right: int
    theirs: int
    ours: int


def bars(weeks: Weeks) -> list[Bar]:
    """Bars to one scale for both sides, the longest of which fills its half; any mail at all is seen."""
    most = max((max(week) for week in weeks), default=0)
    half, step = HEIGHT * SHARPNESS // 2 - 1, WIDTH * SHARPNESS // max(len(weeks), 1)
    return [
        Bar(
            left=index * step,
            right=(index + 1) * step - max(step // 5, 1) - 1,
            theirs=-(-theirs * half // max(most, 1)),
            ours=-(-ours * half // max(most, 1)),
        )
        for index, (theirs, ours) in enumerate(weeks)
    ]


def picture(weeks: Weeks) -> bytes:
    """The chart as a PNG without a background: theirs grow up from the middle line, ours down."""
    from PIL import Image, ImageDraw  # noqa: PLC0415  # only who draws should pay for it

    image = Image.new("P", (WIDTH * SHARPNESS, HEIGHT * SHARPNESS), _TRANSPARENT)
    image.putpalette([*(0, 0, 0), *THEIRS, *OURS, *LINE])
    draw = ImageDraw.Draw(image)
    middle = image.height // 2
    for bar in bars(weeks):
        if bar.theirs:
            draw.rectangle((bar.left, middle - bar.theirs, bar.right, middle - 1), fill=_THEIRS)
        if bar.ours:
            draw.rectangle((bar.left, middle + 1, bar.right, middle + bar.ours), fill=_OURS)
    draw.line((0, middle, image.width - 1, middle), fill=_LINE)
    file = io.BytesIO()
    image.save(file, "PNG", transparency=_TRANSPARENT, bits=2)
    return file.getvalue()


def caption(weeks: Weeks) -> str:
    """Return one sentence that explains the chart and its scale."""
    most = max((max(week) for week in weeks), default=0)
    return (
        f"{len(weeks)} weeks of mail: theirs above the line, ours below; "
        f"the longest bar is {count_noun(most, 'mail')}."
    )


def in_words(weeks: Weeks) -> str:
    """Return the figures of the chart as text, for readers who can't see it."""
    theirs, ours = (", ".join(str(week[side]) for week in weeks) for side in (0, 1))
    return f"Mails by week, oldest first. From them: {theirs}. From us: {ours}."
