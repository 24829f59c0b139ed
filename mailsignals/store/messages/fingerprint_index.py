"""An index of stored messages, which finds the new and the changed messages of a page."""

import dataclasses
from typing import Any, Self, TypeAlias

import numpy as np
import polars as pl

from mailsignals.store.messages.fingerprints import (
    CONTENT_HASH,
    GONE,
    KEY_HASH,
    NO_KEYS,
    STORED_SCHEMA,
    Hashes,
    gone_keys,
)

Mask: TypeAlias = np.ndarray[tuple[Any, ...], np.dtype[np.bool_]]

_RECENT_ROWS = 5_000


@dataclasses.dataclass(frozen=True, slots=True)
class Committed:
    """The number of a page's messages that were added, changed, unchanged and removed."""

    added: int
    changed: int
    unchanged: int
    removed: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class PageChanges:
    """The new and changed messages of a page."""

    counts: Committed
    rows: pl.DataFrame
    """The rows to store, in ``STORED_SCHEMA``: one per key, in the page's order."""
    rewritten: Hashes
    """Those of their keys with an older stored version."""

    def without(self, keys: Hashes) -> "PageChanges":
        """Return these changes with the removal of the stored messages of some keys."""
        if not keys.size:
            return self
        return PageChanges(
            dataclasses.replace(self.counts, removed=keys.size),
            rows=pl.concat([self.rows, gone_keys(keys)]),
            rewritten=np.concatenate((self.rewritten, keys)),
        )


NO_CHANGES = PageChanges(
    Committed(added=0, changed=0, unchanged=0), rows=pl.DataFrame(schema=STORED_SCHEMA), rewritten=NO_KEYS
)


def changes_of(page: pl.DataFrame, *, known: Mask, stored: Hashes) -> PageChanges:
    """Return the changes of a page, by comparing its rows in their order with the stored rows of their keys.

    For each row, ``known`` is True if its key is stored, and ``stored`` is the hash of the stored content. If a key
    is in a page twice, its rows are compared with each other, and the last one is stored.
    """
    keys = page[KEY_HASH].to_numpy()
    order = np.argsort(keys, kind="stable")
    keys, contents = keys[order], page[CONTENT_HASH].to_numpy()[order]
    known, stored = known[order], stored[order]
    repeats = np.zeros(keys.size, np.bool_)
    repeats[1:] = keys[1:] == keys[:-1]
    added = (~known | (stored == GONE)) & ~repeats
    changed = ~added & (contents != np.where(repeats, np.roll(contents, 1), stored))
    write = ~np.append(repeats[1:], False) & ~(known & (contents == stored))
    counts = Committed(
        added=int(added.sum()), changed=int(changed.sum()), unchanged=int((~added & ~changed).sum())
    )
    rows = page if write.all() else page[np.sort(order[write])]
    return PageChanges(counts, rows=rows, rewritten=keys[write & known])


class FingerprintIndex:
    """The fingerprints of all stored messages: 16 bytes per message, and a dictionary of the newest."""

    def __init__(self, stored: pl.DataFrame) -> None:
        """Start from the fingerprints of all stored messages."""
        self._runs = [_Run.of(*_fingerprints(stored))]
        self._recent: dict[int, int] = {}

    def news(self, page: pl.DataFrame) -> PageChanges:
        """Return what a page in ``STORED_SCHEMA`` adds to or changes in the store."""
        keys, _ = _fingerprints(page)
        known, stored = self._look_up(keys)
        return changes_of(page, known=known, stored=stored)

    def holds(self, keys: Hashes) -> Mask:
        """Return, for each key, whether its message is stored."""
        known, stored = self._look_up(keys)
        stands: Mask = known & (stored != GONE)
        return stands

    def _look_up(self, keys: Hashes) -> tuple[Mask, Hashes]:
        known = np.zeros(keys.size, np.bool_)
        stored = np.zeros(keys.size, np.uint64)
        for run in self._runs:
            run.look_up(keys, known, stored)
        if self._recent:
            for row, key in enumerate(keys.tolist()):
                content = self._recent.get(key)
                if content is not None:
                    known[row] = True
                    stored[row] = content
        return known, stored

    def learn(self, rows: pl.DataFrame) -> None:
        """Add rows that were just stored."""
        keys, contents = _fingerprints(rows)
        self._recent.update(zip(keys.tolist(), contents.tolist(), strict=True))
        if len(self._recent) >= _RECENT_ROWS:
            recent = (self._recent.keys(), self._recent.values())
            self._runs.append(_Run.of(*(np.fromiter(half, np.uint64, len(half)) for half in recent)))
            self._recent = {}
            self._merge()

    def _merge(self) -> None:
        """Merge runs of similar size, so that their number is the logarithm of the rows."""
        while len(self._runs) > 1 and self._runs[-2].keys.size < 2 * self._runs[-1].keys.size:
            newer, older = self._runs.pop(), self._runs.pop()
            keys = np.concatenate((older.keys, newer.keys))
            contents = np.concatenate((older.contents, newer.contents))
            self._runs.append(_Run.of(keys, contents))


@dataclasses.dataclass(frozen=True, slots=True)
class _Run:
    """Fingerprints sorted by key; of equal keys the newest comes last."""

    keys: Hashes
    contents: Hashes

    @classmethod
    def of(cls, keys: Hashes, contents: Hashes) -> Self:
        order = np.argsort(keys, kind="stable")
        return cls(keys[order], contents[order])

    def look_up(self, keys: Hashes, known: Mask, stored: Hashes) -> None:
        """Set ``known`` and ``stored`` for the keys in this run."""
        if not self.keys.size:
            return
        at = np.searchsorted(self.keys, keys, side="right") - 1
        hit = (at >= 0) & (self.keys[at] == keys)
        known |= hit
        stored[hit] = self.contents[at[hit]]


def _fingerprints(rows: pl.DataFrame) -> tuple[Hashes, Hashes]:
    return rows[KEY_HASH].to_numpy(), rows[CONTENT_HASH].to_numpy()
