#!/usr/bin/env python3
"""Sets up what a fresh checkout needs, and runs it.

python3 dev.py COMMAND [ARGUMENTS]

demo     the simulated company, from its mail to the at-risk list (arguments go to mailsignals demo)
test     all checks, then the tests (arguments go to pytest)
format   put the code into the house format
docs     write docs/signals.md and docs/openapi.json anew from the code
bench    the benchmarks (arguments go to them)

The first run makes the environment .venv beside this file; later runs bring it up to date where
pyproject.toml or constraints.txt changed. Needs Python 3.11 or newer and nothing else.
"""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

# This file must parse, and come as far as here, with every Python that a machine may call python3.
if sys.version_info < (3, 11):  # noqa: UP036
    this = ".".join(str(part) for part in sys.version_info[:2])
    sys.exit(
        f"mailsignals needs Python 3.11 or newer; this is {this}. "
        "Install a newer one, or call it by its name, such as: python3.13 dev.py demo"
    )

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")

STAMP = VENV / "complete.json"
"""What the environment was made for. It is written last, so an environment without it is not finished."""

EXTRAS = {"demo": [], "test": ["dev"], "format": ["dev"], "docs": ["dev"], "bench": ["bench", "dev"]}
"""The optional dependencies that each command needs."""

CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("lint-imports",),
    ("mypy",),
    ("deptry", "."),
)

PIP_REACHES = {
    "PIP_CACHE_DIR",
    "PIP_CERT",
    "PIP_CLIENT_CERT",
    "PIP_CONFIG_FILE",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_INDEX_URL",
    "PIP_KEYRING_PROVIDER",
    "PIP_NO_INDEX",
    "PIP_PROXY",
    "PIP_RETRIES",
    "PIP_TIMEOUT",
    "PIP_TRUSTED_HOST",
}
"""How pip reaches packages is the machine's business; what it installs, and where, is ours."""


def main(command: str = "", *arguments: str) -> int:
    """Run a command and give its exit status; 2 if there is no such command."""
    if command not in EXTRAS:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    prepare(EXTRAS[command])
    if command == "demo":
        return run("mailsignals", "demo", *arguments, folder=Path.cwd())
    if command == "test":
        return test(*arguments)
    if command == "format":
        return run("ruff", "format", ".") or run("ruff", "check", "--fix", ".")
    if command == "docs":
        return run("python", "-m", "tests.house.signals_page") or run(
            "python", "-m", "tests.house.api_description"
        )
    return run("python", "-m", "benchmarks", *arguments)


def test(*arguments: str) -> int:
    """Every check even if an earlier one fails, then pytest; 0 only if all passed."""
    failed = [" ".join(check) for check in CHECKS if not passes(*check)]
    status = run("pytest", "-n", "auto", *arguments)
    if failed:
        print(f"Failed before the tests: {', '.join(failed)}", file=sys.stderr)
    return status or int(bool(failed))


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


def run(*command: str, folder: Path = ROOT) -> int:
    """Run a program of the environment and give its exit status."""
    program = [str(SCRIPTS / command[0]), *command[1:]]
    return subprocess.run(program, cwd=folder, env=environment(), check=False).returncode


def prepare(extras: list[str]) -> None:
    """Make sure of an environment with these optional dependencies in their pinned versions."""
    stamp = read_stamp()
    made_for = f"Python {sys.version} at {sys.base_prefix} in {ROOT}"
    files = [ROOT / name for name in ("pyproject.toml", "constraints.txt")]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    wanted = {"made_for": made_for, "digest": digest}
    if stamp.items() >= wanted.items() and set(extras) <= set(stamp["extras"]):
        return
    print(f"Setting up {VENV} ...", file=sys.stderr, flush=True)
    STAMP.unlink(missing_ok=True)
    if stamp.get("made_for") != made_for:
        create()
    install("hatchling")
    install("--no-build-isolation", "--editable", f".[{','.join(extras)}]" if extras else ".")
    STAMP.write_text(json.dumps({**wanted, "extras": extras}), encoding="utf-8")


def read_stamp() -> dict[str, Any]:
    """What the environment was made for; empty if it is missing or was never finished."""
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def create() -> None:
    """An empty environment in the place of whatever is there."""
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        version = ".".join(str(part) for part in sys.version_info[:2])
        sys.exit(
            f"This Python {version} comes without venv and ensurepip, which set up the environment. "
            f"On Debian and Ubuntu: apt install python{version}-venv"
        )
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], env=environment(), check=False
    )
    if made.returncode:
        sys.exit(f"The environment {VENV} could not be made; the message is above.")


def install(*what: str) -> None:
    """Install with pip, in the versions of constraints.txt."""
    pip = "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--constraint", "constraints.txt"
    if run("python", *pip, *what):
        sys.exit("pip could not install what is needed; its message is above. The next run starts afresh.")


def environment() -> dict[str, str]:
    """The variables of this process without those that would lead to other packages or elsewhere."""
    elsewhere = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in elsewhere and (not name.startswith("PIP_") or name in PIP_REACHES)
    }
    return {**kept, "PIP_USER": "0"}


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except OSError as error:
        sys.exit(f"dev.py: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
