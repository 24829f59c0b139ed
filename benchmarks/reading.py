"""A concurrent reader: a process that repeatedly requests the number of messages by mailbox."""

import json
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.measure import Figures
from mailsignals.store import Store

PAUSE = 0.1
"""Seconds between two requests."""


class Reader:
    """Context in which a reader runs; ``figures`` contains its latencies afterwards."""

    def __init__(self, kind: str, path: Path) -> None:
        self.figures: dict[str, float] = {}
        self._command = [sys.executable, "-m", "benchmarks.reading", kind, str(path)]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        written, _ = self._process.communicate()
        if self._process.returncode:
            raise RuntimeError("The concurrent reader failed.")
        self.figures |= json.loads(written)


def ask_store(path: Path) -> None:
    """Open the store and read the number of messages by mailbox."""
    with Store.open(path, mode="read") as store:
        store.sources()


def ask_sqlite(path: Path) -> None:
    """Open the database and read the number of messages by mailbox."""
    connection = sqlite3.connect(path)
    connection.execute("SELECT mailbox, count(*) FROM messages GROUP BY mailbox").fetchall()
    connection.close()


def read_until(ended: threading.Event, ask: Callable[[Path], None], path: Path) -> Figures:
    """Read until the event is set, and return latencies in milliseconds."""
    latencies = []
    while not ended.wait(PAUSE):
        begin = time.perf_counter()
        ask(path)
        latencies.append(1_000 * (time.perf_counter() - begin))
    if not latencies:
        return {"reads": 0}
    return {
        "reads": len(latencies),
        "read ms median": statistics.median(latencies),
        "read ms worst": max(latencies),
    }


def main() -> None:
    """Read until standard input closes, then print the figures as JSON."""
    kind, path = sys.argv[1:]
    ended = threading.Event()
    threading.Thread(target=_wait_for_end_of_input, args=[ended], daemon=True).start()
    print(json.dumps(read_until(ended, {"store": ask_store, "sqlite": ask_sqlite}[kind], Path(path))))


def _wait_for_end_of_input(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


if __name__ == "__main__":
    main()
