"""Benchmark of pages: ``python -m benchmarks.dashboard [--messages 10_000_000] [--output FILE.json]``.

It creates the store of a company and prepares an edition. Then one process serves it, one writes new mail to the store,
and one runs readers that request every page repeatedly.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks.company import ACCOUNTS
from benchmarks.measure import Measurement, run_apart
from benchmarks.report import machine
from mailsignals.web.api.app import PREFIX
from mailsignals.web.pages import PAGES

READERS: Final = 8
LIBRARIES = ("polars", "starlette", "uvicorn", "fastapi")
MOST_MS, MOST_BYTES = 150, 200_000
STAGES = {
    "serving:write_company": "messages into a store, compacted",
    "serving:derive": "touches, once per change of the store",
    "serving:prepare": "an edition, from existing touches",
}
BUSY, SMALL = "account0", f"account{ACCOUNTS - 1}"
"""The account with the most mail, and one with hardly any."""

API = (
    "/accounts",
    "/accounts?sort=-arr&q=account1&limit=500",
    f"/accounts/{BUSY}",
    f"/accounts/{BUSY}/history",
    "/signals?limit=500",
    "/flags",
    "/sla",
    "/sla?by=account&limit=500",
    "/sla?by=week&days=365",
    "/sla/tickets?days=90",
    f"/sla/tickets?days=365&account_id={SMALL}",
    "/status",
)
"""Requests of programs."""

Rows = Mapping[str, Mapping[str, float]]


def paths() -> list[str]:
    """Return the paths of every page, then those of the API; pages of an account are for a busy and a small one.

    Downloads and pages that only links in emails lead to are left out.
    """
    found = []
    for page in PAGES:
        if "GET" not in page.methods or page.open or page.path == "/" or "." in page.path:
            continue
        filled = [re.sub(r"{account[^}]*}", each, page.path) for each in (BUSY, SMALL)]
        found += [each for each in dict.fromkeys(filled) if "{" not in each]
    return [*found, *(f"{PREFIX}{each}" for each in API)]


def main() -> None:
    """Run the benchmark, print the tables, and write the figures as JSON if requested."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.dashboard", description="Measure the dashboard."
    )
    parser.add_argument(
        "--messages", type=int, default=1_000_000, help="number of messages (default: %(default)s)"
    )
    parser.add_argument(
        "--seconds", type=float, default=60, help="duration of reading (default: %(default)s)"
    )
    parser.add_argument(
        "--readers", type=int, default=READERS, help="number of connections (default: %(default)s)"
    )
    parser.add_argument(
        "--kept", type=Path, help="a folder for the company, which is created if it doesn't exist"
    )
    parser.add_argument("--output", type=Path, help="a JSON file for all figures")
    chosen = parser.parse_args()
    console, progress, before = Console(width=150), Console(stderr=True), machine(LIBRARIES)
    with _folder(chosen.kept) as folder:
        stages = {}
        for stage, label in STAGES.items():
            if stage != "serving:write_company":
                progress.print(label)
                stages[label] = run_apart(stage, folder)
            elif not (folder / "config.toml").exists():
                progress.print(label)
                stages[label] = run_apart(stage, folder, messages=chosen.messages)
        progress.print("visiting")
        found = visited(folder, paths(), readers=chosen.readers, seconds=chosen.seconds)
    console.print(f"\n{', '.join(f'{name} {value}' for name, value in before.items())}\n")
    console.print(_stages(stages))
    console.print(_pages(found.rows, chosen.readers))
    answers = sum(row["requests"] for row in found.rows.values())
    console.print(
        f"{answers:,.0f} responses in {chosen.seconds:g} s to {chosen.readers} readers, while {found.written:,} "
        f"messages were written; the server used {found.server_cpu_seconds:.0f} CPU s and at most "
        f"{found.server_mb:,.0f} MB."
    )
    if chosen.output:
        told = {name: dataclasses.asdict(stage) for name, stage in stages.items()}
        document: dict[str, Any] = {"machine": before, "stages": told, "visits": dataclasses.asdict(found)}
        chosen.output.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Visits:
    """Results of the visits."""

    rows: Rows
    written: int
    """Number of messages that the sync wrote meanwhile."""
    server_mb: float
    """Peak memory of the server in MB."""
    server_cpu_seconds: float
    """Processor seconds of all threads of the server."""


def visited(folder: Path, asked: Sequence[str], *, readers: int, seconds: float) -> Visits:
    """Return the results of readers while a sync writes."""
    with _beside("serve", folder) as server, _beside("sync", folder) as writer:
        assert server.stdout
        port = server.stdout.readline().strip()
        options = ["--readers", f"{readers}", "--seconds", f"{seconds}"]
        command = [sys.executable, "-m", "benchmarks.page_load", port, *options, *asked]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        memory, cpu = _held(server.pid)
        writer.terminate()
        written, _ = writer.communicate()
    return Visits(
        rows=json.loads(done.stdout),
        written=int(written.split()[-1]),
        server_mb=memory,
        server_cpu_seconds=cpu,
    )


def _held(pid: int) -> tuple[float, float]:
    """Return the peak memory of a process in MB and its processor seconds; nan where the system doesn't report them."""
    process = Path(f"/proc/{pid}")
    if not process.exists():
        return float("nan"), float("nan")
    peak = re.search(r"VmHWM:\s*(\d+)", (process / "status").read_text("utf-8"))
    ticks = (process / "stat").read_text("utf-8").rpartition(")")[2].split()[11:13]
    return int(peak[1]) / 1024 if peak else float("nan"), sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
    else:
        with tempfile.TemporaryDirectory(prefix="mailsignals-benchmarks-") as name:
            yield Path(name)


@contextlib.contextmanager
def _beside(what: str, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "benchmarks.serving", what, str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _stages(stages: Mapping[str, Measurement]) -> Table:
    table = Table("", title="Preparation", title_justify="left")
    for heading in ("seconds", "CPU s", "peak MB"):
        table.add_column(heading, justify="right")
    table.add_column("figures")
    for label, run in stages.items():
        figures = ", ".join(f"{name} {value:,.3g}" for name, value in run.figures.items())
        table.add_row(label, f"{run.seconds:.1f}", f"{run.cpu_seconds:.1f}", f"{run.peak_mb:,.0f}", figures)
    return table


def _pages(rows: Rows, readers: int) -> Table:
    table = Table("", title=f"Pages, {readers} readers at once", title_justify="left")
    for heading in ("kB", "kB with files", "alone ms", "median ms", "P95 ms", "P99 ms", "responses", ""):
        table.add_column(heading, justify="right")
    for path, row in rows.items():
        reached = row["median_ms"] < MOST_MS and row["whole_bytes"] < MOST_BYTES
        table.add_row(
            path,
            *(f"{row[name] / 1000:.1f}" for name in ("page_bytes", "whole_bytes")),
            *(f"{row[name]:.1f}" for name in ("alone_ms", "median_ms", "p95_ms", "p99_ms")),
            f"{row['requests']:.0f}",
            "reached" if reached else "missed",
        )
    return table


if __name__ == "__main__":
    main()
