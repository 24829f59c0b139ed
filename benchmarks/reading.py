"""A reader beside the writer: a process that counts the messages again and again and notes how long it took."""

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

import polars as pl

from benchmarks.measure import Figures
from mailsignals.store import Store

PAUSE = 0.1
"""Seconds between two counts."""


class Reader:
    """Reads from when it is entered until it is left; then ``figures`` tell how that went."""

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
            raise RuntimeError("the reader beside the writer failed")
        self.figures |= json.loads(written)


def count_store(path: Path) -> int:
    """How many messages a store holds."""
    with Store.open(path, mode="read") as store:
        return int(store.messages().select(pl.len()).collect().item())


def count_sqlite(path: Path) -> int:
    """How many rows the table holds."""
    connection = sqlite3.connect(path)
    (rows,) = connection.execute("SELECT count(*) FROM messages").fetchone()
    connection.close()
    return int(rows)


def read_until(ended: threading.Event, count: Callable[[Path], int], path: Path) -> Figures:
    """Count until the event is set; latencies in milliseconds."""
    latencies = []
    while not ended.wait(PAUSE):
        begin = time.perf_counter()
        count(path)
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
    print(json.dumps(read_until(ended, {"store": count_store, "sqlite": count_sqlite}[kind], Path(path))))


def _wait_for_end_of_input(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


if __name__ == "__main__":
    main()
