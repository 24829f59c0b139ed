"""Finds the newest version of every message in the parts of a store."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from mailsignals.store.messages.fingerprints import KEY_HASH, NO_KEYS, STANDS, STORED_SCHEMA, Hashes
from mailsignals.store.messages.segments import Segment, scan_segments


def current_rows(
    folder: Path, manifest: Sequence[Segment], pages: Sequence[bytes], *, rewritten: Hashes
) -> pl.LazyFrame:
    """Return all rows in ``STORED_SCHEMA``, one per key; ``rewritten`` are the keys that the pages rewrite.

    Without rewritten keys this is a plain scan. Else those rows of older parts are filtered by their hash, an
    integer column, without comparing whole rows.
    """
    later = rewritten_later([*(segment.rewritten for segment in manifest), rewritten])
    parts = []
    # The sets only grow towards older segments, so equal sizes mean equal sets.
    for _, group in itertools.groupby(zip(manifest, later, strict=False), key=lambda pair: pair[1].size):
        files, outdated = zip(*((segment.path(folder), keys) for segment, keys in group), strict=True)
        parts.append(without(scan_segments(files), outdated[0]))
    if pages:
        parts.append(newest_rows(pages, repeats=bool(rewritten.size)))
    return pl.concat(parts) if parts else pl.LazyFrame(schema=STORED_SCHEMA)


def newest_rows(pages: Sequence[bytes], *, repeats: bool) -> pl.LazyFrame:
    """Return the rows of the pages, oldest page first; if keys may repeat or be removed, the newest row of each."""
    rows = pl.scan_ipc(list(pages))
    if not repeats:
        return rows
    return rows.unique(subset=KEY_HASH, keep="last", maintain_order=True).filter(STANDS)


def rewritten_later(rewritten: Sequence[Hashes]) -> list[Hashes]:
    """Return, for each part of the store from the oldest on, the keys with a newer version in later parts."""
    later: list[Hashes] = []
    keys = NO_KEYS
    for own in reversed(rewritten):
        later.append(keys)
        keys = np.union1d(keys, own) if own.size else keys
    return later[::-1]


def without(rows: pl.LazyFrame, keys: Hashes) -> pl.LazyFrame:
    """Return the rows except those of these keys."""
    if not keys.size:
        return rows
    return rows.filter(~pl.col(KEY_HASH).is_in(pl.Series(keys).implode()))
