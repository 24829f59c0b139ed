"""Writing again after a silence: counts where there are many, the common shape where there are few."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.back_again import BAND_BEGINS, chance_to_return, silence_bands

_ROWS = st.lists(st.tuples(st.integers(0, 2000), st.booleans()), min_size=1, max_size=60)


def test_without_rows_nothing_is_said() -> None:
    """No silence whose 90 days are over: None, rather than other archives' shares."""
    assert silence_bands(np.array([], dtype=np.int64), np.array([], dtype=bool)) is None


def test_many_rows_speak_for_themselves() -> None:
    """With 5,000 rows a band has the archive's own share, within a hundredth."""
    since = np.repeat(np.array(BAND_BEGINS), 5000)
    share = np.repeat([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2], 5000)
    returned = np.random.default_rng(0).random(len(since)) < share
    found = silence_bands(since, returned)
    assert found is not None
    for number, band in enumerate(found):
        assert band.rows == 5000
        assert band.chance == pytest.approx(band.returned / 5000, abs=0.01)
        assert band.begins == BAND_BEGINS[number]
    assert found[-1].ends is None


def test_a_band_without_rows_follows_the_others() -> None:
    """Where silences end seldom, those that were never seen are taken to end more seldom still."""
    since = np.repeat([10, 45], 200)
    seldom, often = (silence_bands(since, np.arange(400) % 10 < most) for most in (1, 9))
    assert seldom is not None
    assert often is not None
    for rare, frequent in zip(seldom, often, strict=True):
        assert rare.chance < frequent.chance
    assert seldom[4].rows == 0
    assert seldom[4].chance < 0.1
    assert list(chance_to_return(seldom, np.array([150, 150]))) == [seldom[4].chance] * 2


@settings(deadline=None)
@given(_ROWS)
def test_any_rows_give_chances_between_nought_and_one(rows: list[tuple[int, bool]]) -> None:
    """Every row counts in one band, whose bounds hold its silence."""
    since, returned = (np.array(column) for column in zip(*rows, strict=True))
    found = silence_bands(since, returned)
    assert found is not None
    for band in found:
        within = (since >= band.begins) & (since < (band.ends or 10_000))
        assert (band.rows, band.returned) == (within.sum(), returned[within].sum())
        assert 0 < band.chance < 1
