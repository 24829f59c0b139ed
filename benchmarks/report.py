"""Report of the benchmarks: medians, ratios of paired runs, and the machine, as tables and as JSON."""

import dataclasses
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.measure import Figures, Measurement
from benchmarks.plan import TARGETS, Group, Target

LIBRARIES = ("polars", "duckdb", "pandas", "numpy")


@dataclasses.dataclass(frozen=True)
class Outcome:
    """All rounds of a group's stages; the runs ``rounds[stage][n]`` of one ``n`` are neighbours."""

    group: Group
    rounds: Mapping[str, Sequence[Measurement]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Report:
    """All results of one run of the benchmarks."""

    messages: int
    machine: Mapping[str, str]
    compared: Figures
    """Number of cells by signal in which DuckDB and pandas agree with mailsignals; 0 for signals not compared."""
    outcomes: Sequence[Outcome]
    parts: Mapping[str, Figures]

    def to_json(self) -> dict[str, Any]:
        """Return the results as values for JSON, with the measured ratio of each target."""
        return dataclasses.asdict(self) | {
            "targets": [
                dataclasses.asdict(target) | dataclasses.asdict(ratio) for target, ratio in self.judged()
            ]
        }

    def judged(self) -> list[tuple[Target, "Ratio"]]:
        """Return each target with its measured ratio, if both stages ran in one group."""
        return [
            (target, Ratio.of(outcome.rounds[target.stage], outcome.rounds[target.than], target))
            for target in TARGETS
            for outcome in self.outcomes
            if target.stage in outcome.rounds and target.than in outcome.rounds
        ]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ratio:
    """Ratio of the processor seconds of two stages, over all rounds."""

    median: float
    least: float
    most: float
    reached: bool

    @classmethod
    def of(cls, stage: Sequence[Measurement], than: Sequence[Measurement], target: Target) -> "Ratio":
        """Return the ratio of neighbouring runs, and whether it reaches the target."""
        found = [one.cpu_seconds / other.cpu_seconds for one, other in zip(stage, than, strict=True)]
        median = statistics.median(found)
        reached = median <= target.times if target.bound == "at most" else median >= target.times
        return cls(median=median, least=min(found), most=max(found), reached=reached)


def machine(libraries: Sequence[str] = LIBRARIES) -> dict[str, str]:
    """Return the description of the machine, and the versions of libraries."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    versions = {name: metadata.version(name) for name in libraries}
    return {
        "processors": str(os.cpu_count()),
        "memory": f"{memory:.0f} GB",
        "system": platform.platform(),
        "load": f"{os.getloadavg()[0]:.1f}",
        "python": platform.python_version(),
    } | versions


def show(report: Report, console: Console) -> None:
    """Print the report as tables."""
    told = ", ".join(f"{name} {value}" for name, value in report.machine.items())
    console.print(f"\n{report.messages:,} messages; {told}")
    cells = sum(report.compared.values())
    names = ", ".join(name for name, count in report.compared.items() if count)
    console.print(f"DuckDB and pandas agree with mailsignals in {cells:,.0f} compared cells of: {names}")
    left_out = ", ".join(name for name, count in report.compared.items() if not count)
    console.print(f"Not compared, because only mailsignals computes them: {left_out or 'none'}\n")
    for outcome in report.outcomes:
        console.print(_stages(outcome))
    console.print(_targets(report))
    for label, figures in report.parts.items():
        parts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in list(figures.items())[:14])
        console.print(f"\n[bold]{label}[/bold], CPU s by function, including called functions: {parts}")


def _stages(outcome: Outcome) -> Table:
    table = Table("", title=outcome.group.title, title_justify="left")
    for heading in ("seconds", "CPU s", "peak MB"):
        table.add_column(heading, justify="right")
    table.add_column("figures")
    for named in outcome.group.stages:
        runs = outcome.rounds[named.stage]
        figures = ", ".join(f"{name} {_rounded(value)}" for name, value in runs[-1].figures.items())
        table.add_row(
            named.label,
            f"{statistics.median(run.seconds for run in runs):.2f}",
            f"{statistics.median(run.cpu_seconds for run in runs):.2f}",
            f"{statistics.median(run.peak_mb for run in runs):.0f}",
            figures,
        )
    return table


def _targets(report: Report) -> Table:
    table = Table(
        "CPU seconds, ratios of neighbouring runs",
        title="Targets, which are set for 10 million messages",
        title_justify="left",
    )
    for heading in ("median", "range", "target", ""):
        table.add_column(heading, justify="right")
    for target, ratio in report.judged():
        table.add_row(
            target.label,
            f"{ratio.median:.1f}",
            f"{ratio.least:.1f} to {ratio.most:.1f}",
            f"{target.bound} {target.times:g}",
            "reached" if ratio.reached else "missed",
        )
    return table


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
