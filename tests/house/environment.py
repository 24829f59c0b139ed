"""The environment .venv of a checkout: create it, and install what a command of dev.py needs.

It is imported before anything is installed, so it needs the standard library alone.
"""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")

STAMP = VENV / "complete.json"
"""Python, place and packages of the environment; written last, so an environment without it is unfinished."""

REACHES = (
    *("PIP_CACHE_DIR", "PIP_CERT", "PIP_CLIENT_CERT", "PIP_CONFIG_FILE", "PIP_DEFAULT_TIMEOUT"),
    *("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_KEYRING_PROVIDER", "PIP_NO_INDEX"),
    *("PIP_PROXY", "PIP_RETRIES", "PIP_TIMEOUT", "PIP_TRUSTED_HOST"),
    *("UV_CACHE_DIR", "UV_CONFIG_FILE", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"),
    *("UV_HTTP_", "UV_INDEX", "UV_INSECURE_HOST", "UV_KEYRING_PROVIDER", "UV_LINK_MODE", "UV_NATIVE_TLS"),
    *("UV_NO_INDEX", "UV_OFFLINE", "UV_REQUEST_TIMEOUT", "UV_SYSTEM_CERTS"),
)
"""Settings of the machine that pip and uv keep: how they reach packages, but not what they install, or where."""

QUIET_SECONDS = 10
"""Seconds between two lines of progress where no terminal shows them."""

LOCKED = ROOT / "requirements.txt"
"""The packages that mailsignals needs and what they need, each with its version and its hashes."""

BUILD = {"hatchling", "packaging", "pathspec", "pluggy", "trove-classifiers"}
"""The packages that build mailsignals itself; constraints.txt has their versions."""

MOST_INSTALLERS = 4
"""So many programs install packages at the same time at most."""

PIP_FOR_OTHERS = (22, 3)
"""The first version of pip that can install into another environment."""


def prepare(groups: list[str]) -> None:
    """Create or update the environment with these dependency groups in their pinned versions."""
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
            print("uv failed; its message is above. Trying pip.", file=sys.stderr)
    else:
        sys.exit(f"{VENV} could not be set up; the message is above. Run the command again to start over.")
    print(f"Set up in {time.monotonic() - began:.0f} s.", file=sys.stderr, flush=True)
    made = {**wanted, "made_by": installer, "groups": groups, "installed": installed()}
    STAMP.write_text(json.dumps(made), encoding="utf-8")


def read_stamp() -> dict[str, Any]:
    """Return the content of ``STAMP``; empty if the environment is missing or unfinished."""
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def installed() -> list[str]:
    """Return the packages of the environment with their versions; other tools, such as uv sync, may change them."""
    folders = ("lib/python*/site-packages", "Lib/site-packages")
    return sorted(each.name for folder in folders for each in VENV.glob(f"{folder}/*.dist-info"))


def create(installer: str) -> bool:
    """Create an empty environment in the place of whatever is there; return false if that fails."""
    if installer == "uv":
        return watched("uv", "venv", "--clear", "--python", sys.executable, str(VENV))
    needed = ("venv",) if has_pip() else ("venv", "ensurepip")
    if not all(importlib.util.find_spec(name) for name in needed):
        version = ".".join(str(part) for part in sys.version_info[:2])
        sys.exit(
            f"This Python {version} lacks venv or ensurepip, which set up the environment. "
            f"Install uv, or on Debian and Ubuntu: apt install python{version}-venv"
        )
    without_pip = ("--without-pip",) if has_pip() else ()
    return watched(sys.executable, "-m", "venv", "--clear", *without_pip, str(VENV))


def has_pip() -> bool:
    """Return true if this Python's own pip can install into the environment, which then needs none."""
    try:
        release = metadata.version("pip").split(".")
    except metadata.PackageNotFoundError:
        return False
    return tuple(int(part) for part in release[:2] if part.isdecimal()) >= PIP_FOR_OTHERS


def install(installer: str, groups: list[str]) -> bool:
    """Install mailsignals and its groups in the versions of constraints.txt; return false if that fails."""
    python = str(SCRIPTS / "python")
    if installer == "uv":
        command: tuple[str, ...] = ("uv", "pip", "install", "--python", python)
    else:
        own = (sys.executable, "-m", "pip", "--python", python) if has_pip() else (python, "-m", "pip")
        # Modules are compiled when they are first imported; most never are.
        command = (*own, "install", "--no-compile", "--disable-pip-version-check", "--progress-bar", "off")
    # pip knows --group from version 25.1 on, and a fresh environment may have an older one.
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    members = [each for group in groups for each in tomllib.loads(text)["dependency-groups"][group]]
    pinned = (*command, "--constraint", "constraints.txt")
    project = ("--no-build-isolation", "--editable", ".")
    if installer == "pip" and LOCKED.is_file():
        if install_locked(command) and not members:
            return watched(*command, "--no-deps", *project)
        print("Installing what is missing ...", file=sys.stderr, flush=True)
    return watched(*pinned, "hatchling") and watched(*pinned, *project, *members)


def install_locked(command: tuple[str, ...]) -> bool:
    """Install ``LOCKED`` and ``BUILD``, with one pip per processor; return false if one of them fails.

    Both lists are complete, so nothing need be resolved.
    """
    locked = requirements(LOCKED)
    names = {name_of(each) for each in locked}
    build = [each for each in requirements(ROOT / "constraints.txt") if name_of(each) in BUILD - names]
    missing = [[each for each in lines if not is_installed(each)] for lines in (locked, build)]
    count = min(os.cpu_count() or 1, MOST_INSTALLERS)
    # Requirements with hashes and without them can't share a file.
    shares = [
        share for share in (*(missing[0][number::count] for number in range(count)), missing[1]) if share
    ]
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}.txt" for number in range(len(shares))]
        for file, share in zip(files, shares, strict=True):
            file.write_text("".join(share), encoding="utf-8")
        commands = [(*command, "--no-deps", "--requirement", str(file)) for file in files]
        return watched_together(commands, packages=len(installed()) + sum(map(len, shares)))


