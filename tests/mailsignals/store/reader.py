"""Reads a store again and again while another process writes: ``python -m tests.mailsignals.store.reader FOLDER``.

Prints one line a look: rows, distinct rows, what its sources say, revision, milliseconds to open and count.
"""

import sys
import time
from pathlib import Path

import polars as pl

from mailsignals.store import Store

LOOKS = 60


def main() -> None:
    """Look 60 times; each look must be of one moment."""
    for _ in range(LOOKS):
        start = time.perf_counter()
        with Store.open(Path(sys.argv[1]), mode="read") as store:
            count = store.messages().select(pl.len()).collect().item()
            milliseconds = (time.perf_counter() - start) * 1_000
            distinct = store.messages().select(pl.col("provider_id").n_unique()).collect().item()
            claimed = store.sources()["messages"].sum()
            sys.stdout.write(f"{count} {distinct} {claimed} {store.revision} {milliseconds:.1f}\n")


if __name__ == "__main__":
    main()
