"""Benchmark of the early warning on real mail: ``python -m benchmarks.warning [--data FOLDER] [--cost]``.

It compares chances, computed from the data known at the time, with the best simple rules. Silence for 90 days stands in
for churn. Intervals contain 90% of the draws of accounts.
"""

import argparse
import itertools
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from benchmarks.archive import openbmc_folder, read_archive
from benchmarks.warning_cost import cost
from benchmarks.warning_rows import warning_rows
from mailsignals.risk.quiet import BAND_EDGES
from models.bootstrap import Estimate, estimates
from models.metrics import Ranked, bins_of, calibration_error
from models.posterior import most_probable
from models.sample import Flags, Floats

ALL = ("days since", "few active days", "plain", "risk 1", "risk 2", "risk")
SCORED = ("scorecard", "days since", "few active days", "plain scored", "risk 1", "risk 2", "risk")
CHANCES = ("quiet 1", "quiet 2", "quiet chosen", "risk", "plain")
BEST = "risk"
TOP = 0.1
DRAWS = 1000

TARGETS: Mapping[str, tuple[float, bool]] = {
    "all: ROC of risk": (0.81, True),
    "all: PR of risk": (0.57, True),
    "all: precision of the top tenth": (0.65, True),
    "all: ECE of quiet": (0.04, False),
    "all: ROC over days since, lower bound": (0.06, True),
    "all: ROC over few active days, lower bound": (-0.005, True),
    "scored: ROC of risk": (0.79, True),
    "scored: PR of risk": (0.39, True),
    "high: event rate over base": (2.0, True),
    "low: event rate over base": (0.1, False),
}
"""Targets for the archive openbmc: the bound, and True for at least or False for at most."""


def figures(rows: pl.DataFrame, methods: Sequence[str]) -> dict[str, Estimate]:
    """Return ROC, PR and precision of the top tenth of each method, and the gain of ``risk`` over it in ROC."""
    silent, account = _flags(rows), rows["account"].to_numpy().astype(np.int64)
    ranked = {name: Ranked(_floats(rows, name), silent) for name in methods}
    wanted: dict[str, Callable[[Floats], float]] = {}
    for name, one in ranked.items():
        wanted[f"{name} roc"], wanted[f"{name} pr"] = one.roc_auc, one.pr_auc
        wanted[f"{name} top"] = _precision(_top(rows, name), silent)
        wanted[f"over {name}"] = _gain(ranked[BEST], one)
    return estimates(wanted, account, count=DRAWS)


def _gain(one: Ranked, other: Ranked) -> Callable[[Floats], float]:
    return lambda weights: one.roc_auc(weights) - other.roc_auc(weights)


def _precision(top: Flags, silent: Flags) -> Callable[[Floats], float]:
    return lambda weights: float(weights @ (top & silent)) / max(float(weights @ top), 1.0)


def slope(chances: Floats, silent: Flags) -> float:
    """Return the slope of outcomes on predicted log odds; 1 is calibrated, below 1 is too extreme."""
    held = np.clip(chances, 1e-12, 1 - 1e-12)
    columns = np.stack([np.log(held / (1 - held)), np.ones(len(held))])
    found = most_probable(
        columns, silent, np.ones(len(held)), mean=np.array([1.0, 0.0]), deviation=np.full(2, 100.0)
    )
    return float(found[0])


def show_archive(rows: pl.DataFrame, console: Console) -> dict[str, float]:
    """Print the tables of an archive, and return the figures that have targets."""
    scored = rows.filter("scored")
    found = {
        "all": _show_ranking("All who wrote within 90 days", rows, ALL, console),
        "scored": _show_ranking("Rows that the first version scored", scored, SCORED, console),
    }
    _show_calibration(rows, console)
    levels = _show_levels(rows, console)
    return {
        "all: ROC of risk": found["all"]["risk roc"].value,
        "all: PR of risk": found["all"]["risk pr"].value,
        "all: precision of the top tenth": found["all"]["risk top"].value,
        "all: ECE of quiet": _ece(rows, "quiet chosen"),
        "all: ROC over days since, lower bound": found["all"]["over days since"].low,
        "all: ROC over few active days, lower bound": found["all"]["over few active days"].low,
        "scored: ROC of risk": found["scored"]["risk roc"].value,
        "scored: PR of risk": found["scored"]["risk pr"].value,
        "high: event rate over base": levels["high"],
        "low: event rate over base": levels["low"],
    }


def show_targets(measured: Mapping[str, float], console: Console) -> None:
    """Print each target of openbmc with the measured figure."""
    table = Table("figure", "target", "measured", "", title="Targets")
    for name, (bound, least) in TARGETS.items():
        value = measured[name]
        met = value >= bound if least else value <= bound
        table.add_row(name, f"{'≥' if least else '≤'} {bound:g}", f"{value:.3f}", "met" if met else "MISSED")
    console.print(table)


