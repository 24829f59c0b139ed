"""A company whose mailboxes are read by the program itself, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.waiting import PATIENCE_SECONDS

ACCOUNTS = "account_id,domains,tier\ncustomer,customer.test,small\n"
LIFTED = 10**9


class Office:
    """A folder with a configuration, and the program in it."""

    def __init__(self, folder: Path, **sections: dict[str, Any]) -> None:
        self.folder = folder
        self.environ: dict[str, str] = {}
        lifted = {
            "units_per_user_minute": LIFTED,
            "units_per_project_minute": LIFTED,
            "units_per_day": LIFTED,
        }
        usual: dict[str, dict[str, Any]] = {"company": {"name": "Us", "domains": ["us.test"]}}
        if "gmail" in sections:
            usual["gmail.limits"] = lifted
        lines = []
        for section, keys in (usual | sections).items():
            lines += [f"[{section}]", *(f"{key} = {json.dumps(value)}" for key, value in keys.items())]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.toml").write_text("\n".join(lines), encoding="utf-8")
        (folder / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")

    def command(self, *words: str) -> list[str]:
        """What to type."""
        return [sys.executable, "-c", "from mailsignals.cli import main; main()", *words]

    def start(self, *words: str) -> subprocess.Popen[str]:
        """The program, running."""
        return subprocess.Popen(
            self.command(*words),
            cwd=self.folder,
            env={**os.environ, **self.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> tuple[int, str, str]:
        """Exit status, standard output and standard error of the program."""
        with self.start(*words) as program:
            out, err = program.communicate(timeout=PATIENCE_SECONDS)
        return program.returncode, out, err
