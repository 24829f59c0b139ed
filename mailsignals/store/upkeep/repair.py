"""Drops what is damaged, keeps it in a folder aside, and lets the mailboxes be read again."""

import collections
import contextlib
import dataclasses
import datetime as dt
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from mailsignals.secret_files import SecretFile
from mailsignals.store.messages import lock, segments
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.digests import digest, fault_of
from mailsignals.store.messages.errors import store_errors
from mailsignals.store.messages.fingerprints import KEY_HASH, NO_KEYS, STORED_SCHEMA
from mailsignals.store.messages.key_digests import forget_key_digest, key_of
from mailsignals.store.messages.manifest import as_keys
from mailsignals.store.messages.segments import Segment
from mailsignals.store.upkeep import wiping
from mailsignals.store.upkeep.salvage import salvage
from mailsignals.store.upkeep.verification import Damage, DamageKind, verify_store

ASIDE = "damaged"
"""The folder of a store with everything that was dropped, by time."""

INTERCHANGE = "parquet"
"""The kind of source whose rows name their own provider and mailbox, so that dropped mail may be of any of them."""

_STAMP = "%Y-%m-%dT%H%M%SZ"
_ANY = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Repair:
    """Everything that was dropped from a store."""

    damages: Sequence[Damage]
    aside: Path | None
    """The folder with the damaged files; None if nothing was dropped."""
    emails: dict[tuple[str, str], int]
    """The number of dropped emails by provider and mailbox."""
    unknown: int
    """The number of further dropped files or pages whose mailboxes aren't known."""
    read_again: Sequence[tuple[str, str, str]]
    """The sources that start again: provider, mailbox, source."""
    tables: Sequence[str]
    """Tables that lost rows or have doubtful ones."""
    left: Sequence[Damage]
    """Damage that stays, because only a backup has the file."""


def repair_store(folder: Path, *, at: dt.datetime) -> Repair:
    """Drop everything that is damaged; damaged files are moved to a folder of their own, and nothing is deleted.

    Raises:
        StoreBusyError: another program writes to the store.
        UserError: no store was found, or its disk can't be written.
        LostCatalogueError: nothing in the catalogue can be read; nothing was changed.
    """
    with store_errors(folder):
        found = verify_store(folder, read_data=True)
        if found.sound:
            return Repair(damages=(), aside=None, emails={}, unknown=0, read_again=(), tables=(), left=())
        with lock.lock_for_writing(folder):
            return _Work(folder, found.damages, at).run()


def place_aside(folder: Path, at: dt.datetime) -> Path:
    """Return the folder of a store for the files that a repair drops."""
    return folder / ASIDE / at.astimezone(dt.UTC).strftime(_STAMP)


def give_up_keys(folder: Path, damages: Sequence[Damage], *, aside: Path) -> list[SecretFile]:
    """Move keys aside that no backup has, so that the program draws new ones, and return them.

    Args:
        folder: the store.
        damages: damage that only a backup could have healed.
        aside: the folder for damaged files, which is created if it is missing.

    Raises:
        StoreBusyError: another program writes to the store.
        UserError: the disk can't be written.
    """
    lost = {damage.path: which for damage in damages if (which := key_of(damage.path)) is not None}
    if not lost:
        return []
    with store_errors(folder), lock.lock_for_writing(folder):
        aside.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in lost:
            with contextlib.suppress(FileNotFoundError):
                path.rename(aside / path.name)
        with (
            contextlib.closing(Catalogue.for_writing(folder)) as catalogue,
            catalogue.transaction(durable=True),
        ):
            for which in lost.values():
                forget_key_digest(catalogue.sql, which)
    return list(lost.values())


