"""Fit of a gamma distribution of rates to counts over given exposures, by maximum likelihood.

Counts need not be whole numbers: the likelihood is that of the negative binomial distribution, written with gamma
functions (a quasi-likelihood, as with discounted counts).
"""

import math

import numpy as np

from models.sample import Flags, Floats

_BOUNDS = np.log([[0.05, 1.0], [50.0, 1e4]])
"""Bounds of ``r`` and ``a`` as logarithms, needed because a fit to identical accounts has no maximum."""


def most_likely(x: Floats, e: Floats, *, start: tuple[float, float]) -> tuple[float, float]:
    """Return r and a that maximise sum lnG(r + x) - lnG(r) + r ln a - (r + x) ln(a + e), within bounds.

    r lies between 0.05 and 50, a between 1 and 10,000.

    Args:
        x: counts.
        e: exposures.
        start: r and a to begin with.
    """
    place = np.log(start)
    likely, damping = _likelihood(place, x, e), 1e-3
    low, high = _BOUNDS
    for _ in range(100):
        gradient, curvature = _derivatives(place, x, e)
        free = ~(((place <= low) & (gradient < 0)) | ((place >= high) & (gradient > 0)))
        gradient = np.where(free, gradient, 0.0)
        if np.abs(gradient).max() < 1e-8 * len(x):
            break
        step = _uphill(gradient, curvature, free, damping * len(x))
        tried = np.clip(place + np.clip(step, -2, 2), low, high)
        better = _likelihood(tried, x, e)
        if better > likely:
            place, likely, damping = tried, better, damping / 10
        elif damping > 1e8:
            break
        else:
            damping *= 10
    r, a = np.exp(place)
    return float(r), float(a)


def _likelihood(place: Floats, x: Floats, e: Floats) -> float:
    r, a = np.exp(place)
    rows = _log_gamma(r + x) - (r + x) * np.log(a + e)
    return float(rows.sum() + len(x) * (r * np.log(a) - _log_gamma(np.array([r]))[0]))


def _derivatives(place: Floats, x: Floats, e: Floats) -> tuple[Floats, Floats]:
    """Return gradient and second derivatives by ln r and ln a."""
    r, a = np.exp(place)
    count, alone = len(x), np.array([r])
    first, second = _digamma(r + x), _trigamma(r + x)
    by_r = first.sum() - count * _digamma(alone)[0] - np.log1p(e / a).sum()
    by_a = count * r / a - ((r + x) / (a + e)).sum()
    by_rr = second.sum() - count * _trigamma(alone)[0]
    by_ra = count / a - (1 / (a + e)).sum()
    by_aa = ((r + x) / (a + e) ** 2).sum() - count * r / a**2
    curvature = [
        [r * r * by_rr + r * by_r, r * a * by_ra],
        [r * a * by_ra, a * a * by_aa + a * by_a],
    ]
    return np.array([r * by_r, a * by_a]), np.array(curvature)


def _uphill(gradient: Floats, curvature: Floats, free: Flags, damping: float) -> Floats:
    """Return Newton's step towards a maximum, damped until the surface is concave; fixed parameters stay."""
    both = np.outer(free, free)
    hollow = np.where(both, -curvature, np.eye(2))
    least = float(np.linalg.eigvalsh(hollow).min())
    return np.asarray(np.linalg.solve(hollow + (damping + max(0.0, -least)) * np.eye(2), gradient))


# The logarithm of the gamma function and its derivatives by Stirling's series, eight steps up, where it is exact to
# the last digits; scipy has them as well, but takes a quarter of a second to load.
_STEPS = np.arange(8.0)[:, None]


def _log_gamma(z: Floats) -> Floats:
    up, w = z + 8, 1 / (z + 8) ** 2
    series = (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w / 1188)))) / up
    stirling = (up - 0.5) * np.log(up) - up + 0.5 * math.log(2 * math.pi) + series
    return np.asarray(stirling - np.log(np.prod(z + _STEPS, axis=0)))


def _digamma(z: Floats) -> Floats:
    up, w = z + 8, 1 / (z + 8) ** 2
    series = w * (1 / 12 - w * (1 / 120 - w * (1 / 252 - w * (1 / 240 - w / 132))))
    return np.asarray(np.log(up) - 0.5 / up - series - (1 / (z + _STEPS)).sum(axis=0))


def _trigamma(z: Floats) -> Floats:
    up, w = z + 8, 1 / (z + 8) ** 2
    series = (1 + w * (1 / 6 - w * (1 / 30 - w * (1 / 42 - w / 30)))) / up
    return np.asarray(series + 0.5 * w + (1 / (z + _STEPS) ** 2).sum(axis=0))
