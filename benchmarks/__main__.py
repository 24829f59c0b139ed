"""Run the benchmarks: ``python -m benchmarks [--messages 1_000_000] [--output FILE.json]``."""

import argparse
import json
import tempfile
from pathlib import Path

from rich.console import Console

from benchmarks.measure import Figures, Measurement, run_apart
from benchmarks.plan import GROUPS, PARTS, Group
from benchmarks.report import Outcome, Report, machine, show

CHECKED_MESSAGES = 200_000
"""Number of messages on which the implementations are compared before anything is measured."""


def main() -> None:
    """Run all benchmarks, print the tables, and write the figures as JSON if requested."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure mailsignals.")
    parser.add_argument(
        "--messages", type=int, default=1_000_000, help="number of messages (default: %(default)s)"
    )
    parser.add_argument("--output", type=Path, help="a JSON file for all figures")
    chosen = parser.parse_args()
    console, progress = Console(width=150), Console(stderr=True)
    before = machine()
    with tempfile.TemporaryDirectory(prefix="mailsignals-benchmarks-") as name:
        folder = Path(name)
        progress.print("comparing the implementations")
        compared = _compared(folder / "checked")
        progress.print(f"writing {chosen.messages:,} messages")
        run_apart("synthetic:write_messages", folder, messages=chosen.messages)
        run_apart("mailbox:write_mbox", folder)
        run_apart("mailbox:write_single_mails", folder)
        run_apart("starting:write_demo", folder)
        outcomes = []
        for group in GROUPS:
            progress.print(f"measuring: {group.title}")
            outcomes.append(_measure(group, folder))
        parts = {named.label: run_apart(named.stage, folder).figures for named in PARTS}
    report = Report(
        messages=chosen.messages, machine=before, compared=compared, outcomes=outcomes, parts=parts
    )
    show(report, console)
    if chosen.output:
        chosen.output.write_text(json.dumps(report.to_json(), indent=1) + "\n", encoding="utf-8")


def _compared(folder: Path) -> Figures:
    folder.mkdir()
    run_apart("synthetic:write_messages", folder, messages=CHECKED_MESSAGES)
    run_apart("engine:touches", folder)
    return run_apart("agree:agreement", folder).figures


def _measure(group: Group, folder: Path) -> Outcome:
    rounds: dict[str, list[Measurement]] = {named.stage: [] for named in group.stages}
    for _ in range(group.rounds):
        for named in group.stages:
            rounds[named.stage].append(run_apart(named.stage, folder))
    return Outcome(group, rounds)


if __name__ == "__main__":
    main()
