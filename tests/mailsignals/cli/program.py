"""The program, run within the test."""

import dataclasses
import json
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from mailsignals.store import Store


@dataclasses.dataclass(frozen=True)
class Ran:
    """What came of a command."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # whatever it printed
        """Standard output as JSON."""
        return json.loads(self.out)

    @property
    def flat(self) -> str:
        """Standard output in one line, wherever the terminal's width broke it."""
        return " ".join(self.out.split())

    def refused(self, *names: str, status: int = 2) -> None:
        """Check that it said in a sentence what is wrong, naming these, and nothing on standard output."""
        assert self.status == status, self.err
        assert self.out == ""
        assert "Traceback" not in self.err
        assert len(self.err.strip().splitlines()) == 1, self.err
        for name in names:
            assert name in self.err, self.err


class Program(Protocol):
    """Runs a command."""

    def __call__(self, *arguments: str | Path) -> Ran:
        """Give the words after ``mailsignals``."""


def messages(folder: Path = Path()) -> pl.DataFrame:
    """All messages of the store in a folder."""
    with Store.open(folder / "store", mode="read") as store:
        return store.messages().sort("provider", "mailbox", "provider_id").collect()
