"""Touches stored beside the messages, rebuilt whenever messages, account list or settings change.

Derived tables are never a source of truth. Each set is in a folder named by a fingerprint of its inputs. A set is
renamed when it is complete, so that readers never see half of one. A file beside it is the lock of its readers, and
only a process with an exclusive lock replaces or removes a set. Where a reader can't have the lock, it reads the whole
set at once. Each set has the digests of its files; a damaged one is dropped and built again.
"""

import contextlib
import dataclasses
import datetime as dt
import logging
import shutil
import tempfile
from pathlib import Path

import polars as pl

from mailsignals.accounts import Book, Company, match
from mailsignals.accounts.fingerprint import fingerprint
from mailsignals.store.messages.digests import MEMO
from mailsignals.store.messages.folder_digests import fault_of_folder, write_digests
from mailsignals.store.messages.lock import discard, lock_alone, lock_shared
from mailsignals.store.messages.store import Store
from mailsignals.touches.build import Touches, TouchRules, build

log = logging.getLogger(__name__)

_LAYOUT = 5
"""The version of building touches, increased with each change, so that older sets aren't used."""

_KEPT_SETS = 3
"""Number of sets that are kept, because an older one may be in use, also by another configuration."""

_SCANNED = ("touches", "links", "programs")

_LOCK = ".lock"
_DRAFT = "draft-"
_DRAFT_SECONDS = 86_400
"""The age, compared with the newest set, from which on a draft counts as left by a crash."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Directory:
    """The company, the account list and the free-mail domains that decide which account an address belongs to."""

    company: Company
    book: Book
    free_mail: frozenset[str]

    def __call__(self, addresses: pl.Series) -> pl.DataFrame:
        """Return the match of distinct addresses, in ``MATCH_SCHEMA``."""
        return match(addresses, company=self.company, book=self.book, free_mail=self.free_mail)

    @property
    def key(self) -> str:
        """A fingerprint of everything that decides matches."""
        roles = sorted(self.company.roles.items())
        return fingerprint([self.company.key, roles, self.book.key, sorted(self.free_mail)])


@dataclasses.dataclass(frozen=True, kw_only=True)
class Derived:
    """The touches of a store, as frames to scan."""

    touches: pl.LazyFrame
    """The touches, in ``TOUCH_SCHEMA``."""
    links: pl.LazyFrame
    """The references between touches, in ``LINK_SCHEMA``."""
    programs: pl.LazyFrame
    """Automated emails, in ``PROGRAM_SCHEMA``."""
    strangers: pl.DataFrame
    """Unknown people in threads of accounts, in ``STRANGER_SCHEMA``."""
    people: pl.DataFrame
    """The matches of people: ``person``, then ``MATCH_SCHEMA``."""
    unsettled: pl.DataFrame
    """Periods (``PERIOD_SCHEMA``) at which other touches than these were known."""


def derived(store: Store, directory: Directory, rules: TouchRules) -> Derived:
    """Return the touches of all stored messages, from the stored set if it is current.

    The files of the set stay until the store is closed.
    """
    parts = [_LAYOUT, store.revision, directory.key, dataclasses.asdict(rules), pl.__version__]
    folder = store.derived_folder / fingerprint(parts)
    kept = _open(store, folder)
    if kept is not None:
        return kept
    touches = build(store.messages(), directory, rules)
    # A set that can't be stored (full disk, read-only folder) only costs time. Polars has its own error for the former.
    with contextlib.suppress(OSError, pl.exceptions.ComputeError):
        _keep(touches, folder)
    kept = _open(store, folder)
    with contextlib.suppress(OSError):
        for outdated in _outdated(folder):
            _remove(outdated)
    return kept or _in_memory(touches)


def derived_at(store: Store, directory: Directory, rules: TouchRules, as_of: dt.datetime) -> Derived:
    """Return the touches as they were known at a time, for times in an unsettled period."""
    return _in_memory(build(store.messages(), directory, rules, seen_until=as_of))


def _in_memory(touches: Touches) -> Derived:
    return Derived(
        touches=touches.frame.lazy(),
        links=touches.links.lazy(),
        programs=touches.programs.lazy(),
        strangers=touches.strangers,
        people=touches.people,
        unsettled=touches.unsettled,
    )


def _open(store: Store, folder: Path) -> Derived | None:
    """The set in a folder, locked until the store is closed; None if it is incomplete or damaged."""
    if not folder.is_dir():
        return None
    reading = lock_shared(_lock(folder))
    found = _read(folder, whole=reading is None)
    if reading is not None:
        if found is None:
            reading.close()
        else:
            store.keep_open(reading)
    return found


def _lock(folder: Path) -> Path:
    """The lock file of a set, beside it, because Windows can't rename a folder with an open file."""
    return folder.with_name(folder.name + _LOCK)


