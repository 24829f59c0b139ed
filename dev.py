#!/usr/bin/env python3
"""Set up a fresh checkout, and run it.

python3 dev.py COMMAND [ARGUMENTS]

demo     show an invented company in the browser (arguments go to mailsignals demo)
test     run all checks, then the tests (arguments go to pytest)
           --fast      leave out tests that need a browser, a process or seconds
           --coverage  also measure which lines the tests run
check    run all checks without the tests, or those you name: format, lint, imports, types, dependencies, prose
explore  run the property tests with new random seeds, ten rounds or --rounds 30 (others go to pytest)
format   put the code into the house format
docs     update the generated files of docs, then build the site in build/docs (--serve shows it)
pins     bring all files with pinned versions in line, with uv; --upgrade takes the newest versions first
bench    run the benchmarks (arguments go to them)
faults   kill every command that writes, and fail its writes: 2,500 cases and a table (--cases, --seed, --case)
fuzz     look for inputs that break a reader of files, 20 seconds or --seconds 600 (a target alone: its name)
advisories  compare the pinned packages with a file of known advisories (--file); skipped without one

The first run creates the environment .venv beside this file, with uv if it is installed, otherwise with
pip. Later runs update it when pyproject.toml or constraints.txt has changed.
Needs Python 3.11 or newer and nothing else.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# This file must parse, and come as far as here, with every Python that a machine may call python3.
if sys.version_info < (3, 11):  # noqa: UP036
    this = ".".join(str(part) for part in sys.version_info[:2])
    sys.exit(
        f"mailsignals needs Python 3.11 or newer; this is {this}. "
        "Install a newer one, or call one by its name, such as: python3.13 dev.py demo"
    )

from tests.house.environment import ROOT, SCRIPTS, environment, prepare

CHECKS = {
    "format": ("ruff", "format", "--check", "."),
    "lint": ("ruff", "check", "."),
    "imports": ("lint-imports",),
    "types": ("mypy",),
    "dependencies": ("deptry", "."),
    "prose": ("python", "-m", "tests.house.prose"),
}
"""The checks that .pre-commit-config.yaml names, one hook each."""

FAST = "not (browser or subprocess or slow)"
"""The tests of --fast, by their markers, which pyproject.toml explains."""

EXPLORED = """A rule is broken. Write each 'Falsifying example' above as @example(...) on its test;
if that can't be written, add its line @reproduce_failure(...) until the cause is fixed."""


def main(command: str = "", *arguments: str) -> int:
    """Run a command and return its exit status; 2 for an unknown command."""
    if command not in COMMANDS:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    work, groups = COMMANDS[command]
    prepare(groups)
    return work(*arguments)


def demo(*arguments: str) -> int:
    """Show the demo, in the current folder."""
    return run("mailsignals", "demo", *arguments, folder=Path.cwd())


def test(*arguments: str) -> int:
    """Run every check even if an earlier one fails, then pytest; return 0 only if all passed."""
    own = {"--fast": ("-m", FAST), "--coverage": ("--cov",)}
    options = [word for option in own if option in arguments for word in own[option]]
    failed = failing(*CHECKS)
    others = [each for each in arguments if each not in own]
    # The order of sets is fixed too, because what is drawn at random may depend on it.
    status = run("pytest", "-n", "auto", *others, *options, PYTHONHASHSEED="0")
    if failed:
        print(f"Failed before the tests: {', '.join(failed)}", file=sys.stderr)
    return status or int(bool(failed))


def check(*names: str) -> int:
    """Run the named checks, or all; return 1 if one fails."""
    unknown = set(names) - set(CHECKS)
    if unknown:
        print(f"Unknown check: {', '.join(sorted(unknown))}. Use: {', '.join(CHECKS)}", file=sys.stderr)
        return 2
    return int(bool(failing(*names or CHECKS)))


def explore(*arguments: str) -> int:
    """Look for examples that break a rule, and print how to add them to a test."""
    rounds = () if any(each.startswith("--rounds") for each in arguments) else ("--rounds", "10")
    status = run("pytest", "-n", "auto", "-m", "hypothesis", *rounds, *arguments)
    if status == 1:
        print(EXPLORED, file=sys.stderr)
    return status


def restyle(*_: str) -> int:
    """Put the code into the house format."""
    return run("ruff", "format", ".") or run("ruff", "check", "--fix", ".")


def docs(*arguments: str) -> int:
    """Update every file that is made from others, then build the site; --serve shows it."""
    made = ("signals_page", "api_description", "uv_pins", "site")
    return max(run("python", "-m", f"tests.house.{each}", *arguments) for each in made)


def faults(*arguments: str) -> int:
    """Inject faults into all commands, then list the scenarios with the result of their tests."""
    # The order of sets is fixed, because the calls of a command, by which a case is named, may depend on it.
    status = run("python", "-m", "tests.faults", *arguments, PYTHONHASHSEED="0")
    return status if arguments else max(status, run("python", "-m", "tests.faults.scenario_table"))


def failing(*names: str) -> list[str]:
    """Return the commands of the checks that fail; the output of a check is shown only then."""
    return [" ".join(CHECKS[name]) for name in names if not passes(*CHECKS[name])]


def passes(*command: str) -> bool:
    """Return true if a check succeeds; its output is shown only if it fails."""
    program = [str(SCRIPTS / command[0]), *command[1:]]
    done = subprocess.run(
        program, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    print("FAILED" if done.returncode else "ok    ", *command, flush=True)
    if done.returncode:
        sys.stdout.buffer.write(done.stdout)
        sys.stdout.flush()
    return done.returncode == 0


def run(*command: str, folder: Path = ROOT, **variables: str) -> int:
    """Run a program of the environment, with further variables, and return its exit status."""
    program = [str(SCRIPTS / command[0]), *command[1:]]
    with subprocess.Popen(program, cwd=folder, env={**environment(), **variables}) as child:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:  # Ctrl-C reaches the child, too, which says how it ends
                continue


COMMANDS: dict[str, tuple[Callable[..., int], list[str]]] = {
    "demo": (demo, []),
    "test": (test, ["dev"]),
    "check": (check, ["dev"]),
    "explore": (explore, ["dev"]),
    "format": (restyle, ["dev"]),
    "docs": (docs, ["dev"]),
    "pins": (lambda *words: run("python", "-m", "tests.house.pins", *words), ["dev"]),
    "faults": (faults, ["dev"]),
    "fuzz": (lambda *words: run("python", "-m", "tests.fuzz", *words), ["dev"]),
    "advisories": (lambda *words: run("python", "-m", "tests.house.advisories", *words), ["dev"]),
    "bench": (lambda *words: run("python", "-m", "benchmarks", *words), ["bench", "dev"]),
}
"""The function of each command, and the groups of pyproject.toml's [dependency-groups] that it needs."""

if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except OSError as error:
        sys.exit(f"dev.py: {error}")
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again; what is unfinished starts over.", file=sys.stderr)
        sys.exit(130)
