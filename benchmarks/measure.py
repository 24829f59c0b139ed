"""Measurement of one stage in its own process, which separates its processor time and peak memory.

A stage is a function of the run's folder that returns figures. Its module is imported before the clock starts. A stage
that needs more preparation returns the function to measure instead. The parent process must stay small, because on
Linux a child's peak memory begins at its parent's.
"""

import contextlib
import dataclasses
import importlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

Figures = Mapping[str, float]
"""Figures of a stage besides its cost: rows, latencies, parts of its time."""

Stage = Callable[..., Figures | Callable[[], Figures]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Measurement:
    """Cost of one run of a stage."""

    seconds: float
    """Elapsed time, which other work on the machine extends."""
    cpu_seconds: float
    """Processor time of all threads, in user and system mode."""
    peak_mb: float
    """Peak memory of the process in MB, including libraries."""
    figures: Figures


def run_apart(stage: str, folder: Path, **arguments: int) -> Measurement:
    """Return the cost of ``module:function`` of this package in a fresh interpreter.

    Raises:
        RuntimeError: the stage failed; the message contains its standard error.
    """
    command = [sys.executable, "-m", "benchmarks.measure", stage, str(folder), json.dumps(arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the stage {stage} failed ({done.returncode}):\n{done.stderr}")
    return Measurement(**json.loads(done.stdout))


def _measured(stage: Stage, folder: Path, arguments: Mapping[str, int]) -> Measurement:
    cpu, begin = _cpu_seconds(), time.perf_counter()
    figures = stage(folder, **arguments)
    if callable(figures):
        cpu, begin = _cpu_seconds(), time.perf_counter()
        figures = figures()
    seconds, cpu = time.perf_counter() - begin, _cpu_seconds() - cpu
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Measurement(seconds=seconds, cpu_seconds=cpu, peak_mb=kilobytes / 1024, figures=figures)


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Measure the stage named on the command line and print it as JSON."""
    stage, folder, arguments = sys.argv[1:]
    module, _, name = stage.partition(":")
    function = getattr(importlib.import_module(f"benchmarks.{module}"), name)
    with contextlib.redirect_stdout(sys.stderr):
        found = _measured(function, Path(folder), json.loads(arguments))
    print(json.dumps(dataclasses.asdict(found)))


if __name__ == "__main__":
    main()
