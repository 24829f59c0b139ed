"""The chart of a card."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mailsignals.notifications.digest.chart import (
    HEIGHT,
    LINE,
    OURS,
    SHARPNESS,
    THEIRS,
    WIDTH,
    bars,
    caption,
    in_words,
    picture,
)


def test_the_longest_bar_fills_its_half() -> None:
    """Bars are drawn to one scale for both sides, and the caption says what it is."""
    first, second = bars([(4, 2), (0, 1)])
    assert (first.theirs, first.ours, second.theirs, second.ours) == (43, 22, 0, 11)
    assert caption([(4, 2), (0, 1)]) == (
        "Emails by week, last 2 weeks: customer above the line, your team below. Longest bar: 4 emails."
    )


def test_words_say_what_the_chart_shows() -> None:
    """Every week of both sides."""
    assert in_words([(4, 2), (0, 1)]) == "Emails by week, oldest first. Customer: 4, 0. Your team: 2, 1."


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=20))
def test_no_bar_leaves_its_half(weeks: list[tuple[int, int]]) -> None:
    """Whatever the counts, also all nought; and what is not nought is seen."""
    half = HEIGHT * SHARPNESS // 2
    for bar, counts in zip(bars(weeks), weeks, strict=True):
        assert 0 <= bar.left <= bar.right < WIDTH * SHARPNESS
        for length, count in zip((bar.theirs, bar.ours), counts, strict=True):
            assert (length > 0) == (count > 0)
            assert length < half


def test_a_picture_has_no_background() -> None:
    """Theirs stand above the middle line and ours below; everything else lets through what lies behind."""
    image = Image.open(io.BytesIO(picture([(1, 0), (0, 1)]))).convert("RGBA")
    assert image.size == (WIDTH * SHARPNESS, HEIGHT * SHARPNESS)
    assert image.getpixel((10, 10)) == (*THEIRS, 255)
    assert image.getpixel((image.width // 2 + 10, image.height - 10)) == (*OURS, 255)
    for corner in ((10, image.height - 10), (image.width - 10, 10)):
        pixel = image.getpixel(corner)
        assert isinstance(pixel, tuple)
        assert pixel[3] == 0


@pytest.mark.parametrize("behind", [(255, 255, 255), (0xF4, 0xF5, 0xF7), (0x16, 0x1B, 0x22), (0, 0, 0)])
@pytest.mark.parametrize("colour", [THEIRS, OURS, LINE])
def test_colours_read_on_light_and_dark(colour: tuple[int, int, int], behind: tuple[int, int, int]) -> None:
    """With a contrast of 3 to 1, which WCAG 2.2 (1.4.11) wants of graphics."""
    light, dark = sorted((_luminance(colour), _luminance(behind)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3


def _luminance(colour: tuple[int, int, int]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (x / 255 for x in colour)]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
