"""The import contracts of pyproject.toml are able to fail."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.conftest import PACKAGES, ROOT

PLANTED = {
    "connectors/base.py": "import mailsignals",
    "connectors/memory.py": "import connectors.files",
    "mailsignals/accounts/company.py": "import mailsignals.store",
    "mailsignals/turns.py": "import sqlite3",
    "mailsignals/risk/levels.py": "import socket",
    "mailsignals/readmodel/queries/accounts.py": "import sqlite3",
    "mailsignals/web/paging.py": "import mailsignals.store.messages",
}
"""A violation of each contract; the contracts themselves are checked by ``dev.py test``."""


@pytest.mark.slow
@pytest.mark.subprocess
def test_a_planted_violation_of_each_contract_is_found(tmp_path: Path) -> None:
    """Contracts that nothing can break hold nothing."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for file, line in PLANTED.items():
        with (tmp_path / file).open("a", encoding="utf-8") as module:
            module.write(f"\n{line}\n")
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Contracts: 0 kept, 7 broken." in done.stdout, done.stdout + done.stderr
