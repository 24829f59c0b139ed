#!/usr/bin/env python3
"""Sets up what a fresh checkout needs, and runs it.

python3 dev.py COMMAND [ARGUMENTS]

demo     the simulated company, from its mail to the at-risk list (arguments go to mailsignals demo)
test     all checks, then the tests (arguments go to pytest)
           --fast      leave out tests that need a browser, a process or seconds
           --coverage  also measure which lines the tests run
check    the checks alone, or those that are named: format, lint, imports, types, dependencies
explore  the property tests with new random seeds, ten rounds or --rounds 30 (others go to pytest)
format   put the code into the house format
docs     update the generated files of docs, then build the site in build/docs (--serve shows it)
pins     bring all files with pinned versions in line, with uv; --upgrade takes the newest versions first
bench    the benchmarks (arguments go to them)

The first run makes the environment .venv beside this file, with uv where it is installed and with pip
elsewhere; later runs bring it up to date where pyproject.toml or constraints.txt changed.
Needs Python 3.11 or newer and nothing else.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# This file must parse, and come as far as here, with every Python that a machine may call python3.
if sys.version_info < (3, 11):  # noqa: UP036
    this = ".".join(str(part) for part in sys.version_info[:2])
    sys.exit(
        f"mailsignals needs Python 3.11 or newer; this is {this}. "
        "Install a newer one, or call it by its name, such as: python3.13 dev.py demo"
    )

import tomllib

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")

STAMP = VENV / "complete.json"
"""What the environment was made for. It is written last, so an environment without it is not finished."""

CHECKS = {
    "format": ("ruff", "format", "--check", "."),
    "lint": ("ruff", "check", "."),
    "imports": ("lint-imports",),
    "types": ("mypy",),
    "dependencies": ("deptry", "."),
}
"""What .pre-commit-config.yaml names, one hook each."""

FAST = "not (browser or subprocess or slow)"
"""The tests of --fast, by their markers; pyproject.toml says what each marker means."""

REACHES = (
    *("PIP_CACHE_DIR", "PIP_CERT", "PIP_CLIENT_CERT", "PIP_CONFIG_FILE", "PIP_DEFAULT_TIMEOUT"),
    *("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_KEYRING_PROVIDER", "PIP_NO_INDEX"),
    *("PIP_PROXY", "PIP_RETRIES", "PIP_TIMEOUT", "PIP_TRUSTED_HOST"),
    *("UV_CACHE_DIR", "UV_CONFIG_FILE", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"),
    *("UV_HTTP_", "UV_INDEX", "UV_INSECURE_HOST", "UV_KEYRING_PROVIDER", "UV_LINK_MODE", "UV_NATIVE_TLS"),
    *("UV_NO_INDEX", "UV_OFFLINE", "UV_REQUEST_TIMEOUT", "UV_SYSTEM_CERTS"),
)
"""How pip and uv reach packages is the machine's business; what they install, and where, is ours."""

EXPLORED = """Something was found. Write each 'Falsifying example' above as @example(...) on its test;
where that cannot be written, add its line @reproduce_failure(...) until the cause is mended."""

QUIET_SECONDS = 30
"""How often progress is reported where no terminal shows it."""


def main(command: str = "", *arguments: str) -> int:
    """Run a command and give its exit status; 2 if there is no such command."""
    if command not in COMMANDS:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    work, groups = COMMANDS[command]
    prepare(groups)
    return work(*arguments)


def demo(*arguments: str) -> int:
    """The simulated company, in the current folder."""
    return run("mailsignals", "demo", *arguments, folder=Path.cwd())


def test(*arguments: str) -> int:
    """Every check even if an earlier one fails, then pytest; 0 only if all passed."""
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
    """The checks that are named, or all; 1 if one fails."""
    unknown = set(names) - set(CHECKS)
    if unknown:
        print(f"No such check: {', '.join(sorted(unknown))}. There are: {', '.join(CHECKS)}", file=sys.stderr)
        return 2
    return int(bool(failing(*names or CHECKS)))


def explore(*arguments: str) -> int:
    """Look for examples that break a rule; what pytest shows of one can be added to its test."""
    rounds = () if any(each.startswith("--rounds") for each in arguments) else ("--rounds", "10")
    status = run("pytest", "-n", "auto", "-m", "hypothesis", *rounds, *arguments)
    if status == 1:
        print(EXPLORED, file=sys.stderr)
    return status


def restyle(*_: str) -> int:
    """The house format, as far as programs can make it."""
    return run("ruff", "format", ".") or run("ruff", "check", "--fix", ".")


def docs(*arguments: str) -> int:
    """Update every file that is made from others, then build the site; --serve shows it."""
    made = ("signals_page", "api_description", "uv_pins", "site")
    return max(run("python", "-m", f"tests.house.{each}", *arguments) for each in made)


def failing(*names: str) -> list[str]:
    """The checks that fail, by their commands; what one says is shown only if it does."""
    return [" ".join(CHECKS[name]) for name in names if not passes(*CHECKS[name])]


def passes(*command: str) -> bool:
    """Whether a check succeeds; what it says is shown only if it does not."""
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
    """Run a program of the environment, with further variables, and give its exit status."""
    program = [str(SCRIPTS / command[0]), *command[1:]]
    return subprocess.run(program, cwd=folder, env={**environment(), **variables}, check=False).returncode


