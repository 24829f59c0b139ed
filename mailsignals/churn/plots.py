"""The report's pictures, as positions that a template draws; pure, and free of any markup."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from models.bootstrap import Estimate

WIDTH, LEFT, ROW = 720, 190, 26
SQUARE, MARGIN = 260, 40


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bar:
    """One contender: a figure and its interval."""

    label: str
    y: float
    width: float
    low: float
    high: float
    text: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bars:
    """Horizontal bars from one left edge."""

    title: str
    width: int
    height: int
    left: int
    bars: Sequence[Bar]
    rule: float | None
    """Where a line stands to compare with, such as chance."""
    rule_label: str


def bars(
    title: str, figures: Sequence[tuple[str, Estimate]], *, rule: float | None = None, rule_label: str = ""
) -> Bars:
    """Bars of figures with their intervals, scaled to the largest; what is not known is left out."""
    known = [(label, figure) for label, figure in figures if np.isfinite(figure.value)]
    ends = [value for _, figure in known for value in (figure.value, figure.high) if np.isfinite(value)]
    most = max([*ends, rule or 0.0, 1e-9])
    room = WIDTH - LEFT - 170

    def at(value: float) -> float:
        return round(LEFT + room * max(value, 0.0) / most, 1)

    return Bars(
        title=title,
        width=WIDTH,
        height=ROW * len(known) + 24,
        left=LEFT,
        bars=[
            Bar(
                label=label,
                y=ROW * place + 6.0,
                width=round(at(figure.value) - LEFT, 1),
                low=at(figure.low if np.isfinite(figure.low) else figure.value),
                high=at(figure.high if np.isfinite(figure.high) else figure.value),
                text=said(figure),
            )
            for place, (label, figure) in enumerate(known)
        ],
        rule=None if rule is None else at(rule),
        rule_label=rule_label,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Curve:
    """Points in a square, with labelled ends of the axes."""

    title: str
    size: int
    margin: int
    points: Sequence[tuple[float, float]]
    path: str
    diagonal: bool
    x_label: str
    y_label: str
    x_end: str
    y_end: str


def curve(
    title: str,
    points: Sequence[tuple[float, float]],
    *,
    labels: tuple[str, str],
    diagonal: bool,
    percent: bool,
) -> Curve:
    """A line through points from 0 up; with a diagonal both axes have one scale. Unknown points are left out.

    Args:
        title: what it shows.
        points: x and y.
        labels: of the axes.
        diagonal: whether a perfect curve would be the diagonal.
        percent: whether x is a share.
    """
    known = [(x, y) for x, y in points if np.isfinite(x) and np.isfinite(y)]
    far = max([x for x, _ in known] + ([y for _, y in known] if diagonal else []), default=1.0) or 1.0
    high = far if diagonal else max((y for _, y in known), default=1.0) or 1.0
    placed = [
        (round(MARGIN + SQUARE * x / far, 1), round(MARGIN + SQUARE * (1 - y / high), 1)) for x, y in known
    ]
    return Curve(
        title=title,
        size=SQUARE,
        margin=MARGIN,
        points=placed,
        path=" ".join(f"{x},{y}" for x, y in placed),
        diagonal=diagonal,
        x_label=labels[0],
        y_label=labels[1],
        x_end=f"{100 * far:.0f} %" if percent else f"{far:g}",
        y_end=f"{100 * high:.0f} %",
    )


def said(figure: Estimate) -> str:
    """``0.68 (0.61 to 0.74)``; without an interval the figure alone; ``unknown`` for nothing."""
    if not np.isfinite(figure.value):
        return "unknown"
    digits = 3 if abs(figure.value) < 1 else 1
    if not np.isfinite(figure.low):
        return f"{figure.value:.{digits}f}"
    return f"{figure.value:.{digits}f} ({figure.low:.{digits}f} to {figure.high:.{digits}f})"
