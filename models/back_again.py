"""The chance that an account that has been silent for some time writes again within 90 days.

Chances are counted by bands of silence over the archive's own past. Bands are in days, not in multiples of the usual
pause, because equally long silences of busy accounts end more often. In four public archives the chance falls with
silence in the same shape, at different levels. So the shape is a prior, shifted to fit the archive's own counts. Each
band is drawn towards it as if 20 of its rows came from the prior:

    logit(prior of band) = logit(shape of band) + d        d most probable after all counts, normal around 0
    chance = (writing again + 20 * prior) / (rows + 20)
"""

import dataclasses
import itertools
import math
from collections.abc import Sequence

import numpy as np

from models.posterior import logistic
from models.sample import Flags, Floats, Ints

BAND_BEGINS = (0, 30, 60, 90, 120, 180, 365, 730)
"""First days of the bands, in days since the last active day; the last band is unbounded."""

_SHAPE = np.array([0.75, 0.50, 0.40, 0.34, 0.27, 0.185, 0.13, 0.07])
"""Mean shares of four public archives; extrapolated beyond two years, which were not measured."""

WORTH_ROWS = 20
"""Weight of the shape in each band, in rows."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SilenceBand:
    """Silences in one band of lengths, and the number that ended within 90 days."""

    begins: int
    """The first day of the band."""
    ends: int | None
    """The first day after the band; None for the longest silences."""
    rows: int
    """Number of silent accounts, summed over snapshots four weeks apart."""
    returned: int
    """Number of rows after which the account wrote within 90 days."""
    chance: float


def silence_bands(days_since: Ints, returned: Flags) -> tuple[SilenceBand, ...] | None:
    """Return the chance to write again by length of silence; None without any row.

    Args:
        days_since: whole days since the last active day, of each account at each snapshot.
        returned: whether it wrote within the 90 days after.
    """
    if not len(days_since):
        return None
    place = _band_of(days_since)
    rows = np.bincount(place, minlength=len(BAND_BEGINS)).astype(np.float64)
    back = np.bincount(place, weights=returned, minlength=len(BAND_BEGINS)).astype(np.float64)
    prior = _moved(rows, back)
    chances = (back + WORTH_ROWS * prior) / (rows + WORTH_ROWS)
    edges = itertools.pairwise((*BAND_BEGINS, None))
    return tuple(
        SilenceBand(begins=begins or 0, ends=ends, rows=int(seen), returned=int(ended), chance=float(likely))
        for (begins, ends), seen, ended, likely in zip(edges, rows, back, chances, strict=True)
    )


def chance_to_return(bands: Sequence[SilenceBand], days_since: Ints) -> Floats:
    """Return the chance of each account to write within 90 days, by the band of its silence."""
    return np.array([band.chance for band in bands])[_band_of(days_since)]


def _band_of(days_since: Ints) -> Ints:
    return np.asarray(np.searchsorted(np.array(BAND_BEGINS[1:]), days_since, side="right"))


def _moved(rows: Floats, back: Floats) -> Floats:
    """Return the shape shifted in log odds by the most probable number, with a standard normal prior."""
    shape = np.log(_SHAPE / (1 - _SHAPE))
    low, high = -30.0, 30.0
    # The gradient falls as the number rises, so bisection finds its zero.
    while high - low > 1e-12:
        middle = (low + high) / 2
        if math.fsum(back - rows * logistic(shape + middle)) > middle:
            low = middle
        elif middle in {low, high}:
            break
        else:
            high = middle
    return logistic(shape + (low + high) / 2)