def _show_ranking(
    title: str, rows: pl.DataFrame, methods: Sequence[str], console: Console
) -> dict[str, Estimate]:
    base = float(_flags(rows).mean())
    table = Table(
        "method",
        "ROC",
        "PR",
        "top tenth",
        "ROC of risk over it",
        title=f"{title}: {rows.height:,} rows, {rows['account'].n_unique()} accounts, {base:.3f} fell silent",
    )
    found = figures(rows, methods)
    for name in methods:
        roc, pr, top = (f"{found[f'{name} {what}'].value:.3f}" for what in ("roc", "pr", "top"))
        over = found[f"over {name}"]
        better = "" if name == BEST else f"{over.value:+.3f} [{over.low:+.3f}, {over.high:+.3f}]"
        table.add_row(name, roc, pr, top, better)
    console.print(table)
    return found


def _show_calibration(rows: pl.DataFrame, console: Console) -> None:
    silent = _flags(rows)
    table = Table(
        "chance", "ECE", "slope", *_band_names(), title="Calibration: predicted / actual (rows) by band"
    )
    for name in CHANCES:
        chances = _floats(rows, name)
        band = np.searchsorted(np.array(BAND_EDGES[1:-1]), chances, side="right")
        cells = [
            f"{chances[band == one].mean():.3f} / {silent[band == one].mean():.3f} ({(band == one).sum():,})"
            if (band == one).any()
            else "-"
            for one in range(len(BAND_EDGES) - 1)
        ]
        table.add_row(name, f"{_ece(rows, name):.3f}", f"{slope(chances, silent):.2f}", *cells)
    console.print(table)


def _show_levels(rows: pl.DataFrame, console: Console) -> dict[str, float]:
    """Print the levels, and return the share of silences of each level relative to that of all."""
    table = Table("levels of", "level", "share", "risk", "fell silent", title="Levels")
    views = {
        "all who wrote": ("level", rows),
        "active accounts": ("level active", rows.filter(pl.col("level active").is_not_null())),
        "first version": ("first level", rows.filter(pl.col("first level").is_not_null())),
    }
    ratios = {}
    for view, (column, of) in views.items():
        for name in ("high", "medium", "low"):
            level = of.filter(pl.col(column) == name)
            if level.is_empty():
                continue
            risk = "" if column == "first level" else f"{_floats(level, BEST).mean():.2f}"
            happened = float(_flags(level).mean())
            table.add_row(view, name, f"{level.height / of.height:.2f}", risk, f"{happened:.2f}")
            if column == "level":
                ratios[name] = happened / float(_flags(of).mean())
        table.add_row(view, "all", "1.00", "", f"{_flags(of).mean():.2f}", end_section=True)
    console.print(table)
    return {"high": 0.0, "low": 0.0} | ratios


def _top(rows: pl.DataFrame, name: str) -> Flags:
    """Return true for the riskiest tenth of each origin, at least one row."""
    rank = pl.col(name).rank("ordinal", descending=True).over("as_of")
    room = (pl.len().over("as_of") * TOP).round().clip(lower_bound=1)
    return np.asarray(rows.select(rank <= room).to_series().to_numpy())


def _ece(rows: pl.DataFrame, name: str) -> float:
    chances = _floats(rows, name)
    return calibration_error(chances, _flags(rows), np.ones(len(chances)), bins_of(chances))


def _band_names() -> list[str]:
    return [f"{low:.0%} to {high:.0%}" for low, high in itertools.pairwise(BAND_EDGES)]


def _flags(rows: pl.DataFrame) -> Flags:
    return rows["silent"].to_numpy().astype(np.bool_)


def _floats(rows: pl.DataFrame, name: str) -> Floats:
    return rows[name].cast(pl.Float64).to_numpy().astype(np.float64)


def main() -> None:
    """Run the benchmark: print the tables of each archive, and the cost if requested."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.warning", description="Measure the early warning on real mail."
    )
    parser.add_argument(
        "--data",
        type=Path,
        action="append",
        help="a folder with messages.parquet, config.toml and the account list (default: openbmc)",
    )
    parser.add_argument(
        "--cost", action="store_true", help="measure the cost at 5,000 accounts and 104 weeks"
    )
    chosen = parser.parse_args()
    console = Console(width=170)
    if chosen.cost:
        cost(console)
        return
    openbmc = openbmc_folder()
    folders = chosen.data or ([openbmc] if openbmc else [])
    if not folders:
        sys.stderr.write(
            "skipped: no openbmc data; set MAILSIGNALS_DATA to the folder that holds second/openbmc\n"
        )
    for folder in folders:
        archive = read_archive(folder)
        console.rule(archive.name)
        measured = show_archive(warning_rows(archive), console)
        if folder == openbmc:
            show_targets(measured, console)


if __name__ == "__main__":
    main()