def _read(folder: Path, *, whole: bool) -> Derived | None:
    """The set in a folder; None if there is none, or if a file is missing or isn't what was written.

    ``whole`` reads everything now, because another process may remove the set at any time.
    """
    try:
        fault = fault_of_folder(folder, read=whole)
        if fault is not None and not folder.is_dir():
            return None  # another process removed the set before it was locked
        if fault is not None:
            log.warning("derived_set_damaged", extra={"set": folder.name, "file": fault[0].name})
            return None
        found = Derived(
            touches=pl.scan_parquet(folder / "touches.parquet"),
            links=pl.scan_parquet(folder / "links.parquet"),
            programs=pl.scan_parquet(folder / "programs.parquet"),
            strangers=pl.read_parquet(folder / "strangers.parquet"),
            people=pl.read_parquet(folder / "people.parquet"),
            unsettled=pl.read_parquet(folder / "unsettled.parquet"),
        )
        if whole:
            scanned = {name: getattr(found, name).collect().lazy() for name in _SCANNED}
            return dataclasses.replace(found, **scanned)
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
    return found


def _keep(touches: Touches, folder: Path) -> None:
    """Write the set under another name, and rename it unless a complete set exists by then."""
    folder.parent.mkdir(exist_ok=True)
    draft = _new_draft(folder.parent)
    try:
        touches.frame.write_parquet(draft / "touches.parquet", compression="lz4")
        touches.links.write_parquet(draft / "links.parquet", compression="lz4")
        touches.programs.write_parquet(draft / "programs.parquet", compression="lz4")
        touches.strangers.write_parquet(draft / "strangers.parquet")
        touches.people.write_parquet(draft / "people.parquet")
        touches.unsettled.write_parquet(draft / "unsettled.parquet")
        write_digests(draft)
        (draft / MEMO).touch(mode=0o600)  # a later file would make the set look new
        if folder.exists():
            _replace_damaged(folder, draft)
        else:
            draft.rename(folder)  # fails if another process was faster; its set is equal
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _new_draft(parent: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=parent, prefix=_DRAFT))


def _replace_damaged(folder: Path, draft: Path) -> None:
    """Replace an incomplete set by a draft, unless the set is complete by now or in use."""
    alone = lock_alone(_lock(folder))
    if alone is None:
        return
    with alone:
        if _read(folder, whole=False) is None:
            _clear(folder)
            draft.rename(folder)


def _remove(folder: Path) -> None:
    """Remove a set and its lock, unless it is in use."""
    alone = lock_alone(_lock(folder))
    if alone is None:
        return
    try:
        if folder.exists():
            _clear(folder)
    finally:
        discard(alone, _lock(folder))


def _clear(folder: Path) -> None:
    """Remove a locked set, after renaming it, so that a crash here doesn't leave half of a set."""
    aside = _new_draft(folder.parent)
    try:
        folder.rename(aside / folder.name)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _outdated(newest: Path) -> list[Path]:
    """Obsolete sets; abandoned drafts are removed."""
    ages = _ages(newest)
    for path in [path for path, age in ages.items() if path.name.startswith(_DRAFT)]:
        if ages.pop(path) > _DRAFT_SECONDS:
            shutil.rmtree(path, ignore_errors=True)
    sets = {path for path in ages if path.suffix != _LOCK}
    left_locks = {path.with_suffix("") for path in ages.keys() - sets} - sets
    by_age = sorted(sets - {newest}, key=lambda path: abs(ages[path]))  # a clock may have been ahead
    return [*by_age[_KEPT_SETS - 1 :], *left_locks]


def _ages(newest: Path) -> dict[Path, float]:
    """The age in seconds, compared with a set, of everything beside it that still exists."""
    now = newest.stat().st_mtime
    found = {}
    for path in newest.parent.iterdir():
        with contextlib.suppress(FileNotFoundError):
            found[path] = now - path.stat().st_mtime
    return found
