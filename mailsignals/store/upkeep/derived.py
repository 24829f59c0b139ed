"""Touches kept beside the messages: rebuilt whenever messages, account book or settings change.

Derived tables are never a source of truth. Each set lies in a folder named by a fingerprint of all that decides it;
a set is written whole and then given its name, so that a reader finds all of it or nothing.
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
from mailsignals.store.messages.store import Store
from mailsignals.touches.build import Touches, TouchRules, build

_LAYOUT = 2
"""Raised whenever touches are built differently, so that older sets are not taken for current ones."""

_KEPT_SETS = 3
"""Somebody may still read the set before the newest, and two configurations may take turns with one store."""

_DRAFT = "draft-"
_DRAFT_SECONDS = 86_400
"""A draft that is older than the newest set by this much was left by a program that died."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Directory:
    """What decides whose an address is."""

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
    people: pl.DataFrame
    """``MATCH_SCHEMA`` after ``person``."""
    unsettled: pl.DataFrame
    """``PERIOD_SCHEMA``: instants for which these are not the touches that were known then."""


def derived(store: Store, directory: Directory, rules: TouchRules) -> Derived:
    """The touches of everything stored; from the kept set if it is current."""
    parts = [_LAYOUT, store.revision, directory.key, dataclasses.asdict(rules), pl.__version__]
    folder = store.derived_folder / fingerprint(parts)
    kept = _read(folder)
    if kept is not None:
        return kept
    touches = build(store.messages(), directory, rules)
    # A set that cannot be kept (a full disk, a read-only folder) only costs time. Polars words the former as its own.
    with contextlib.suppress(OSError, pl.exceptions.ComputeError):
        _keep(touches, folder)
    return _read(folder) or _in_memory(touches)


def derived_at(store: Store, directory: Directory, rules: TouchRules, as_of: dt.datetime) -> Derived:
    """The touches as they were known at an instant, for those instants that lie in an unsettled period."""
    return _in_memory(build(store.messages(), directory, rules, seen_until=as_of))


def _in_memory(touches: Touches) -> Derived:
    return Derived(
        touches=touches.frame.lazy(),
        links=touches.links.lazy(),
        people=touches.people,
        unsettled=touches.unsettled,
    )


def _read(folder: Path) -> Derived | None:
    """The set in a folder; none if there is none, or if a file of it is missing or was cut short."""
    try:
        found = Derived(
            touches=pl.scan_parquet(folder / "touches.parquet"),
            links=pl.scan_parquet(folder / "links.parquet"),
            people=pl.read_parquet(folder / "people.parquet"),
            unsettled=pl.read_parquet(folder / "unsettled.parquet"),
        )
        found.touches.collect_schema()  # which reads the end of the file, and so knows that it is there
        found.links.collect_schema()
    except (OSError, pl.exceptions.PolarsError):
        return None
    return found


def _keep(touches: Touches, folder: Path) -> None:
    """Write the set under another name, rename it, then remove what is no longer of use."""
    folder.parent.mkdir(exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=_DRAFT))
    try:
        touches.frame.write_parquet(draft / "touches.parquet", compression="lz4")
        touches.links.write_parquet(draft / "links.parquet", compression="lz4")
        touches.people.write_parquet(draft / "people.parquet")
        touches.unsettled.write_parquet(draft / "unsettled.parquet")
        shutil.rmtree(folder, ignore_errors=True)  # a damaged set; a good one would have been taken
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    for outdated in _outdated(folder):
        shutil.rmtree(outdated, ignore_errors=True)


def _outdated(newest: Path) -> list[Path]:
    """Sets that nobody will want any more, and drafts that nobody writes any more."""
    ages = {path: newest.stat().st_mtime - path.stat().st_mtime for path in newest.parent.iterdir()}
    drafts = {path for path in ages if path.name.startswith(_DRAFT)}
    sets = sorted(ages.keys() - drafts - {newest}, key=lambda path: ages[path])
    return [*sets[_KEPT_SETS - 1 :], *(path for path in drafts if ages[path] > _DRAFT_SECONDS)]
