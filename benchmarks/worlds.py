"""Benchmark of the early warning in simulated companies: ``python -m benchmarks.worlds [--worlds calm/mid,mixed/mid]``.

For each world it shows the ranking quality of simple rules, the first version of the scorecard, the chance of going
quiet, risk and the chance of churn. Churn and silence within 90 days are evaluated separately. All predictions use the
data known at the time. Intervals contain 90% of the draws of accounts.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from benchmarks.scenarios import WORLDS
from benchmarks.world_rows import (
    LEAVING,
    METHODS,
    QUIET_1,
    QUIET_2,
    RISK_1,
    RISK_2,
    SCORECARD,
    world_rows,
)
from models.baselines import FEW_ACTIVE_DAYS
from models.bootstrap import Estimate, estimates
from models.controls import DAYS_SINCE_LAST_MAIL
from models.metrics import Ranked, bins_of, calibration_error
from models.sample import Flags, Floats

COMPANIES, ACCOUNTS = 2, 800
LEAST_SILENT = 50
"""Number of silences that figures on silence need."""
Figures = Mapping[str, Estimate]

TRAINED_PR = {"calm/mid": 0.95, "calm/strong": 1.15, "calm/angry": 1.6}
"""Target for the PR-AUC of the chance of churn, as a multiple of that of the first scorecard."""


def on_event(rows: pl.DataFrame, event: str, *, against: Sequence[str]) -> Figures:
    """Return ``METHOD pr`` and ``METHOD roc``, and the gains over each method in ``against``.

    The gains are ``METHOD pr over OTHER`` and ``METHOD roc over OTHER``.
    """
    happened, account = rows[event].to_numpy().astype(np.bool_), rows["account"].to_numpy().astype(np.int64)
    ranked = {name: Ranked(_floats(rows, name), happened) for name in METHODS}
    wanted: dict[str, Callable[[Floats], float]] = {}
    for name, one in ranked.items():
        wanted |= {f"{name} pr": one.pr_auc, f"{name} roc": one.roc_auc}
        for other in against:
            wanted |= {f"{name} {kind} over {other}": gain for kind, gain in _gains(one, ranked[other])}
    return estimates(wanted, account)


def _gains(one: Ranked, other: Ranked) -> list[tuple[str, Callable[[Floats], float]]]:
    return [
        ("pr", lambda weights: one.pr_auc(weights) - other.pr_auc(weights)),
        ("roc", lambda weights: one.roc_auc(weights) - other.roc_auc(weights)),
    ]


def measured(name: str, *, companies: int, accounts: int, console: Console) -> dict[str, float]:
    """Print the tables of a world, and return the figures that have targets."""
    rows = world_rows(WORLDS[name], companies=companies, accounts=accounts)
    stayed = rows.filter(pl.col("silent").is_not_null())
    console.rule(name)
    churn = on_event(rows, "left", against=(SCORECARD, DAYS_SINCE_LAST_MAIL))
    silence = (
        on_event(stayed, "silent", against=(FEW_ACTIVE_DAYS,))
        if stayed["silent"].sum() >= LEAST_SILENT
        else {}
    )
    _show_ranking(rows, stayed, churn, silence, console)
    _show_levels(rows, console)
    ece = {one: _ece(stayed, one) for one in (QUIET_1, QUIET_2)}
    if silence:
        console.print(", ".join(f"ECE of {one} on silence: {value:.3f}" for one, value in ece.items()))
    console.print(f"ECE of the chance of churn: {_ece(rows, LEAVING, 'left'):.3f}\n")
    return _targeted(rows, churn, silence, ece)


def _targeted(
    rows: pl.DataFrame, churn: Figures, silence: Figures, ece: Mapping[str, float]
) -> dict[str, float]:
    scorecard = churn[f"{SCORECARD} pr"].value
    high = rows.filter(pl.col("level of all") == "high")
    found = {
        f"{one}: PR on churn, times the scorecard's": churn[f"{one} pr"].value / scorecard
        for one in (RISK_1, RISK_2, LEAVING)
    }
    found |= {
        f"{one}: PR on churn over the scorecard's, upper bound": churn[f"{one} pr over {SCORECARD}"].high
        for one in (RISK_1, RISK_2)
    }
    found["leaving: ROC on churn over days since"] = churn[f"{LEAVING} roc over {DAYS_SINCE_LAST_MAIL}"].value
    found["high: share of the accounts"] = high.height / rows.height
    found["high: churn, times the base"] = _mean(high, "left") / _mean(rows, "left")
    if silence:
        found["quiet 2: ECE on silence"] = ece[QUIET_2]
        found["quiet 2: ROC on silence over few active days"] = silence[
            f"{QUIET_2} roc over {FEW_ACTIVE_DAYS}"
        ].value
    return found


def targets(name: str) -> dict[str, tuple[float, bool]]:
    """Return the targets of a world by figure: the bound, and True for at least or False for at most."""
    if name in TRAINED_PR:
        risks = (RISK_1, RISK_2)
        return {
            **{f"{one}: PR on churn, times the scorecard's": (0.95, True) for one in risks},
            **{f"{one}: PR on churn over the scorecard's, upper bound": (0.0, True) for one in risks},
            f"{LEAVING}: PR on churn, times the scorecard's": (TRAINED_PR[name], True),
            "high: share of the accounts": (0.02, False),
            "high: churn, times the base": (4.0, True),
        }
    seldom = {
        "quiet 2: ECE on silence": (0.03, False),
        "quiet 2: ROC on silence over few active days": (-0.02, True),
    }
    if name.startswith("thinned/"):
        return {**seldom, "leaving: ROC on churn over days since": (0.0, True)}
    return seldom if name.startswith(("mixed/", "monthly/")) else {}


def _show_ranking(
    rows: pl.DataFrame, stayed: pl.DataFrame, churn: Figures, silence: Figures, console: Console
) -> None:
    left = rows.filter("left")["account"].n_unique()
    table = Table(
        "method",
        "churn: PR",
        "ROC",
        "PR over the scorecard",
        "ROC over the scorecard",
        "silence: PR",
        "ROC",
        title=f"{rows.height:,} rows, {rows['account'].n_unique():,} accounts, {left} churned; within 90 days "
        f"{_mean(rows, 'left'):.3f} churn, and {_mean(stayed, 'silent'):.3f} of the others fall silent",
        title_justify="left",
    )
    for name in METHODS:
        over = ["", ""]
        if name != SCORECARD:
            over = [_interval(churn[f"{name} {kind} over {SCORECARD}"]) for kind in ("pr", "roc")]
        quiet = [f"{silence[f'{name} {kind}'].value:.3f}" if silence else "" for kind in ("pr", "roc")]
        table.add_row(
            name, f"{churn[f'{name} pr'].value:.3f}", f"{churn[f'{name} roc'].value:.3f}", *over, *quiet
        )
    console.print(table)


def _show_levels(rows: pl.DataFrame, console: Console) -> None:
    table = Table("levels of", "level", "share", "churned", "silent", title="Levels", title_justify="left")
    views = {
        "all that wrote": "level of all",
        "active accounts": "level",
        "first version": "first level",
    }
    for view, column in views.items():
        of = rows.filter(pl.col(column).is_not_null())
        for name in ("high", "medium", "low"):
            part = of.filter(pl.col(column) == name)
            if part.height:
                share = f"{part.height / of.height:.3f}"
                table.add_row(view, name, share, f"{_mean(part, 'left'):.3f}", f"{_mean(part, 'silent'):.3f}")
        table.add_row(
            view, "all", "1", f"{_mean(of, 'left'):.3f}", f"{_mean(of, 'silent'):.3f}", end_section=True
        )
    seldom = rows.filter(pl.col("state") == "seldom_writes").height / rows.height
    console.print(table, f"{seldom:.1%} of the rows rarely write.")


def show_targets(found: Mapping[str, Mapping[str, float]], console: Console) -> None:
    """Print each target of each world with the measured figure."""
    table = Table("world", "figure", "target", "measured", "", title="Targets", title_justify="left")
    for world, figures in found.items():
        for name, (bound, least) in targets(world).items():
            value = figures.get(name, float("nan"))
            met = value >= bound if least else value <= bound
            wanted = f"{'at least' if least else 'at most'} {bound:g}"
            table.add_row(world, name, wanted, f"{value:.3f}", "met" if met else "MISSED")
    console.print(table)


def _interval(one: Estimate) -> str:
    return f"{one.value:+.3f} [{one.low:+.3f}, {one.high:+.3f}]"


def _ece(rows: pl.DataFrame, name: str, event: str = "silent") -> float:
    chances = _floats(rows, name)
    happened: Flags = rows[event].to_numpy().astype(np.bool_)
    return calibration_error(chances, happened, np.ones(len(chances)), bins_of(chances))


def _mean(rows: pl.DataFrame, event: str) -> float:
    known = rows[event].drop_nulls().to_numpy()
    return float(known.mean()) if len(known) else float("nan")


def _floats(rows: pl.DataFrame, name: str) -> Floats:
    return rows[name].cast(pl.Float64).to_numpy().astype(np.float64)


def main() -> None:
    """Run the benchmark: print the tables of each world, then the targets."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.worlds", description="Measure the early warning in simulated companies."
    )
    parser.add_argument("--worlds", default=",".join(WORLDS), help="names of worlds (default: %(default)s)")
    parser.add_argument(
        "--companies", type=int, default=COMPANIES, help="companies per world (default: %(default)s)"
    )
    parser.add_argument(
        "--accounts", type=int, default=ACCOUNTS, help="accounts per company (default: %(default)s)"
    )
    parser.add_argument("--output", type=Path, help="a JSON file for the figures that have targets")
    chosen = parser.parse_args()
    console = Console(width=150)
    found = {
        name: measured(name, companies=chosen.companies, accounts=chosen.accounts, console=console)
        for name in chosen.worlds.split(",")
    }
    show_targets(found, console)
    if chosen.output:
        chosen.output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