def requirements(file: Path) -> list[str]:
    """Return the requirements of a file, each with its hashes, as lines."""
    text = file.read_text(encoding="utf-8").replace("\\\n", " ")
    return [f"{line}\n" for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def name_of(requirement: str) -> str:
    """Return the name of a requirement such as ``rich==15.0.0``, in the spelling for comparisons."""
    return dashed(re.split(r"[\s=;\[]", requirement.strip())[0])


def is_installed(requirement: str) -> bool:
    """Return true if the environment has the version of a requirement such as ``rich==15.0.0``."""
    name, version = re.split(r"\s*==\s*|\s*;|\s+--", requirement.strip())[:2]
    return dashed(f"{name}-{version}.dist-info") in {dashed(each) for each in installed()}


def dashed(name: str) -> str:
    """Return a name in the spelling in which names of packages are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def watched(*command: str) -> bool:
    """Return true if a program succeeds; its last line is shown while it runs, and all its output if it fails."""
    return watched_together([command])


def watched_together(commands: list[tuple[str, ...]], *, packages: int = 0) -> bool:
    """Return true if programs that run at the same time all succeed; the output of those that fail is shown.

    Args:
        commands: of the programs.
        packages: the number of packages that the environment will have, to show how many it has; 0 shows the last
            line of a program instead.
    """
    watches = [Watch(command) for command in commands]
    try:
        follow(watches, packages)
    except KeyboardInterrupt:
        for watch in watches:
            watch.program.terminate()
        raise
    failed = [watch for watch in watches if watch.program.wait()]
    for watch in failed:
        print(*watch.lines, sep="\n", file=sys.stderr)
    return not failed


def follow(watches: list["Watch"], packages: int) -> None:
    """Show the progress of programs until all have ended."""
    began = shown = time.monotonic()
    on_terminal, width = sys.stderr.isatty(), shutil.get_terminal_size().columns - 1
    while any(watch.reader.is_alive() for watch in watches):
        next(watch for watch in watches if watch.reader.is_alive() or watch is watches[-1]).reader.join(0.2)
        now = time.monotonic()
        fetched = sum(
            line.startswith(("Collecting ", "Processing ")) for watch in watches for line in watch.lines
        )
        last = next((watch.lines[-1] for watch in watches if watch.lines), "")
        text = f"{fetched} packages fetched, {len(installed())} of {packages} installed" if packages else last
        line = f"{now - began:4.0f} s  {text}"[:width]
        if on_terminal:
            print(f"\r{line:{width}}", end="", file=sys.stderr, flush=True)
        elif now - shown >= QUIET_SECONDS:
            print(line, file=sys.stderr, flush=True)
            shown = now
    if on_terminal:
        print(f"\r{'':{width}}\r", end="", file=sys.stderr, flush=True)


class Watch:
    """A program that runs, and the lines that it has written."""

    def __init__(self, command: tuple[str, ...]) -> None:
        """Start a program."""
        self.lines: list[str] = []
        self.program = subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.program.stdout is not None
        with self.program.stdout as lines:
            self.lines.extend(line.decode(errors="replace").strip() for line in lines)


def environment() -> dict[str, str]:
    """Return the variables of this process without those that lead to other packages or places."""
    elsewhere = {"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in elsewhere and (not name.startswith(("PIP_", "UV_")) or name.startswith(REACHES))
    }
    return {**kept, "PIP_USER": "0"}
