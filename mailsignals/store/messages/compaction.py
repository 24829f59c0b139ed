"""Merges new pages into segments and small segments into larger ones, and drops outdated rows."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import polars as pl

from mailsignals.store.messages import segments
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.digests import damaged_file, file_digest
from mailsignals.store.messages.fingerprints import NO_KEYS, hashing, with_content_hash
from mailsignals.store.messages.latest_rows import newest_rows, rewritten_later, without
from mailsignals.store.messages.segments import Segment
from mailsignals.store.messages.upgrade import RULES, judge_anew

Change: TypeAlias = Callable[[pl.DataFrame], pl.DataFrame]

FOLD_ROWS = 10_000
FOLD_PAGES = 1_000
"""Numbers of rows and of pages from which on the newest pages are folded."""

FULL_ROWS = 250_000
"""Number of rows per file in compaction, which are in memory at once."""


def fold_if_due(folder: Path, catalogue: Catalogue) -> None:
    """Fold the newest pages if there are many."""
    pages, rows = catalogue.unfolded()
    if rows >= FOLD_ROWS or pages >= FOLD_PAGES:
        fold(folder, catalogue)


def fold(folder: Path, catalogue: Catalogue) -> None:
    """Write the newest pages as one segment, which replaces them in the catalogue."""
    pages, rewritten = catalogue.pages()
    if not pages:
        return
    messages = newest_rows(pages, repeats=bool(rewritten.size)).collect()
    segment = segments.write_segment(folder, catalogue.next_segment(), messages, rewritten=rewritten)
    with catalogue.transaction(durable=True):
        catalogue.fold_pages(segment)


def compact(folder: Path, catalogue: Catalogue) -> None:
    """Fold all pages, merge small segments and drop outdated rows, so that reading is a plain scan.

    Replaced files stay until the next writer opens the store while nobody reads it.
    """
    with compacting(folder, catalogue):
        pass
    catalogue.shrink()


@contextlib.contextmanager
def compacting(folder: Path, catalogue: Catalogue, *, kept: pl.Expr | None = None) -> Iterator[int]:
    """Compact, and drop rows that aren't ``kept`` (default: none); yield the number of dropped rows.

    Changes in the block belong to the transaction that replaces the old files by the new ones.
    """
    fold(folder, catalogue)
    manifest = _sound_segments(folder, catalogue)
    later = rewritten_later([segment.rewritten for segment in manifest])
    current = {
        segment.number: without(segments.scan_segments([segment.path(folder)]), keys)
        for segment, keys in zip(manifest, later, strict=True)
    }
    rows = current if kept is None else {number: one.filter(kept) for number, one in current.items()}
    live = {number: _height(one) for number, one in rows.items()}
    dropped = sum(map(_height, current.values())) - sum(live.values())
    groups = groups_to_merge(manifest, live)
    parts = (pl.concat([rows[segment.number] for segment in group]).collect() for group in groups)
    merged = segments.write_all(
        folder, catalogue.next_segment(), ((part, NO_KEYS) for part in parts if part.height)
    )
    with catalogue.transaction(durable=True):
        catalogue.replace_segments([segment for group in groups for segment in group], merged)
        catalogue.forget_rewritten()
        yield dropped


def _sound_segments(folder: Path, catalogue: Catalogue) -> list[Segment]:
    """The manifest, once every file was read and had its digest: damage must not get a new digest."""
    manifest = catalogue.segments()
    segments.refuse_damage(segments.checked_files(folder), folder, manifest, read=True)
    return manifest


def add_digests(folder: Path, catalogue: Catalogue) -> None:
    """Add the digests of segments of an older version, once all their rows have their fingerprints.

    Raises:
        UserError: such a file is damaged; names it, with a remedy.
    """
    for segment in catalogue.segments():
        if segment.digest is None:
            path = segment.path(folder)
            fault = segments.fault_of_rows(path, segment, hashed=catalogue.hashing() == hashing())
            if fault is not None:
                raise damaged_file(path, fault)
            mailboxes = segments.emails_by_mailbox(segments.scan_segments([path]).collect())
            with catalogue.transaction(durable=True):
                catalogue.add_digest(segment.number, file_digest(path), mailboxes)


def _height(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect().item())


def hash_anew(folder: Path, catalogue: Catalogue) -> None:
    """Compute the content hashes of all rows again, if another version of polars wrote them."""
    if catalogue.hashing() != hashing():
        with rewriting(folder, catalogue, lambda rows: rows):
            catalogue.name_hashing(hashing())


def judge_rows(folder: Path, catalogue: Catalogue) -> None:
    """Judge all rows by the current reading rules, if they were judged by older ones."""
    if catalogue.rules() == RULES:
        return
    has_rows = bool(catalogue.segments() or catalogue.unfolded()[0])
    with rewriting(folder, catalogue, judge_anew):
        catalogue.name_rules(RULES, changed=has_rows)
        catalogue.name_hashing(hashing())


def strip_subjects(folder: Path, catalogue: Catalogue, *, rule: str, strip: Change, at: dt.datetime) -> None:
    """Apply ``strip`` to every stored message, and record the privacy rule that they comply with."""
    with rewriting(folder, catalogue, strip):
        catalogue.name_subjects(rule, at=at)
        catalogue.name_hashing(hashing())


@contextlib.contextmanager
def rewriting(folder: Path, catalogue: Catalogue, change: Change) -> Iterator[None]:
    """Rewrite every segment with changed rows; the block runs in the transaction that puts them in place."""
    fold(folder, catalogue)
    old = _sound_segments(folder, catalogue)
    new = segments.write_all(
        folder,
        catalogue.next_segment(),
        (
            (
                with_content_hash(change(segments.scan_segments([segment.path(folder)]).collect())),
                segment.rewritten,
            )
            for segment in old
        ),
    )
    with catalogue.transaction(durable=True):
        catalogue.replace_segments(old, new)
        yield


def groups_to_merge(manifest: Sequence[Segment], live: dict[int, int]) -> list[list[Segment]]:
    """Return the segments to rewrite, grouped by the new segment: small ones, and ones with outdated rows.

    ``live`` is the number of rows that aren't outdated, by segment number.
    """
    groups: list[list[Segment]] = []
    room = 0
    for segment in manifest:
        if live[segment.number] == segment.rows and 2 * segment.rows > FULL_ROWS:
            continue
        if not groups or live[segment.number] > room:
            groups.append([])
            room = FULL_ROWS
        groups[-1].append(segment)
        room -= live[segment.number]
    return [group for group in groups if len(group) > 1 or live[group[0].number] < group[0].rows]
