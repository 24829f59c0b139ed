"""What the tests of the house share: the checkout and its files."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PACKAGES = ("mailsignals", "connectors", "models")


@pytest.fixture(scope="session")
def files() -> list[Path]:
    """The project's files, relative to the checkout: what git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout, so nobody knows which files belong to it")
    names = {Path(name) for name in listed.stdout.decode().split("\0") if name}
    return sorted(name for name in names if (ROOT / name).is_file())
