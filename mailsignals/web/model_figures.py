"""Figures of a model's quality and of flag outcomes, for the page Model; pure."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from mailsignals.flags.outcomes import KEPT, LEFT, NO_RISK, NOTHING
from mailsignals.flags.shares import share_of
from mailsignals.readmodel.tables.models import RANDOM
from mailsignals.web.rendering import NO_FIGURE
from mailsignals.wording.numbers import percent
from models.bootstrap import UNKNOWN, Estimate
from models.card import MEANINGS

ENDS: Mapping[str, str] = {
    LEFT: "churned within 120 days",
    KEPT: "marked as saved",
    NO_RISK: "dismissed",
    NOTHING: "no churn within 120 days",
}


NAMES: Mapping[str, str] = {"leaving": "churn model", "quiet": "chance of going quiet"}
"""Names of contenders on the page, where they differ from those in a report."""


def comparison(contenders: pl.DataFrame) -> dict[str, Any]:
    """Return the figures of a backtest as ``columns`` and ``rows``.

    A column has a name, and true for the model in use. A row has a figure, and each column's value and interval.
    """
    names = [
        (name, chosen)
        for name, chosen in contenders.select("contender", "chosen").unique(maintain_order=True).iter_rows()
        if name != RANDOM
    ]
    names += [(RANDOM, False)] if RANDOM in contenders["contender"] else []
    found = {
        (row["contender"], row["figure"]): Estimate.from_json(
            {name: row[name] for name in ("value", "low", "high")}
        )
        for row in contenders.iter_rows(named=True)
    }
    words = dict(contenders.select("figure", "words").iter_rows())
    rows = [
        (words[figure], [_cell(found.get((name, figure), UNKNOWN)) for name, _ in names])
        for figure in MEANINGS
        if figure in words
    ]
    return {"columns": [(NAMES.get(name, name), chosen) for name, chosen in names], "rows": rows}


def _cell(figure: Estimate) -> tuple[str, str]:
    """Return a figure and its interval in words, as in the report of a backtest."""
    value, _, interval = str(figure).partition(" (")
    return (NO_FIGURE, "") if value == "unknown" else (value, interval.removesuffix(")"))


def curve(calibration: pl.DataFrame, *, event: str) -> str | None:
    """Return the JSON that the script of the calibration chart reads; None without calibration."""
    if calibration.is_empty():
        return None
    rows = calibration.sort("said")
    view = {"said": rows["said"].to_list(), "came": rows["came"].to_list(), "event": event}
    return json.dumps(view)


def by_quarter(settled: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the number of right flags by quarter of their outcome, newest first, with 95% intervals."""
    first = pl.col("known_on").dt.truncate("1q")
    counts = settled.group_by(quarter=first).agg(right=pl.col("right").sum(), settled=pl.len())
    return [
        {
            "quarter": f"Q{(quarter.month + 2) // 3} {quarter.year}",
            "right": right,
            "settled": of,
            "share": _share(right, of),
        }
        for quarter, right, of in counts.sort("quarter", descending=True).iter_rows()
    ]


def _share(count: int, of: int) -> str:
    found = share_of(count, of)
    if found.value is None or found.low is None or found.high is None:
        return NO_FIGURE
    return f"{percent(found.value)} ({100 * found.low:.0f} to {100 * found.high:.0f})"


def by_end(settled: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the number of flags by outcome, with true for outcomes that count as right."""
    counts = dict(settled.group_by("became").len().iter_rows())
    return [
        {"end": words, "right": end in {LEFT, KEPT}, "flags": counts.get(end, 0)}
        for end, words in ENDS.items()
    ]


def sentences_about(words: pl.DataFrame, about: str) -> list[str]:
    """Return the sentences about a subject, such as ``verdict``."""
    return words.filter(pl.col("about") == about)["text"].to_list()


def in_use_since(promotions: pl.DataFrame, model: str | None) -> dt.datetime | None:
    """Return when the model in use was last promoted; None for a scorecard that was never replaced."""
    found = promotions.filter(pl.col("model") == (model or "scorecard"))
    moment: dt.datetime | None = found["promoted_at"].max() if found.height else None  # type: ignore[assignment]
    return moment
