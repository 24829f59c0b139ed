"""Refuses to start processes on behalf of tests that do not say that they do."""

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

STARTS = frozenset({"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "os.exec"})
"""The audit events of starting a program, by whatever way."""

ALLOWED = frozenset({"git", "lscpu"})
"""Programs that any test may start: git lists the files of the project, joblib counts cores with lscpu."""


class UnmarkedProcessError(AssertionError):
    """A test without the marker ``subprocess`` started a process."""


class ProcessGuard:
    """Raises where a process is about to start while ``test`` is set, and keeps what was refused."""

    def __init__(self) -> None:
        self.test: str | None = None
        self.refused: list[str] = []
        sys.addaudithook(self._hear)  # for good: Python offers no way to take it back

    @contextlib.contextmanager
    def watching(self, test: str | None) -> Iterator[None]:
        """Hold a test to it; None is one that may start processes."""
        self.test, self.refused = test, []
        try:
            yield
        finally:
            self.test, self.refused = None, []

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.test is None or event not in STARTS:
            return
        if event == "subprocess.Popen" and str(arguments[0]) in ALLOWED:
            return
        sentence = f"{self.test} starts a process ({event} {arguments[:2]}): mark it @pytest.mark.subprocess"
        self.refused.append(sentence)
        raise UnmarkedProcessError(sentence)


GUARD = ProcessGuard()
"""That of this run."""
