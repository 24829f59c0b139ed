"""Touches kept beside the messages: rebuilt whenever messages, account book or settings change.

Derived tables are never a source of truth. Each set lies in a folder named by a fingerprint of all that decides it;
a set is written whole and then given its name, so that a reader finds all of it or nothing. A file beside it is the
lock of its readers, and a set is replaced or removed only by whoever holds that lock alone.
"""

import contextlib
import dataclasses
import datetime as dt
import shutil
import tempfile
from pathlib import Path

import polars as pl

from mailsignals.accounts import Book, Company, match
from mailsignals.accounts.fingerprint import fingerprint
from mailsignals.store.messages.lock import discard, lock_alone, lock_shared
from mailsignals.store.messages.store import Store
from mailsignals.touches.build import Touches, TouchRules, build

_LAYOUT = 4
"""Raised whenever touches are built differently, so that older sets are not taken for current ones."""

_KEPT_SETS = 3
"""Somebody may still read the set before the newest, and two configurations may take turns with one store."""

_LOCK = ".lock"
_DRAFT = "draft-"
_DRAFT_SECONDS = 86_400
"""A draft that is older than the newest set by this much was left by a program that died."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Directory:
    """The company, the account list and the free-mail domains that decide which account an address belongs to."""

    company: Company
    book: Book
    free_mail: frozenset[str]

    def __call__(self, addresses: pl.Series) -> pl.DataFrame:
        """Distinct addresses to ``MATCH_SCHEMA``."""
        return match(addresses, company=self.company, book=self.book, free_mail=self.free_mail)

    @property
    def key(self) -> str:
        """A fingerprint of everything that decides the answers."""
        roles = sorted(self.company.roles.items())
        return fingerprint([self.company.key, roles, self.book.key, sorted(self.free_mail)])


@dataclasses.dataclass(frozen=True, kw_only=True)
class Derived:
    """The touches of a store, as frames to scan."""

    touches: pl.LazyFrame
    """``TOUCH_SCHEMA``."""
    links: pl.LazyFrame
    """``LINK_SCHEMA``."""
    programs: pl.LazyFrame
    """``PROGRAM_SCHEMA``."""
    strangers: pl.DataFrame
    """``STRANGER_SCHEMA``."""
    people: pl.DataFrame
    """``MATCH_SCHEMA`` after ``person``."""
    unsettled: pl.DataFrame
    """``PERIOD_SCHEMA``: instants for which these are not the touches that were known then."""


def derived(store: Store, directory: Directory, rules: TouchRules) -> Derived:
    """The touches of everything stored; from the kept set if it is current, which stays until the store is closed."""
    parts = [_LAYOUT, store.revision, directory.key, dataclasses.asdict(rules), pl.__version__]
    folder = store.derived_folder / fingerprint(parts)
    kept = _open(store, folder)
    if kept is not None:
        return kept
    touches = build(store.messages(), directory, rules)
    # A set that cannot be kept (a full disk, a read-only folder) only costs time. Polars words the former as its own.
    with contextlib.suppress(OSError, pl.exceptions.ComputeError):
        _keep(touches, folder)
    kept = _open(store, folder)
    with contextlib.suppress(OSError):
        for outdated in _outdated(folder):
            _remove(outdated)
    return kept or _in_memory(touches)


def derived_at(store: Store, directory: Directory, rules: TouchRules, as_of: dt.datetime) -> Derived:
    """The touches as they were known at an instant, for those instants that lie in an unsettled period."""
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
    """The set in a folder, which nobody replaces or removes before the store is closed; none where it is not whole."""
    if not folder.is_dir():
        return None
    reading = lock_shared(_lock(folder))
    found = _read(folder)
    if reading is not None:
        if found is None:
            reading.close()
        else:
            store.keep_open(reading)
    return found


def _lock(folder: Path) -> Path:
    """The file that is locked for a set: beside it, since a folder with an open file cannot be renamed on Windows."""
    return folder.with_name(folder.name + _LOCK)


def _read(folder: Path) -> Derived | None:
    """The set in a folder; none if there is none, or if a file of it is missing or was cut short."""
    try:
        found = Derived(
            touches=pl.scan_parquet(folder / "touches.parquet"),
            links=pl.scan_parquet(folder / "links.parquet"),
            programs=pl.scan_parquet(folder / "programs.parquet"),
            strangers=pl.read_parquet(folder / "strangers.parquet"),
            people=pl.read_parquet(folder / "people.parquet"),
            unsettled=pl.read_parquet(folder / "unsettled.parquet"),
        )
        for frame in (found.touches, found.links, found.programs):
            frame.collect_schema()  # which reads the end of the file, and so knows that it is there
    except (OSError, pl.exceptions.PolarsError):
        return None
    return found


def _keep(touches: Touches, folder: Path) -> None:
    """Write the set under another name, and give it its own unless a whole set has that by then."""
    folder.parent.mkdir(exist_ok=True)
    draft = _new_draft(folder.parent)
    try:
        touches.frame.write_parquet(draft / "touches.parquet", compression="lz4")
        touches.links.write_parquet(draft / "links.parquet", compression="lz4")
        touches.programs.write_parquet(draft / "programs.parquet", compression="lz4")
        touches.strangers.write_parquet(draft / "strangers.parquet")
        touches.people.write_parquet(draft / "people.parquet")
        touches.unsettled.write_parquet(draft / "unsettled.parquet")
        if folder.exists():
            _replace_damaged(folder, draft)
        else:
            draft.rename(folder)  # fails where another process was quicker, whose set is the same
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _new_draft(parent: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=parent, prefix=_DRAFT))


def _replace_damaged(folder: Path, draft: Path) -> None:
    """Put a draft in the place of a set that is not whole; one that is whole, or that somebody reads, stays."""
    alone = lock_alone(_lock(folder))
    if alone is None:
        return
    with alone:
        if _read(folder) is None:
            _clear(folder)
            draft.rename(folder)


def _remove(folder: Path) -> None:
    """Remove a set and its lock, unless somebody reads it."""
    alone = lock_alone(_lock(folder))
    if alone is None:
        return
    try:
        if folder.exists():
            _clear(folder)
    finally:
        discard(alone, _lock(folder))


def _clear(folder: Path) -> None:
    """Remove a set that was locked, which loses its name first: a program that dies here leaves no half of a set."""
    aside = _new_draft(folder.parent)
    try:
        folder.rename(aside / folder.name)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _outdated(newest: Path) -> list[Path]:
    """Sets that nobody will want any more; drafts that nobody writes any more are removed."""
    ages = _ages(newest)
    for path in [path for path, age in ages.items() if path.name.startswith(_DRAFT)]:
        if ages.pop(path) > _DRAFT_SECONDS:
            shutil.rmtree(path, ignore_errors=True)
    sets = {path for path in ages if path.suffix != _LOCK}
    left_locks = {path.with_suffix("") for path in ages.keys() - sets} - sets
    by_age = sorted(sets - {newest}, key=lambda path: ages[path])
    return [*by_age[_KEPT_SETS - 1 :], *left_locks]


def _ages(newest: Path) -> dict[Path, float]:
    """What lies beside a set, and by how many seconds it is older; what others remove meanwhile is left out."""
    now = newest.stat().st_mtime
    found = {}
    for path in newest.parent.iterdir():
        with contextlib.suppress(FileNotFoundError):
            found[path] = now - path.stat().st_mtime
    return found
