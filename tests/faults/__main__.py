"""Injects faults into every command and job that writes, and prints a table: ``python -m tests.faults``."""

import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.faults.bench import Bench, Outcome, set_clock
from tests.faults.cases import Case, plan
from tests.faults.commands import COMMANDS
from tests.faults.companies import AS_OF
from tests.faults.servers import running_servers
from tests.faults.system_calls import unavailable

ALL = 2_500
"""500 kills and 2,000 errors."""

KINDS = ("lost", "doubled", "bug", "again", "files", "words")


def main() -> int:
    """Run the cases, and return 0 if all went well."""
    given = _arguments()
    reason = unavailable()
    if reason:
        print(f"Faults were not injected: {reason}.")
        return 0
    began = time.monotonic()
    outcomes = []
    for outcome in _alone(given) if given.case or given.share or given.workers == 1 else _shared(given):
        outcomes.append(outcome)
        for kind, text in () if given.share else outcome.problems:
            print(f"{kind}: {outcome.case} ({outcome.hit})\n    {text}\n    {_again(outcome)}", flush=True)
    if given.share:
        return 0
    print(table(outcomes))
    print(f"{len(outcomes):,} cases with seed {given.seed} in {time.monotonic() - began:,.0f} s.")
    return int(any(outcome.problems for outcome in outcomes))


def _again(outcome: Outcome) -> str:
    return f"Run it again: python3 dev.py faults --case '{outcome.case}'"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 dev.py faults", description="Inject faults.")
    parser.add_argument("--cases", type=int, default=ALL, help=f"number of cases (default: {ALL:,})")
    parser.add_argument("--seed", type=int, default=17, help="seed of the plan (default: 17)")
    parser.add_argument("--command", action="append", default=[], help="only this command; repeatable")
    parser.add_argument("--quick", action="store_true", help="only the commands of the tests")
    parser.add_argument(
        "--case", action="append", default=[], help="only this case, as a failing one prints it"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="number of processes")
    parser.add_argument("--share", type=int, nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


def _cases(given: argparse.Namespace) -> Sequence[Case]:
    if given.case:
        return [Case.parse(text) for text in given.case]
    commands = [
        one
        for one in COMMANDS
        if (not given.command or one.name in given.command) and (one.quick or not given.quick)
    ]
    return list(plan(given.cases, seed=given.seed, commands=commands))


def _alone(given: argparse.Namespace) -> Iterable[Outcome]:
    """Run a share of the cases in this process; a share prints each outcome as a line of JSON."""
    number, of = given.share or (0, 1)
    cases = _cases(given)
    names = list(dict.fromkeys(case.command for case in cases))
    mine = [case for case in cases if names.index(case.command) % of == number] if of > 1 else cases
    set_clock(AS_OF)
    with tempfile.TemporaryDirectory(prefix="faults-") as name, running_servers(Path(name), AS_OF) as servers:
        bench = Bench(Path(name), servers)
        for case in mine:
            outcome = bench.run(case)
            if given.share:
                fields = {each: getattr(outcome, each) for each in Outcome.__slots__}
                print(json.dumps(fields), flush=True)
            yield outcome


def _shared(given: argparse.Namespace) -> Iterable[Outcome]:
    """Run the cases in several processes."""
    words = [sys.executable, "-m", "tests.faults", *sys.argv[1:]]
    workers = [
        subprocess.Popen(
            [*words, "--share", str(number), str(given.workers)], stdout=subprocess.PIPE, text=True
        )
        for number in range(given.workers)
    ]
    for worker in workers:
        assert worker.stdout is not None
        for line in worker.stdout:
            fields = json.loads(line)
            fields["problems"] = [tuple(each) for each in fields["problems"]]
            yield Outcome(**fields)
        if worker.wait():
            raise SystemExit(worker.returncode)


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the table of the closing note: a row per command, and the sum."""
    by_command: dict[str, list[Outcome]] = collections.defaultdict(list)
    for outcome in outcomes:
        by_command[outcome.command].append(outcome)
    head = ("command", "kills", "errors", "unreached", *KINDS, "seconds")
    rows = [_row(name, found) for name, found in by_command.items()]
    widths = [max(len(str(row[place])) for row in (head, *rows)) for place in range(len(head))]
    lines = [head, *rows, _row("all", outcomes)]
    return "\n".join(
        "  ".join(str(cell).rjust(width) if place else str(cell).ljust(width) for place, (cell, width) in
                  enumerate(zip(line, widths, strict=True)))
        for line in lines
    )  # fmt: skip


def _row(name: str, outcomes: Sequence[Outcome]) -> tuple[str | int, ...]:
    reached = [one for one in outcomes if one.hit != "never reached"]
    kills = sum(one.kills for one in reached)
    problems = collections.Counter(kind for one in outcomes for kind in {kind for kind, _ in one.problems})
    return (
        *(name, kills, len(reached) - kills, len(outcomes) - len(reached)),
        *(problems[kind] for kind in KINDS),
        round(sum(one.seconds for one in outcomes)),
    )


if __name__ == "__main__":
    sys.exit(main())
