"""Fuzz the readers of files, guided by coverage: ``python3 dev.py fuzz [--seconds N] [TARGET]``."""

import argparse
import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
CRASHES = Path("build") / "fuzz"

INSTRUMENTED = ("connectors", "models", "mailsignals.accounts")
LONGEST = 4_096
"""Bytes of an input at most."""

SLOWEST = 10
"""Seconds that one input may take."""


def main(arguments: Sequence[str]) -> int:
    """Fuzz each target for its share of the time; return 1 if one of them crashed."""
    names = sorted(path.name for path in CORPUS.iterdir())
    parser = argparse.ArgumentParser(prog="python3 dev.py fuzz", description="Fuzz the readers of files.")
    parser.add_argument("--seconds", type=int, default=20, help="time for all targets (default: 20)")
    parser.add_argument("--seed", type=int, default=17, help="seed of the inputs (default: 17)")
    parser.add_argument(
        "--keep", action="store_true", help="add new inputs that reach new code to the corpus"
    )
    parser.add_argument("target", nargs="?", choices=names, help="only this target")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given, more = parser.parse_known_args(arguments)
    if given.inside:
        _fuzz(given.target, more)
    if importlib.util.find_spec("atheris") is None:
        print(
            "Skipped fuzzing: atheris isn't installed; it has no package for this system or Python version."
        )
        return 0
    chosen = [given.target] if given.target else names
    seconds = max(1, given.seconds // len(chosen))
    failed = [name for name in chosen if not _passes(name, seconds, given.seed, keep=given.keep)]
    return int(bool(failed))


def _passes(name: str, seconds: int, seed: int, *, keep: bool) -> bool:
    """Fuzz one target in a process of its own; its crash is kept as a file."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        found, crashes = Path(folder) / "found", Path(folder) / "crashes"
        found.mkdir()
        crashes.mkdir()
        options = [
            f"-max_total_time={seconds}",
            f"-seed={seed}",
            f"-max_len={LONGEST}",
            f"-timeout={SLOWEST}",
            f"-artifact_prefix={crashes}/",
            "-print_final_stats=1",
            "-rss_limit_mb=4096",
        ]
        words = [
            sys.executable,
            "-m",
            "tests.fuzz",
            name,
            "--inside",
            *options,
            str(found),
            str(CORPUS / name),
        ]
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
        kept = [_kept(path, name) for path in sorted(crashes.iterdir())]
        runs = next(
            (line.split()[-1] for line in done.stderr.splitlines() if "number_of_executed_units" in line), "0"
        )
        if done.returncode == 0 and not kept:
            print(f"ok      {name}: {int(runs):,} inputs in {seconds} s", flush=True)
            if keep:
                _merge(name, found)
            return True
        print(f"FAILED  {name}\n{_trace(done.stdout + done.stderr)}")
        for path in kept:
            print(f"The input is in {path}. Copy it to {CORPUS / name} when it is mended: it is then a test.")
        return False


def _kept(path: Path, name: str) -> Path:
    CRASHES.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(path, CRASHES / f"{name}-{path.name}"))


def _merge(name: str, found: Path) -> None:
    """Add the inputs that reach code that the corpus doesn't, smallest first."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        words = [
            sys.executable,
            "-m",
            "tests.fuzz",
            name,
            "--inside",
            "-merge=1",
            folder,
            str(CORPUS / name),
            str(found),
        ]
        subprocess.run(words, capture_output=True, check=False)
        known = {path.read_bytes() for path in (CORPUS / name).iterdir()}
        for path in Path(folder).iterdir():
            content = path.read_bytes()
            if content not in known:
                (CORPUS / name / hashlib.sha256(content).hexdigest()[:12]).write_bytes(content)


def _trace(text: str) -> str:
    """Return the part of the output that says what went wrong."""
    lines = [line for line in text.splitlines() if not line.startswith("INFO: Instrumenting")]
    start = next((place for place, line in enumerate(lines) if "Uncaught Python exception" in line), 0)
    return "\n".join(lines[start : start + 60])


def _fuzz(name: str, options: Sequence[str]) -> None:
    """Fuzz in this process, which never returns."""
    import atheris  # noqa: PLC0415  # only some systems have it

    with atheris.instrument_imports(include=list(INSTRUMENTED)):
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415  # instrumented as it is imported
    atheris.Setup([sys.argv[0], *options], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
