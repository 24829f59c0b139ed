"""Comparison of the signals of mailsignals, DuckDB and pandas: counts exactly, other figures to a millionth."""

import collections
from pathlib import Path

import polars as pl

from benchmarks import duckdb_signals, frames
from benchmarks.company import AS_OF, WEEKLY
from benchmarks.engine import signals_at
from benchmarks.measure import Figures

KEYS = ["account", "as_of", "window_days"]
TOLERANCE = 1e-6
COUNTS = [
    "inbound",
    "outbound",
    "chasers",
    "urgent",
    "active_contacts",
    "checkins",
    "open_turns",
    "champion_quiet",
]
ONLY_MAILSIGNALS = ["meetings", "days_since_meeting", "bounced_contacts", "away_contacts"]
"""Signals from automated email, which the DuckDB and pandas versions do not compute."""


def agreement(folder: Path) -> Figures:
    """Compare all implementations as of one date, and as of every 13th week.

    Returns:
        The number of compared cells by signal; 0 for signals that only mailsignals computes.

    Raises:
        ValueError: an implementation differs from mailsignals in at least one cell.
    """
    compared: collections.Counter[str] = collections.Counter()
    for as_ofs in ([AS_OF], WEEKLY[::13]):
        expected = signals_at(folder, as_ofs).drop(ONLY_MAILSIGNALS)
        others = {
            "DuckDB, windows by thread,": duckdb_signals.signals(
                folder, as_ofs, neighbours=duckdb_signals.PARTITIONED
            ),
            "DuckDB, sorted file,": duckdb_signals.signals(folder, as_ofs, neighbours=duckdb_signals.SORTED),
            "pandas": frames.signals(folder, as_ofs),
        }
        for name, found in others.items():
            different = disagreements(expected, found)
            if different:
                raise ValueError(f"{name} differs from mailsignals; differing cells by column: {different}")
            compared.update(dict.fromkeys(expected.drop(KEYS).columns, expected.height))
    return {**compared, **dict.fromkeys(ONLY_MAILSIGNALS, 0)}


def disagreements(expected: pl.DataFrame, found: pl.DataFrame) -> dict[str, int]:
    """Return the number of differing cells by column; a column or row that one side lacks differs too."""
    if set(expected.columns) != set(found.columns):
        return dict.fromkeys(set(expected.columns) ^ set(found.columns), expected.height)
    both = expected.cast({"window_days": pl.Int64}).join(
        found.cast({"window_days": pl.Int64, "account": pl.UInt32, "as_of": expected.schema["as_of"]}),
        on=KEYS,
        how="full",
        suffix=" found",
    )
    differing = both.select(
        (pl.col("window_days").is_null() | pl.col("window_days found").is_null()).alias("rows"),
        *(_differs(name) for name in expected.columns if name not in KEYS),
    ).sum()
    return {name: count for name, count in differing.row(0, named=True).items() if count}


def _differs(name: str) -> pl.Expr:
    left, right = pl.col(name).cast(pl.Float64), pl.col(f"{name} found").cast(pl.Float64)
    if name in COUNTS:
        return left.ne_missing(right).alias(name)
    close = (left - right).abs() <= TOLERANCE * pl.max_horizontal(1.0, left.abs())
    return ~(close.fill_null(value=False) | (left.is_null() & right.is_null())).alias(name)
