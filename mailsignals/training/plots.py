"""Charts of the backtest report, as positions that a template draws."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from models.bootstrap import Estimate

WIDTH, LEFT, ROW = 720, 190, 26
SQUARE, MARGIN = 260, 40


@dataclasses.dataclass(frozen=True, kw_only=True)
class PlotBar:
    """One contender: a figure and its interval."""

    label: str
    y: float
    width: float
    low: float
    high: float
    text: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class PlotBars:
    """Horizontal bars from one left edge."""

    title: str
    width: int
    height: int
    left: int
    bars: Sequence[PlotBar]
    rule: float | None
    """Position of a line for comparison, such as chance; None without one."""
    rule_label: str


def plot_bars(
    title: str, figures: Sequence[tuple[str, Estimate]], *, rule: float | None = None, rule_label: str = ""
) -> PlotBars:
    """Return bars of figures with their intervals, scaled to the largest; unknown figures are left out."""
    known = [(label, figure) for label, figure in figures if np.isfinite(figure.value)]
    ends = [value for _, figure in known for value in (figure.value, figure.high) if np.isfinite(value)]
    most = max([*ends, rule or 0.0, 1e-9])
    room = WIDTH - LEFT - 170

    def at(value: float) -> float:
        return round(LEFT + room * max(value, 0.0) / most, 1)

    return PlotBars(
        title=title,
        width=WIDTH,
        height=ROW * len(known) + 24,
        left=LEFT,
        bars=[
            PlotBar(
                label=label,
                y=ROW * place + 6.0,
                width=round(at(figure.value) - LEFT, 1),
                low=at(figure.low if np.isfinite(figure.low) else figure.value),
                high=at(figure.high if np.isfinite(figure.high) else figure.value),
                text=str(figure),
            )
            for place, (label, figure) in enumerate(known)
        ],
        rule=None if rule is None else at(rule),
        rule_label=rule_label,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Curve:
    """A line through points in a square, with labels at the ends of the axes."""

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


def plot_curve(
    title: str,
    points: Sequence[tuple[float, float]],
    *,
    labels: tuple[str, str],
    diagonal: bool,
    percent: bool,
) -> Curve:
    """Return a line through points from 0 up, without unknown points; with a diagonal, both axes have one scale.

    Args:
        title: the title of the chart.
        points: pairs of x and y.
        labels: the labels of the axes.
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
        x_end=f"{100 * far:.0f}%" if percent else f"{far:g}",
        y_end=f"{100 * high:.0f}%",
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Month:
    """One month: its stacked parts as word, upper edge and height."""

    label: str
    year: str
    """The year in the first month and in each January, else empty."""
    alarms: int
    departures: int
    x: float
    parts: Sequence[tuple[str, float, float]]
    in_words: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class CalendarChart:
    """Alarms above a line and churned accounts below it, by month."""

    title: str
    width: int
    height: int
    bar: float
    line: float
    months: Sequence[Month]

    @property
    def roomy(self) -> bool:
        """Return whether each month has room for its name and counts; if not, only years are named."""
        return self.bar >= NARROWEST


ALARMS, DEPARTURES = ("right", "false", "not known yet"), ("warned", "missed")
TALL, HEAD, FOOT = 170, 16, 44
NARROWEST = 18.0


def calendar(title: str, opened: pl.DataFrame, left: pl.DataFrame) -> CalendarChart:
    """Return alarms by the month in which they opened, and churned accounts by the month of their churn date.

    Args:
        title: the title of the chart.
        opened: ``opened_on`` and ``outcome`` of each alarm.
        left: ``left_on`` and ``warned_on`` of each churned account.
    """
    counts = _by_month(opened, left)
    above, below = (
        np.array([[month[word] for word in words] for month in counts.values()]).reshape(-1, len(words))
        for words in (ALARMS, DEPARTURES)
    )
    up, down = (float(side.sum(axis=1).max(initial=0)) for side in (above, below))
    unit = TALL / max(up + down, 1.0)
    step = WIDTH / max(len(counts), 1)
    months = []
    for place, (month, tally) in enumerate(counts.items()):
        y, parts = up * unit + HEAD, []
        for word in ALARMS:
            y -= tally[word] * unit
            parts.append((word, round(y, 1), round(tally[word] * unit, 1)))
        y = up * unit + HEAD
        for word in DEPARTURES:
            parts.append((word, round(y, 1), round(tally[word] * unit, 1)))
            y += tally[word] * unit
        words = ", ".join(f"{number} {word}" for word, number in tally.items() if number)
        months.append(
            Month(
                label=f"{month:%b}",
                year=f"{month:%Y}" if place == 0 or month.month == 1 else "",
                alarms=sum(tally[word] for word in ALARMS),
                departures=sum(tally[word] for word in DEPARTURES),
                x=round(place * step, 1),
                parts=parts,
                in_words=f"{month:%B %Y}: {words}",
            )
        )
    return CalendarChart(
        title=title,
        width=WIDTH,
        height=TALL + HEAD + FOOT,
        bar=round(0.7 * step, 1),
        line=round(up * unit + HEAD, 1),
        months=months,
    )


def _by_month(opened: pl.DataFrame, left: pl.DataFrame) -> dict[dt.date, dict[str, int]]:
    """Return the counts by word for every month, including months without any."""
    warned = (
        pl.when(pl.col("warned_on").is_null()).then(pl.lit(DEPARTURES[1])).otherwise(pl.lit(DEPARTURES[0]))
    )
    together = pl.concat(
        [
            opened.select(month=pl.col("opened_on").dt.month_start(), word=pl.col("outcome")),
            left.select(month=pl.col("left_on").dt.month_start(), word=warned),
        ]
    )
    if together.is_empty():
        return {}
    counted = {
        (month, word): number for month, word, number in together.group_by("month", "word").len().iter_rows()
    }
    begin, end = together.select(first=pl.col("month").min(), last=pl.col("month").max()).row(0)
    months = pl.date_range(begin, end, interval="1mo", eager=True).to_list()
    return {
        month: {word: counted.get((month, word), 0) for word in (*ALARMS, *DEPARTURES)} for month in months
    }
