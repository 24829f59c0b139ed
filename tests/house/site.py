"""The documentation site: ``python3 dev.py docs`` builds it, and ``--serve`` also shows it on a free port."""

import subprocess
import sys
from pathlib import Path

from tests.house.conftest import ROOT

FOLDER = ROOT / "build" / "docs"


def build(folder: Path) -> str:
    """Build the site into a folder, and return the warnings and errors, one a line; empty if all is well.

    A link to a missing page or heading is a warning, and so is a page that no menu leads to. All pages are written
    again, because each has the whole menu.
    """
    options = ("-q", "-n", "-a", "-E", "--keep-going", "-c", "docs", "-d", str(folder.with_name("doctrees")))
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, ".", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr or (f"Sphinx ended with status {done.returncode}.\n" if done.returncode else "")


def main(*arguments: str) -> int:
    """Build the site and report where it is; with ``--serve``, serve it on this machine until Ctrl-C."""
    if unknown := set(arguments) - {"--serve"}:
        sys.stderr.write(f"Unknown argument {min(unknown)}. Use --serve, or none.\n")
        return 2
    if problems := build(FOLDER):
        sys.stderr.write(problems)
        return 1
    sys.stderr.write(f"Built {FOLDER / 'index.html'}\n")
    if "--serve" not in arguments:
        return 0
    server = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    return subprocess.run([*server, "--directory", str(FOLDER)], check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