def prepare(groups: list[str]) -> None:
    """Make sure of an environment with these dependency groups in their pinned versions."""
    stamp = read_stamp()
    files = [ROOT / name for name in ("pyproject.toml", "constraints.txt")]
    wanted = {
        "made_for": f"Python {sys.version} at {sys.base_prefix} in {ROOT}",
        "digest": hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest(),
    }
    if (
        stamp.items() >= wanted.items()
        and set(groups) <= set(stamp["groups"])
        and stamp.get("installed") == installed()
    ):
        return
    STAMP.unlink(missing_ok=True)
    for installer in ("uv", "pip") if shutil.which("uv") else ("pip",):
        print(f"Setting up {VENV} with {installer} ...", file=sys.stderr, flush=True)
        began = time.monotonic()
        usable = (stamp.get("made_for"), stamp.get("made_by")) == (wanted["made_for"], installer)
        if (usable or create(installer)) and install(installer, groups):
            break
        if installer == "uv":
            print("uv could not do it; its message is above. Trying pip.", file=sys.stderr)
    else:
        sys.exit(
            f"The environment {VENV} could not be made; the message is above. The next run starts afresh."
        )
    print(f"Set up in {time.monotonic() - began:.0f} s.", file=sys.stderr, flush=True)
    made = {**wanted, "made_by": installer, "groups": groups, "installed": installed()}
    STAMP.write_text(json.dumps(made), encoding="utf-8")


def read_stamp() -> dict[str, Any]:
    """What the environment was made for; empty if it is missing or was never finished."""
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def installed() -> list[str]:
    """The packages of the environment with their versions; another tool, such as uv sync, may change them."""
    folders = ("lib/python*/site-packages", "Lib/site-packages")
    return sorted(each.name for folder in folders for each in VENV.glob(f"{folder}/*.dist-info"))


def create(installer: str) -> bool:
    """An empty environment in the place of whatever is there; false if it cannot be made."""
    if installer == "uv":
        return watched("uv", "venv", "--clear", "--python", sys.executable, str(VENV))
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        version = ".".join(str(part) for part in sys.version_info[:2])
        sys.exit(
            f"This Python {version} comes without venv and ensurepip, which set up the environment. "
            f"On Debian and Ubuntu: apt install python{version}-venv"
        )
    return watched(sys.executable, "-m", "venv", "--clear", str(VENV))


def install(installer: str, groups: list[str]) -> bool:
    """Install mailsignals and its groups in the versions of constraints.txt; false if that fails."""
    python = str(SCRIPTS / "python")
    command = {
        "uv": ("uv", "pip", "install", "--python", python),
        "pip": (python, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"),
    }[installer]
    # pip knows --group from version 25.1 on, and a fresh environment may have an older one.
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    members = [each for group in groups for each in tomllib.loads(text)["dependency-groups"][group]]
    pinned = (*command, "--constraint", "constraints.txt")
    return watched(*pinned, "hatchling") and watched(
        *pinned, "--no-build-isolation", "--editable", ".", *members
    )


def watched(*command: str) -> bool:
    """Whether a program succeeds; its last line is shown while it runs, and all that it says if it fails."""
    said: list[str] = []
    began = shown = time.monotonic()
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as program:
        lines = program.stdout or ()
        reader = threading.Thread(
            target=lambda: said.extend(line.decode(errors="replace").strip() for line in lines)
        )
        reader.start()
        on_terminal, width = sys.stderr.isatty(), shutil.get_terminal_size().columns - 1
        while reader.is_alive():
            reader.join(0.2)
            now = time.monotonic()
            line = f"{now - began:4.0f} s  {said[-1] if said else ''}"[:width]
            if on_terminal:
                print(f"\r{line:{width}}", end="", file=sys.stderr, flush=True)
            elif now - shown >= QUIET_SECONDS:
                print(line, file=sys.stderr, flush=True)
                shown = now
        if on_terminal:
            print(f"\r{'':{width}}\r", end="", file=sys.stderr, flush=True)
    if program.returncode:
        print(*said, sep="\n", file=sys.stderr)
    return program.returncode == 0


def environment() -> dict[str, str]:
    """The variables of this process without those that would lead to other packages or elsewhere."""
    elsewhere = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in elsewhere and (not name.startswith(("PIP_", "UV_")) or name.startswith(REACHES))
    }
    return {**kept, "PIP_USER": "0"}


COMMANDS: dict[str, tuple[Callable[..., int], list[str]]] = {
    "demo": (demo, []),
    "test": (test, ["dev"]),
    "check": (check, ["dev"]),
    "explore": (explore, ["dev"]),
    "format": (restyle, ["dev"]),
    "docs": (docs, ["dev"]),
    "pins": (lambda *words: run("python", "-m", "tests.house.pins", *words), ["dev"]),
    "bench": (lambda *words: run("python", "-m", "benchmarks", *words), ["bench", "dev"]),
}
"""What each command does, and the groups of pyproject.toml's [dependency-groups] that it needs."""

if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except OSError as error:
        sys.exit(f"dev.py: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
