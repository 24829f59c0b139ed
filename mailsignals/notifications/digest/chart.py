"""The chart of both sides' emails by week: as a picture, and in words for readers who can't see it."""

import dataclasses
import io
from collections.abc import Sequence

from mailsignals.wording.numbers import count_noun

Weeks = Sequence[tuple[int, int]]
"""Weekly counts of emails, of the customer and of your team, the oldest first."""

WIDTH, HEIGHT = 260, 44
"""The size in pixels of a page."""
SHARPNESS = 2
"""Dots of the picture per pixel, for high-resolution screens."""

THEIRS, OURS, LINE = (0x2F, 0x81, 0xF7), (0x84, 0x8E, 0x9A), (0x84, 0x8E, 0x9A)
"""Colours with contrast against white and black, because emails are shown on either."""
_TRANSPARENT, _THEIRS, _OURS, _LINE = range(4)


@dataclasses.dataclass(frozen=True)
class Bar:
    """One week in dots of the picture: its left and right edges, and its heights above and below the middle."""

    left: int
    right: int
    theirs: int
    ours: int


def bars(weeks: Weeks) -> list[Bar]:
    """Return bars on one scale for both sides; the longest fills its half, and a single email is visible."""
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
    """Return the chart as PNG without a background: the customer above the middle line, your team below."""
    from PIL import Image, ImageDraw  # noqa: PLC0415  # a slow import that only charts need

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
    """Return two sentences that explain the chart and its scale."""
    most = max((max(week) for week in weeks), default=0)
    return (
        f"Emails by week, last {len(weeks)} weeks: customer above the line, your team below. "
        f"Longest bar: {count_noun(most, 'email')}."
    )


def in_words(weeks: Weeks) -> str:
    """Return the figures of the chart as text, for readers who can't see it."""
    theirs, ours = (", ".join(str(week[side]) for week in weeks) for side in (0, 1))
    return f"Emails by week, oldest first. Customer: {theirs}. Your team: {ours}."