class _Work:
    """One repair in progress."""

    def __init__(self, folder: Path, damages: Sequence[Damage], at: dt.datetime) -> None:
        self._folder = folder
        self._damages = damages
        self._at = at
        self._aside = place_aside(folder, at)
        self._emails: collections.Counter[tuple[str, str]] = collections.Counter()
        self._unknown = 0

    def run(self) -> Repair:
        kinds = {damage.kind for damage in self._damages}
        self._aside.parent.mkdir(mode=0o700, exist_ok=True)
        self._aside.mkdir(mode=0o700, exist_ok=True)
        damaged: list[str] = []
        if kinds & {DamageKind.CATALOGUE, DamageKind.TABLE}:
            try:
                damaged = salvage(self._folder, self._aside)
            except BaseException:
                with contextlib.suppress(OSError):
                    self._aside.rmdir()
                    self._aside.parent.rmdir()
                raise
        with contextlib.closing(Catalogue.for_writing(self._folder)) as catalogue:
            again = self._mail(catalogue, set(damaged))
        used = any(self._aside.iterdir())
        if not used:
            self._aside.rmdir()
        for name in (wiping.DERIVED, wiping.PREPARED):
            shutil.rmtree(self._folder / name, ignore_errors=True)
        return Repair(
            damages=self._damages,
            aside=self._aside if used else None,
            emails=dict(self._emails),
            unknown=self._unknown,
            read_again=again,
            tables=damaged,
            left=[damage for damage in self._damages if damage.kind is DamageKind.OTHER],
        )

    def _mail(self, catalogue: Catalogue, damaged: set[str]) -> list[tuple[str, str, str]]:
        """Drop damaged mail in one transaction, and return the sources that start again."""
        manifest = catalogue.segments()
        checked = [(segment, self._is_sound(segment)) for segment in manifest]
        sound = [segment for segment, good in checked if good]
        lost = [segment for segment, good in checked if not good]
        pages = list(
            catalogue.sql.execute(
                "SELECT page, rows, messages, digest, provider, mailbox FROM page ORDER BY page"
            )
        )
        bad = [page for page in pages if digest(page[2]) != page[3]]
        doubtful = bool(damaged & {"segment", "page", "source"})
        if not (lost or bad or damaged):
            return []
        (self._folder / segments.FOLDER).mkdir(exist_ok=True)
        for segment in lost:
            self._note_lost(segment.mailboxes, segment.rows)
            self._move(segment.path(self._folder))
        if "segment" in damaged:
            self._move_unnamed(sound)
        empty = [
            segments.write_segment(
                self._folder, one.number, pl.DataFrame(schema=STORED_SCHEMA), rewritten=one.rewritten
            )
            for one in lost
        ]
        with catalogue.transaction(durable=True):
            catalogue.replace_segments(lost, empty)
            for number, rows, _, _, provider, mailbox in bad:
                self._note_lost(((provider, mailbox, rows),) if mailbox else (), rows)
                blank = segments.to_bytes(pl.DataFrame(schema=STORED_SCHEMA))
                catalogue.sql.execute(
                    "UPDATE page SET rows = 0, messages = ?, digest = ? WHERE page = ?",
                    (blank, digest(blank), number),
                )
            if damaged & {"segment", "page"}:
                self._find_rewritten(catalogue)
            if "state" in damaged:
                _distrust_state(catalogue)
            catalogue.new_revision(self._at)
            return _start_again(catalogue, _ANY if self._unknown or doubtful else set(self._emails))

    def _is_sound(self, segment: Segment) -> bool:
        path = segment.path(self._folder)
        if fault_of(path, size=segment.bytes, expected=segment.digest, read=True) is not None:
            return False
        return segments.fault_of_rows(path, segment, hashed=False) is None

    def _note_lost(self, mailboxes: Iterable[tuple[str, str, int]], rows: int) -> None:
        found = [*mailboxes]
        for provider, mailbox, emails in found:
            self._emails[provider, mailbox] += emails
        self._unknown += not found and rows > 0

    def _move(self, path: Path) -> None:
        with contextlib.suppress(FileNotFoundError):
            path.rename(self._aside / path.name)

    def _move_unnamed(self, manifest: Sequence[Segment]) -> None:
        """Keep the files that a damaged manifest no longer names, because the next writer would remove them."""
        named = {segment.path(self._folder) for segment in manifest}
        for path in (self._folder / segments.FOLDER).iterdir():
            if path not in named:
                self._move(path)

    def _find_rewritten(self, catalogue: Catalogue) -> None:
        """Find again which keys have older versions in older parts, where the catalogue's own lists are in doubt."""
        earlier = NO_KEYS
        for segment in catalogue.segments():
            keys = (
                segments.scan_segments([segment.path(self._folder)])
                .select(KEY_HASH)
                .collect()[KEY_HASH]
                .to_numpy()
            )
            again = np.union1d(np.intersect1d(keys, earlier), segment.rewritten)
            catalogue.sql.execute(
                "UPDATE segment SET rewritten = ? WHERE segment = ?",
                (again.astype("<u8").tobytes(), segment.number),
            )
            earlier = np.union1d(earlier, keys)
        pages = catalogue.sql.execute("SELECT page, messages, rewritten FROM page ORDER BY page").fetchall()
        for number, messages, rewritten in pages:
            keys = pl.read_ipc(messages)[KEY_HASH].to_numpy()
            again = np.union1d(np.intersect1d(keys, earlier), as_keys(rewritten))
            catalogue.sql.execute(
                "UPDATE page SET rewritten = ? WHERE page = ?", (again.astype("<u8").tobytes(), number)
            )
            earlier = np.union1d(earlier, keys)


def _distrust_state(catalogue: Catalogue) -> None:
    """Let hashes, judgements and privacy of subjects be decided anew, because their record is in doubt."""
    catalogue.sql.execute(
        "UPDATE state SET hashing = 'none yet', rules = 0, subjects = 'keep', kept_since = NULL, wipe = 1"
    )


def _start_again(catalogue: Catalogue, mailboxes: set[tuple[str, str]] | None) -> list[tuple[str, str, str]]:
    """Forget the cursors of mailboxes, of all of them for None, and of interchange files; return their sources."""
    rows = catalogue.sql.execute("SELECT provider, mailbox, source FROM source ORDER BY 1, 2, 3").fetchall()
    chosen = [row for row in rows if mailboxes is None or row[:2] in mailboxes or row[0] == INTERCHANGE]
    for row in chosen:
        catalogue.forget_cursor(*row)
    return chosen
